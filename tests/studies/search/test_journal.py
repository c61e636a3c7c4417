"""What is drawn next follows from the seed and the finished trials, and gets better."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import fmean

import pytest

from grnpyg.studies.search import Candidate, Tuning, read_tuning
from grnpyg.studies.search.journal import ModelTrials, opened

Write = Callable[..., Path]
BEST = -2.0  # log10 of the learning rate that a made-up model likes


@pytest.fixture
def tuning(write: Write) -> Tuning:
    space = {"training.lr": {"low": 1e-4, "high": 1.0, "log": True}, "loss": {"choices": ["bce", "focal"]}}
    return read_tuning(write(space=space))


def drawn(tuning: Tuning, candidate: Candidate, folder: Path, trials: int) -> list[tuple[float, str]]:
    """Go on to so many trials; a value falls off with the distance from BEST and with focal loss."""
    with opened(folder) as storage:
        model = ModelTrials(storage, replace(tuning, trials=trials), candidate)
        while batch := model.ask():
            for trial in reversed(batch):
                number = int(trial.levels["trial"])
                params = model.draw(number).params
                value = -abs(math.log10(params["training.lr"]) - BEST) - (params["loss"] == "focal")
                model.tell(number, value)
        return [(draw.params["training.lr"], draw.params["loss"]) for draw in model.finished]


def test_stopping_changes_nothing(tuning: Tuning, tmp_path: Path) -> None:
    """Also where the estimator is at work, after its ten random trials."""
    dual, cross = tuning.candidates
    whole = drawn(tuning, dual, tmp_path / "whole", 16)
    for trials in (3, 9, 10, 11, 14, 16):
        assert drawn(tuning, dual, tmp_path / "parts", trials) == whole[:trials]
    assert len(set(whole)) == 16
    assert drawn(tuning, cross, tmp_path / "parts", 16) != whole


@pytest.mark.parametrize("stop", [1, 4, 5, 6, 14, 15])
def test_stopping_within_a_batch_changes_nothing(tuning: Tuning, tmp_path: Path, stop: int) -> None:
    """Neither does the number of trials that were asked for before, which may end within a batch."""
    batches = replace(tuning, batch=4)
    candidate = tuning.candidates[0]
    whole = drawn(batches, candidate, tmp_path / "whole", 16)
    assert drawn(batches, candidate, tmp_path / "parts", stop) == whole[:stop]
    assert drawn(batches, candidate, tmp_path / "parts", 16) == whole
    assert drawn(tuning, candidate, tmp_path / "single", 16)[:10] == whole[:10]  # these are random
    assert drawn(tuning, candidate, tmp_path / "single", 16) != whole


def test_a_batch_is_asked_for_once_and_the_next_one_when_it_is_finished(
    tuning: Tuning, tmp_path: Path
) -> None:
    with opened(tmp_path) as storage:
        model = ModelTrials(storage, replace(tuning, batch=2, trials=3), tuning.candidates[0])
        numbers = [[int(trial.levels["trial"]) for trial in model.ask()] for _ in range(2)]
        assert numbers == [[1, 2], []]
        model.tell(2, 0.5)
        assert model.ask() == []
        assert [draw.number for draw in model.finished] == [2]
        model.tell(1, None)
        assert [int(trial.levels["trial"]) for trial in model.ask()] == [3]
        model.tell(3, 0.1)
        assert model.ask() == []
        assert [draw.value for draw in model.finished] == [None, 0.5, 0.1]


@pytest.mark.slow
def test_later_trials_are_better(tuning: Tuning, tmp_path: Path) -> None:
    """Over four seeds, after the ten random trials of each: nearer to the best rate, with the better loss."""
    random, estimated = list[tuple[float, str]](), list[tuple[float, str]]()
    for seed in range(4):
        found = drawn(replace(tuning, seed=seed), tuning.candidates[0], tmp_path, 30)
        random += found[:10]
        estimated += found[10:]
    distances = [fmean(abs(math.log10(lr) - BEST) for lr, _ in part) for part in (random, estimated)]
    assert distances[1] < 0.7 * distances[0]
    shares = [fmean(loss == "bce" for _, loss in part) for part in (random, estimated)]
    assert shares[0] < 0.7 < shares[1]
