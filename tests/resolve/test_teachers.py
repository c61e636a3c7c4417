"""A teacher is an experiment on the same split that differs from its pupil in what its changes say."""

from __future__ import annotations

from typing import Any

import pytest
from extended import add_option

from grnpyg.core.errors import InputError
from grnpyg.resolve import config_hash, make_config, teacher_configs

CROSS = {"head": {"name": "cross", "dropout": 0.1}}


def pupil(changes: dict[str, Any], teacher: dict[str, Any] | None = None, **more: Any) -> Any:
    training = {"max_epochs": 7, "teacher": {"changes": changes, **(teacher or {})}}
    return make_config(
        {"seed": 5, "encoder": {"name": "lookup", "embedding_dim": 8}, "training": training, **more}
    )


def test_a_teacher_is_the_experiment_that_one_would_train_alone() -> None:
    (teacher,) = teacher_configs(pupil(CROSS))
    alone = make_config(
        {
            "seed": 5,
            "encoder": {"name": "lookup", "embedding_dim": 8},
            "training": {"max_epochs": 7},
            **CROSS,
        }
    )
    assert teacher == alone
    assert config_hash(teacher) == config_hash(alone)


def test_the_whole_config_of_a_run_says_the_same_as_its_difference() -> None:
    short = pupil(CROSS)
    (teacher,) = teacher_configs(short)
    whole = pupil(teacher.model_dump(mode="json"))
    assert whole == short
    assert config_hash(whole) == config_hash(short)
    assert config_hash(short) != config_hash(pupil({"head": "cross"}))
    assert config_hash(short) != config_hash(teacher)


@pytest.mark.parametrize(("kind", "name"), [("encoder", "sage"), ("head", "cross"), ("head", "dual")])
def test_a_new_option_of_a_component_leaves_the_hash_of_a_taught_config(
    monkeypatch: pytest.MonkeyPatch, kind: str, name: str
) -> None:
    changes = {"encoder": "sage", "head": "cross"}
    before = config_hash(pupil(changes))
    add_option(monkeypatch, kind, name)
    assert config_hash(pupil(changes)) == before
    assert config_hash(pupil(changes | {"head": {"name": "cross", "dropout": 0.1}})) != before


def test_several_seeds_are_several_teachers_on_one_split() -> None:
    config = pupil(CROSS, {"seeds": [1, 2]})
    teachers = teacher_configs(config)
    assert [(teacher.seed, teacher.split_seed) for teacher in teachers] == [(1, 5), (2, 5)]
    assert {teacher.data_seed for teacher in teachers} == {config.data_seed}
    assert make_config(config.model_dump(mode="json")) == config


def test_the_same_config_with_other_seeds_may_teach() -> None:
    teachers = teacher_configs(pupil({}, {"seeds": [1, 2, 3]}))
    assert {config_hash(teacher) for teacher in teachers} == {
        config_hash(
            make_config(
                {
                    "seed": seed,
                    "split_seed": 5,
                    "encoder": {"name": "lookup", "embedding_dim": 8},
                    "training": {"max_epochs": 7},
                }
            )
        )
        for seed in (1, 2, 3)
    }


@pytest.mark.parametrize(
    ("changes", "broken"),
    [
        ({}, "has the config of its pupil"),
        ({"head": "dual"}, "has the config of its pupil"),
        ({"seed": 6}, "split by seed 6, this experiment by 5"),
        ({"split": {"test_ratio": 0.3}}, "split is another for the teacher"),
        ({"data": {"labels": "other.csv"}}, "data is another for the teacher"),
        ({"head": "hinge"}, "Known: additive_dual"),
        ({"had": "cross"}, "had"),
    ],
)
def test_what_cannot_teach_is_refused(changes: dict[str, Any], broken: str) -> None:
    with pytest.raises(InputError, match=broken):
        pupil(changes)


@pytest.mark.parametrize(
    ("teacher", "broken"),
    [
        ("runs/0123456789ab", r"training.teacher: name a run by --teacher RUN"),
        ({"changes": CROSS, "seeds": [1, 1]}, r"training.teacher.seeds: names a seed twice"),
        ({"changes": [1]}, r"training.teacher.changes"),
    ],
)
def test_a_teacher_that_is_written_wrongly_is_one_line(teacher: Any, broken: str) -> None:
    with pytest.raises(InputError, match=broken):
        make_config({"training": {"teacher": teacher}})


def test_a_pruned_pupil_has_the_teacher_of_the_whole_one() -> None:
    config = pupil(CROSS, prune=[{"ratio": 0.5}])
    assert teacher_configs(config) == teacher_configs(pupil(CROSS))
