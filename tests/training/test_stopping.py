"""SIGTERM is no failure and no Ctrl-C: the training stops where it can go on, to the same bits."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grnpyg.core.config import ExperimentConfig
from grnpyg.core.files import sha256
from grnpyg.core.locks import held
from grnpyg.core.stopping import Stopped, deferring, stoppable
from grnpyg.resolve import config_hash
from grnpyg.training.callbacks import Begin, Checkpoint, History
from grnpyg.training.checkpoint import read_checkpoint
from grnpyg.training.train import TrainOptions, train

Experiment = Callable[..., ExperimentConfig]
LONG = {"max_epochs": 8, "patience": 8}
COMPARED = ("predictions.parquet", "model.safetensors", "split.safetensors", "metrics.parquet")


def content(run: Path) -> dict[str, str]:
    return {name: sha256(run / name) for name in COMPARED}


def ask() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


@pytest.fixture
def ask_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """`ask_at(n)`: from now on, the n-th training step sends SIGTERM to its own process."""
    begin, steps = Begin.on_train_batch_start, [0, 0]

    def step(self: Begin, *args: Any) -> None:
        steps[0] += 1
        if steps[0] == steps[1]:
            ask()
        begin(self, *args)

    monkeypatch.setattr(Begin, "on_train_batch_start", step)

    def arm(n: int) -> None:
        steps[:] = [0, n]

    return arm


@pytest.fixture
def slurm(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a job of one task finds; with it Lightning would write checkpoints and requeue by itself."""
    values = {"JOB_ID": 7, "JOB_NAME": "x", "NTASKS": 1, "LOCALID": 0, "PROCID": 0, "NODEID": 0}
    for name, value in values.items():
        monkeypatch.setenv(f"SLURM_{name}", str(value))


@pytest.mark.parametrize("first", [1, 17])
def test_a_training_that_is_stopped_again_and_again_ends_in_the_same_bits(
    experiment: Experiment, tmp_path: Path, ask_at: Callable[[int], None], slurm: None, first: int
) -> None:
    """In the first epoch, in its middle and later: no run, nothing but the checkpoint, no lock, same end."""
    config = experiment(**LONG)
    whole = train(config, TrainOptions(tmp_path / "whole"))
    runs, stops = tmp_path / "runs", 0
    partial = runs / ".partial" / config_hash(config)
    before = signal.getsignal(signal.SIGTERM)
    for wait in range(20):
        ask_at(first * 2**wait)
        try:
            resumed = train(config, TrainOptions(runs, resume=True))
        except Stopped:
            stops += 1
            assert not (runs / config_hash(config)).exists(), "a run that is not whole"
            assert not held(partial)
            left = {path.name for path in partial.iterdir()} if partial.exists() else set()
            assert left <= {"last.ckpt", "origin.json", "lock"}
            assert signal.getsignal(signal.SIGTERM) is before
        else:
            break
    assert stops > 1
    assert content(resumed.path) == content(whole.path)
    assert resumed.manifest.status == "complete"
    assert {path.name for path in runs.iterdir()} == {config_hash(config)}


def test_no_epoch_that_was_finished_is_lost(
    experiment: Experiment, tmp_path: Path, ask_at: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Checkpoints may take a small share of the time, but for the one that is written when told to stop."""
    config, finished, note = experiment(**LONG), list[int](), History.on_train_epoch_end

    def end(self: History, trainer: Any, module: Any) -> None:
        note(self, trainer, module)
        finished.append(trainer.current_epoch + 1)

    monkeypatch.setattr(History, "on_train_epoch_end", end)
    monkeypatch.setattr(Checkpoint.__init__, "__defaults__", (1e-9,))  # the first, and no other
    ask_at(60)
    with pytest.raises(Stopped):
        train(config, TrainOptions(tmp_path))
    state = read_checkpoint(tmp_path / ".partial" / config_hash(config) / "last.ckpt")
    assert len(finished) > 1
    assert [row["epoch"] for row in state["callbacks"]["History"]["rows"]] == finished


def test_it_is_raised_once() -> None:
    """A scheduler says it to every process of a job, and again: the tidying up is not interrupted."""
    tidied = []

    def work() -> None:
        with stoppable():
            try:
                ask()
            finally:
                ask()
                tidied.append(True)

    with pytest.raises(Stopped):
        work()
    assert tidied
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_a_block_that_defers_ends_first() -> None:
    done: list[object] = []

    def work() -> None:
        with stoppable():
            with deferring() as request:
                ask()
                done.append(request.asked)
            done.append("never")

    with pytest.raises(Stopped):
        work()
    assert done == [True]


def test_what_a_block_raises_because_it_was_told_to_stop_is_no_failure() -> None:
    def work(asked: bool) -> None:
        with deferring():
            if asked:
                ask()
            raise ValueError("a process of its own is gone")

    with pytest.raises(Stopped):
        work(True)
    with pytest.raises(ValueError, match="of its own"):
        work(False)


def test_the_handler_of_a_program_stays() -> None:
    """A program that uses the library may have its own way to end; so may one that trains in a thread."""
    heard: list[int] = []

    def mine(number: int, _: Any) -> None:
        heard.append(number)

    before = signal.signal(signal.SIGTERM, mine)
    try:
        with stoppable(), deferring() as request:
            ask()
        assert (heard, request.asked) == ([signal.SIGTERM], False)
    finally:
        signal.signal(signal.SIGTERM, before)

    def elsewhere() -> None:
        with stoppable(), deferring() as request:
            heard.append(request.asked)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert heard == [signal.SIGTERM, False]


def test_an_exception_handler_does_not_take_it_for_a_failure() -> None:
    code = (
        "import os, signal\nfrom grnpyg.core.stopping import stoppable\n"
        "with stoppable():\n"
        "    try: os.kill(os.getpid(), signal.SIGTERM)\n"
        "    except Exception: print('a failure')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Stopped: told to end by SIGTERM" in done.stderr
