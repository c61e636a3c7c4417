"""Where a trial stands is read off the folder of the runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from grnpyg.core.locks import locked
from grnpyg.studies import Store, Study, Trial
from grnpyg.studies.estimate import duration, seconds_left

ReadStudy = Callable[..., Study]
MODEL = {"model": {"auroc": 0.5, "ap": 0.5}}


@pytest.fixture
def trials(study: ReadStudy) -> tuple[Trial, ...]:
    return study(axes={"head": {"dual": {}, "cross": {"head": "cross"}}, "seed": [1, 2, 3]}).trials


def test_states(trials: tuple[Trial, ...], tmp_path: Path, pretend: Callable[..., None]) -> None:
    store, trial = Store(tmp_path), trials[0]
    assert store.state(trial) == "pending"
    with locked(tmp_path / ".partial" / trial.hash):
        assert store.state(trial) == "running"
        assert store.held(trial)
    assert store.state(trial) == "pending"
    assert not list(tmp_path.rglob(trial.hash))
    partial = tmp_path / ".partial" / trial.hash
    with locked(partial):
        (partial / "last.ckpt").touch()
    assert store.state(trial) == "interrupted"
    store.fail(trial, "KeyError: 'x\n  y'", "Traceback ...")
    assert store.state(trial) == "failed"
    store.forget(trial)
    assert store.state(trial) == "interrupted"
    pretend(tmp_path, trial, MODEL, status="interrupted")  # Ctrl-C in `grnpyg train`
    assert store.state(trial) == "interrupted"
    (tmp_path / trial.hash / "manifest.json").write_text("{")
    assert store.state(trial) == "interrupted"
    pretend(tmp_path, trials[1], MODEL)
    store.fail(trials[1], "an older error")
    assert store.state(trials[1]) == "done"
    assert [store.state(other) for other in trials[2:]] == ["pending"] * 4


def test_looking_leaves_nothing_behind(trials: tuple[Trial, ...], tmp_path: Path) -> None:
    for trial in trials:
        assert Store(tmp_path / "runs").state(trial) == "pending"
        Store(tmp_path / "runs").forget(trial)
    assert list(tmp_path.iterdir()) == [tmp_path / "study.yaml"]


def test_a_failure_is_one_line_with_its_traceback(trials: tuple[Trial, ...], tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.fail(trials[0], "ValueError: two\nlines", "Traceback:\n  line")
    (file,) = (tmp_path / ".failed").iterdir()
    content = json.loads(file.read_text())
    assert file.stem == content["hash"] == trials[0].hash
    assert (content["trial"], content["study"]) == ("head=dual seed=1", "study")
    assert content["error"] == store.error(trials[0]) == "ValueError: two lines"
    assert content["traceback"] == "Traceback:\n  line"
    assert content["time"]


def test_the_time_left(study: ReadStudy) -> None:
    axes = {"negatives.ratio": [1, 2], "seed": [1, 2, 3]}
    one, two, three, *others = study(axes=axes).trials
    trials = (one, two, three, *others)
    assert seconds_left([], trials, {}, 1) == 0
    assert seconds_left([three], trials, {}, 1) is None
    assert seconds_left([three], trials, {one.hash: 2.0, two.hash: 4.0}, 1) == 3
    assert seconds_left([three, *others], trials, {one.hash: 2.0, two.hash: 4.0}, 1) == 12
    assert seconds_left([three, *others], trials, {one.hash: 2.0, two.hash: 4.0}, 100) == 3
    assert seconds_left([three, *others[1:]], trials, {one.hash: 2.0, others[0].hash: 8.0}, 1) == 18


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, "unknown time"), (0, "0 s"), (59.6, "1 min 00 s"), (3900, "1 h 05 min"), (90000, "25 h 00 min")],
)
def test_durations(seconds: float | None, words: str) -> None:
    assert duration(seconds) == words
