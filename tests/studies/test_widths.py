"""Trials whose widths are set by the parameter count of another trial."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import pytest

from grnpyg.core.errors import InputError
from grnpyg.studies import Study, resolve_widths

ReadStudy = Callable[..., Study]
CROSS = {"head": {"name": "cross", "hidden_channels": 8}}
HEADS = {"dual": {"head": {"hidden_channels": 700}}, "cross": CROSS}


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """One entry for every data set that is loaded."""
    prepare = importlib.import_module("grnpyg.training.prepare")

    calls, load = list[object](), prepare.load_grn

    def count(*arguments: Any, **options: Any) -> Any:
        calls.append(arguments)
        return load(*arguments, **options)

    monkeypatch.setattr(prepare, "load_grn", count)
    return calls


@pytest.mark.slow
def test_the_widths_of_a_trial_are_matched_to_its_partner(study: ReadStudy, loaded: list[object]) -> None:
    """Also where the partner is not in the study itself; each data set is loaded once."""
    from grnpyg.models.matching import TOLERANCE, count_parameters
    from grnpyg.studies.datasets import Datasets

    axes = {"head": HEADS, "encoder.embedding_dim": [4, 16], "seed": [1, 2]}
    exclude = {"head": "dual", "encoder.embedding_dim": 16}
    drafts = study(axes=axes, match={"axis": "head", "to": "dual"}, exclude=exclude)
    plain = study(axes=axes, exclude=exclude)
    assert [trial.matched for trial in drafts.trials] == [True, True, False, False, False, False]
    assert loaded == []
    found = resolve_widths(drafts)
    assert len(loaded) == 2
    trials = {tuple(trial.levels.values()): trial for trial in found.trials}
    graph = Datasets().get(found.trials[0].config).graph
    for size in (4, 16):
        levels = {"head": "dual", "encoder.embedding_dim": str(size), "seed": "1"}
        partner = found.trial_at(levels).config
        budget = count_parameters(graph, partner.encoder, partner.head)
        trial = trials["cross", str(size), "1"]
        count = count_parameters(graph, trial.config.encoder, trial.config.head)
        assert abs(count - budget) <= TOLERANCE * budget
        assert trial.notes == (f"matched to {budget:,} parameters (head=dual): {count:,}",)
        assert trial.config.encoder["embedding_dim"] == size
    assert [trial.hash for trial in found.trials[:2]] == [trial.hash for trial in plain.trials[:2]]
    assert [trial.levels for trial in found.trials] == [trial.levels for trial in plain.trials]
    assert resolve_widths(found) is found


def test_only_some_levels_are_matched(study: ReadStudy) -> None:
    heads = {**HEADS, "matched": CROSS}
    match = {"axis": "head", "to": "dual", "levels": ["matched"]}
    trials = resolve_widths(study(axes={"head": heads}, match=match)).trials
    assert trials[1].config.head == {**trials[1].config.head, "hidden_channels": 8}
    assert trials[2].config.head["hidden_channels"] > 8
    assert [bool(trial.notes) for trial in trials] == [False, False, True]


def test_no_data_are_loaded_behind_ones_back(study: ReadStudy, loaded: list[object]) -> None:
    """A hash that depends on the data is asked for with a call that says so, never by a property."""
    dual, cross = study(axes={"head": HEADS}, match={"axis": "head", "to": "dual"}).trials
    assert dual.known_hashes == dual.hashes
    assert cross.known_hashes == ()
    with pytest.raises(InputError, match=r"trial head=cross: .*resolve_widths"):
        _ = cross.hash
    assert loaded == []
