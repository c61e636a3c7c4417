"""From a study file to trials."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grnpyg.core.errors import InputError
from grnpyg.resolve import config_hash, make_config
from grnpyg.studies import Study, read_study

ReadStudy = Callable[..., Study]
Write = Callable[..., Path]
HEADS = {"dual": None, "cross": {"head": {"name": "cross", "hidden_channels": 8}}}
AXES = {"head": HEADS, "negatives.ratio": [1, 5.0], "seed": [1, 2, 3]}


def test_a_trial_for_every_combination_in_the_order_of_the_axes(study: ReadStudy) -> None:
    found = study(axes=AXES)
    assert (found.name, found.over) == ("study", ("seed",))
    assert [tuple(trial.levels.values()) for trial in found.trials] == [
        (head, ratio, seed) for head in ("dual", "cross") for ratio in ("1", "5") for seed in ("1", "2", "3")
    ]
    trial = found.trials[-1]
    assert trial.name == "head=cross negatives.ratio=5 seed=3"
    assert (trial.config.head["name"], trial.config.negatives.ratio, trial.config.seed) == ("cross", 5.0, 3)
    assert len({trial.hash for trial in found.trials}) == len(found.trials)
    assert found.trials[0].group == found.trials[1].group != found.trials[3].group


def test_a_trial_is_the_config_that_one_would_write_by_hand(study: ReadStudy, base: dict[str, Any]) -> None:
    by_hand = {**base, "head": HEADS["cross"]["head"], "negatives": {"ratio": 5}, "seed": 3}  # type: ignore[index]
    assert study(axes=AXES).trials[-1].hash == config_hash(make_config(by_hand))


def test_later_axes_are_laid_over_earlier_ones(study: ReadStudy) -> None:
    axes = {"a": {"x": {"seed": 1, "training": {"lr": 0.5}}}, "b": {"y": {"seed": 2}}}
    (trial,) = study(axes=axes).trials
    assert (trial.config.seed, trial.config.training.lr) == (2, 0.5)


def test_files_are_relative_to_the_study(write: Write, base: dict[str, Any], tmp_path: Path) -> None:
    folder = tmp_path / "profiles"
    folder.mkdir()
    (folder / "base.yaml").write_text(yaml.safe_dump(base))
    (folder / "cross.yaml").write_text("head: {name: cross, hidden_channels: 8}\n")
    axes = {"head": {"dual": {}, "cross": "profiles/cross.yaml"}}
    path = write(axes=axes, base="profiles/base.yaml")
    trials = read_study(path).trials
    assert [trial.config.head["name"] for trial in trials] == ["dual", "cross"]
    assert trials[1].config.encoder["embedding_dim"] == base["encoder"]["embedding_dim"]


def test_a_study_without_axes_is_its_base(study: ReadStudy, base: dict[str, Any]) -> None:
    (trial,) = study(axes={}).trials
    assert trial.hash == config_hash(make_config(base))
    assert study(axes={}).over == ()


def test_two_trials_may_be_one_config(study: ReadStudy) -> None:
    trials = study(axes={"change": {"none": {}, "the default": {"training": {"patience": 10}}}}).trials
    assert len(trials) == 2
    assert trials[0].hash == trials[1].hash


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_include_and_exclude(write: Write, data: st.DataObject) -> None:
    """What is kept is what a loop over all combinations keeps."""
    sizes = {"a": 2, "b": 3, "c": 2}
    axes = {axis: {f"{axis}{i}": {} for i in range(size)} for axis, size in sizes.items()}
    entry = st.fixed_dictionaries(
        {}, optional={axis: st.lists(st.sampled_from(sorted(axes[axis])), min_size=1) for axis in axes}
    )
    include, exclude = (data.draw(st.lists(entry, max_size=2)) for _ in range(2))

    def matches(point: dict[str, str], entries: list[dict[str, list[str]]]) -> bool:
        return any(all(point[axis] in levels for axis, levels in entry.items()) for entry in entries)

    points = [{"a": a, "b": b, "c": c} for a in axes["a"] for b in axes["b"] for c in axes["c"]]
    assert len(points) == math.prod(sizes.values())
    kept = [p for p in points if (not include or matches(p, include)) and not matches(p, exclude)]
    path = write(axes=axes, include=include, exclude=exclude)
    if kept:
        assert [trial.levels for trial in read_study(path).trials] == kept
    else:
        with pytest.raises(InputError, match="leave no trial"):
            read_study(path)


def test_a_level_is_named_by_its_value(study: ReadStudy) -> None:
    found = study(axes=AXES, exclude=[{"negatives.ratio": 5, "seed": [2, "3"]}])
    assert len(found.trials) == 2 * (3 + 1)


BAD: list[tuple[dict[str, Any], tuple[str, ...]]] = [
    ({"axis": {}}, ("'axis'", "did you mean 'axes'", "compare")),
    ({"axes": None}, ("axes",)),
    ({"axes": {"seed": 5}}, ("axes.seed", "mapping", "list")),
    ({"axes": {"seed": []}}, ("axes.seed",)),
    ({"axes": {"seed": [1, 2, 1]}}, ("axes.seed", "level 1", "twice")),
    ({"axes": {"negatives.ratio": [5, 5.0]}}, ("level 5", "twice")),
    ({"axes": {"head": {"cross": 3}}}, ("axes.head.cross", "neither")),
    ({"axes": {"head": {"cross": "nowhere.yaml"}}}, ("nowhere.yaml",)),
    ({"axes": {"row": {"x": {}}}}, ("'row'",)),
    ({"axes": {"negatives.ration": [1]}}, ("trial negatives.ration=1", "did you mean 'ratio'")),
    ({"axes": {"seed": [1, -1]}}, ("trial seed=-1", "seed")),
    ({"axes": {"seed.x": [1]}}, ("trial seed.x=1", "seed")),
    ({"axes": {"head": {"mine": {"head": {"name": "crss"}}}}}, ("trial head=mine", "did you mean 'cross'")),
    ({"axes": {"head": {"mine": {"head": {"tau": 1}}}}}, ("trial head=mine", "'tau'", "temperature")),
    ({"base": 5}, ("base", "neither")),
    ({"base": "nowhere.yaml"}, ("nowhere.yaml",)),
    ({"name": "two words"}, ("two words",)),
    ({"exclude": [{"sede": 1}]}, ("exclude", "unknown axis 'sede'", "did you mean 'seed'")),
    ({"exclude": {"seed": [1, 9]}}, ("exclude", "unknown level of seed '9'", "1, 2")),
    ({"include": [{"head": "crss"}]}, ("include", "did you mean 'cross'")),
    ({"include": [{"seed": 1}], "exclude": [{"seed": 1}]}, ("leave no trial",)),
    ({"exclude": "seed"}, ("exclude",)),
    ({"over": "sede"}, ("over", "did you mean 'seed'")),
    ({"compare": {"axis": "heads", "level": "cross", "to": "dual"}}, ("compare", "did you mean 'head'")),
    ({"compare": {"axis": "head", "level": "crss", "to": "dual"}}, ("compare", "did you mean 'cross'")),
    ({"compare": {"axis": "head", "levle": "cross", "to": "dual"}}, ("compare", "'levle'", "level")),
    ({"compare": {"axis": "head", "level": "cross"}}, ("compare", "to")),
    ({"compare": {"axis": "head", "level": "dual", "to": "dual"}}, ("compare", "themselves")),
    ({"compare": {"axis": "seed", "level": 1, "to": 2}}, ("compare", "themselves")),
    ({"match": {"axis": "head", "to": "duall"}}, ("match", "did you mean 'dual'")),
    ({"match": {"axis": "head", "too": "dual"}}, ("match", "'too'")),
]


@pytest.mark.parametrize(("keys", "says"), BAD, ids=[str(keys) for keys, _ in BAD])
def test_a_bad_study_is_refused_in_one_line(
    write: Write, keys: dict[str, Any], says: tuple[str, ...]
) -> None:
    path = write(**{"axes": {"head": HEADS, "seed": [1, 2]}, **keys})
    with pytest.raises(InputError) as error:
        read_study(path)
    assert [text for text in says if text.lower() not in str(error.value).lower()] == [], error.value
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["- a\n", "5\n", "axes: [\n", "axes: {1: 2}\n", "seed: 1\n", ""])
def test_files_that_are_no_studies(tmp_path: Path, text: str) -> None:
    path = tmp_path / "study.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=r"study\.yaml"):
        read_study(path)


def test_a_run_counted_twice_is_refused(study: ReadStudy) -> None:
    """A later axis that sets the seed makes one run out of two: n = 2 and an interval of no width."""
    axes = {"seed": [1, 2], "head": {"dual": {"seed": 5}, "cross": {"head": {"name": "cross"}}}}
    with pytest.raises(InputError, match=r"seed=1 head=dual and seed=2 head=dual are the same experiment"):
        study(axes=axes)


@pytest.mark.parametrize("axes", [{"head": ["dual"], "Head": ["cross"]}, {"f1": [1]}, {"found": [1]}])
def test_axes_that_a_table_cannot_tell_apart_are_refused(study: ReadStudy, axes: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"cannot be called|differ only in capitals"):
        study(axes=axes)
