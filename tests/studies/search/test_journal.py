"""What is drawn next follows from the seed and the finished trials, and gets better."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import fmean

import pytest

from grnpyg.studies.search import Candidate, Tuning, read_tuning
from grnpyg.studies.search.journal import next_params, opened, study_of

Write = Callable[..., Path]
BEST = -2.0  # log10 of the learning rate that a made-up model likes


@pytest.fixture
def tuning(write: Write) -> Tuning:
    space = {"training.lr": {"low": 1e-4, "high": 1.0, "log": True}, "loss": {"choices": ["bce", "focal"]}}
    return read_tuning(write(space=space))


def drawn(tuning: Tuning, candidate: Candidate, folder: Path, trials: int) -> list[tuple[float, str]]:
    """Go on to so many trials; a value falls off with the distance from BEST and with focal loss."""
    from optuna.trial import create_trial

    with opened(folder) as storage:
        study = study_of(storage, tuning, candidate)
        while len(study.trials) < trials:
            params, distributions = next_params(study.trials, tuning, candidate)
            value = -abs(math.log10(params["training.lr"]) - BEST) - (params["loss"] == "focal")
            study.add_trial(create_trial(params=params, distributions=distributions, value=value))
        return [(trial.params["training.lr"], trial.params["loss"]) for trial in study.trials]


def test_stopping_changes_nothing(tuning: Tuning, tmp_path: Path) -> None:
    """Also where the estimator is at work, after its ten random trials."""
    dual, cross = tuning.candidates
    whole = drawn(tuning, dual, tmp_path / "whole", 16)
    for trials in (3, 9, 10, 11, 14, 16):
        assert drawn(tuning, dual, tmp_path / "parts", trials) == whole[:trials]
    assert len(set(whole)) == 16
    assert drawn(tuning, cross, tmp_path / "parts", 16) != whole


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
