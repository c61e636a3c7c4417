"""A run that was killed and resumed ends in the bits that an undisturbed run ends in."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from grnpyg.core.config import ExperimentConfig
from grnpyg.core.errors import InputError
from grnpyg.core.files import sha256
from grnpyg.resolve import config_hash
from grnpyg.runs import Run
from grnpyg.training.callbacks import History
from grnpyg.training.checkpoint import read_checkpoint
from grnpyg.training.train import TrainOptions, train

Experiment = Callable[..., ExperimentConfig]
LONG = {"max_epochs": 16, "patience": 16}
EVENTS = 300_000  # calls and returns; an epoch makes about as many
COMPARED = ("predictions.parquet", "model.safetensors", "split.safetensors", "metrics.parquet")


def _content(run: Path) -> dict[str, str]:
    return {name: sha256(run / name) for name in COMPARED}


@pytest.fixture(scope="module")
def undisturbed(experiment: Experiment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a long run that nothing interrupted."""
    torch.set_num_threads(1)
    return train(experiment(**LONG), TrainOptions(tmp_path_factory.mktemp("undisturbed"))).path


def _train_until(
    config: ExperimentConfig, runs: Path, epoch: int, events: int, number: signal.Signals
) -> int:
    """Train in a process that sends itself a signal, so many calls and returns after an epoch; its exit code.

    Moments are counted in calls and returns of functions, not in seconds: so they lie inside the training
    however fast it runs.
    """
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    left, after_epoch = events, History.on_train_epoch_end

    def count(frame: FrameType, event: str, arg: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), number)

    def armed(self: History, trainer: Any, module: Any) -> None:
        after_epoch(self, trainer, module)
        if trainer.current_epoch + 1 == epoch:
            sys.setprofile(count)

    code = 1
    try:
        History.on_train_epoch_end = armed  # type: ignore[method-assign]
        train(config, TrainOptions(runs))
        code = 0
    finally:
        os._exit(code)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Bits are equal for an equal number of threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.slow
@pytest.mark.parametrize("moment", range(5))
def test_killed_and_resumed(experiment: Experiment, tmp_path: Path, undisturbed: Path, moment: int) -> None:
    """SIGKILL at a random moment of a random epoch; the resumed run equals the undisturbed one."""
    config, rng = experiment(**LONG), random.Random(moment)
    epoch, events = rng.randrange(1, LONG["max_epochs"] - 1), rng.randrange(1, EVENTS)
    code = _train_until(config, tmp_path / "runs", epoch, events, signal.SIGKILL)
    assert code == -signal.SIGKILL
    assert not (tmp_path / "runs" / config_hash(config)).exists(), "the run was over before it was killed"
    resumed = train(config, TrainOptions(tmp_path / "runs", resume=True))
    assert _content(resumed.path) == _content(undisturbed)
    assert not (tmp_path / "runs" / ".partial" / config_hash(config)).exists()


@pytest.mark.slow
def test_ctrl_c_keeps_the_best_weights(experiment: Experiment, tmp_path: Path, undisturbed: Path) -> None:
    """SIGINT after the first epochs: a run marked interrupted, and --resume completes it to the bit."""
    config = experiment(**LONG)
    assert _train_until(config, tmp_path / "runs", 4, EVENTS // 2, signal.SIGINT) == 0
    interrupted = Run.load(tmp_path / "runs" / config_hash(config))
    assert interrupted.manifest.status == "interrupted"
    state = read_checkpoint(tmp_path / "runs" / ".partial" / config_hash(config) / "last.ckpt")
    for name, weight in load_file(interrupted.path / "model.safetensors").items():
        assert torch.equal(weight, state["callbacks"]["Best"]["weights"][f"model.{name}"]), name
    assert 0 < interrupted.manifest.best_epoch <= interrupted.manifest.epochs < LONG["max_epochs"]
    resumed = train(config, TrainOptions(tmp_path / "runs", resume=True))
    assert resumed.manifest.status == "complete"
    assert _content(resumed.path) == _content(undisturbed)


DISJOINT = {
    "encoder": {"name": "sage", "inputs": "id", "hidden_channels": 8, "out_channels": 8, "dropout": 0.2},
    "disjoint_train_ratio": 0.3,
    "max_epochs": 2,
}
STRUCTURE = {"structure": {"features": ["degree", "ease"]}, "disjoint_train_ratio": 0.3, "max_epochs": 3}
COLD = {**STRUCTURE, "cold_folds": True, "max_epochs": 3}
OUTPUTS = {
    "encoder": "none",
    "head": "zero",
    "structure": {
        "features": ["degree", "ease"],
        "top_features": ["degree"],
        "outputs": ["uniform", "same_tf"],
    },
    "disjoint_train_ratio": 0.3,
    "schedule": "cosine",
    "max_epochs": 3,
}
RESUMED = {
    "lookup": {"max_epochs": 6, "patience": 2},
    "disjoint": DISJOINT,
    "structure": STRUCTURE,
    "cold folds": COLD,
    "cosine, sparse table": {"schedule": "cosine", "max_epochs": 3},
    "outputs and a top": OUTPUTS,
}


@pytest.mark.parametrize("changes", RESUMED.values(), ids=RESUMED)
def test_every_epoch_is_a_place_to_resume_from(
    experiment: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]
) -> None:
    """Stopped right after each checkpoint in turn, early stopping included."""
    from grnpyg.training.checkpoint import SafeCheckpointIO

    config = experiment(**changes)
    whole = train(config, TrainOptions(tmp_path / "whole"))
    save = SafeCheckpointIO.save_checkpoint
    for stop in range(1, 2 * whole.manifest.epochs + 1):
        saved = 0

        def stopping(self: SafeCheckpointIO, *args: Any, stop: int = stop, **options: Any) -> None:
            nonlocal saved
            save(self, *args, **options)
            saved += 1
            if saved == stop:
                raise RuntimeError("stopped")

        runs = tmp_path / f"{stop}"
        monkeypatch.setattr(SafeCheckpointIO, "save_checkpoint", stopping)
        with contextlib.suppress(RuntimeError):
            train(config, TrainOptions(runs))
        monkeypatch.setattr(SafeCheckpointIO, "save_checkpoint", save)
        resumed = train(config, TrainOptions(runs, resume=True))
        assert _content(resumed.path) == _content(whole.path), f"stopped after checkpoint {stop}"


def test_an_interrupted_run_is_not_lost_by_accident(experiment: Experiment, tmp_path: Path) -> None:
    """Without --resume or --overwrite an interrupted run is left alone; a truncated checkpoint says so."""
    config = experiment()
    scratch = tmp_path / ".partial" / config_hash(config)
    scratch.mkdir(parents=True)
    (scratch / "last.ckpt").write_bytes(b"half")
    with pytest.raises(InputError, match="--resume"):
        train(config, TrainOptions(tmp_path))
    with pytest.raises(InputError, match="not a readable checkpoint"):
        train(config, TrainOptions(tmp_path, resume=True))
    assert (scratch / "last.ckpt").read_bytes() == b"half"
    assert train(config, TrainOptions(tmp_path, overwrite=True)).manifest.status == "complete"


def test_a_resumed_run_keeps_its_inputs(
    experiment: Experiment, labels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With other labels the old training edges may be new test edges: going on would leak them."""
    from grnpyg.training.checkpoint import SafeCheckpointIO

    mine = tmp_path / "labels.tsv"
    mine.write_bytes(labels.read_bytes())
    config = experiment(data={"expression": None, "labels": str(mine)})
    save = SafeCheckpointIO.save_checkpoint

    def stopping(self: SafeCheckpointIO, *args: Any, **options: Any) -> None:
        save(self, *args, **options)
        if Path(args[1]).name == "last.ckpt":
            raise RuntimeError("stopped")

    monkeypatch.setattr(SafeCheckpointIO, "save_checkpoint", stopping)
    with pytest.raises(RuntimeError, match="stopped"):
        train(config, TrainOptions(tmp_path / "runs"))
    monkeypatch.setattr(SafeCheckpointIO, "save_checkpoint", save)
    header, *rows = mine.read_text().splitlines()
    mine.write_text("\n".join([header, *rows[1:]]) + "\n")
    with pytest.raises(InputError, match="inputs changed since the run was interrupted"):
        train(config, TrainOptions(tmp_path / "runs", resume=True))
    mine.write_bytes(labels.read_bytes())
    resumed = train(config, TrainOptions(tmp_path / "runs", resume=True))
    assert _content(resumed.path) == _content(train(config, TrainOptions(tmp_path / "whole")).path)


def test_a_finished_run_is_handed_back_and_says_so(experiment: Experiment, tmp_path: Path) -> None:
    config, said = experiment(max_epochs=1), list[str]()
    assert not train(config, TrainOptions(tmp_path)).reused
    assert train(config, TrainOptions(tmp_path), say=said.append).reused
    assert "already trained" in said[0]


def test_a_kill_after_the_run_was_written_leaves_nothing_to_resume(
    experiment: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rename into place comes before the scratch folder is emptied; a kill between leaves both."""
    from grnpyg.training import materialise as module

    config = experiment(max_epochs=2)
    emptied = module.empty
    monkeypatch.setattr(module, "empty", lambda folder: None)
    first = train(config, TrainOptions(tmp_path))
    assert (tmp_path / ".partial" / config_hash(config) / "last.ckpt").exists()
    monkeypatch.setattr(module, "empty", emptied)
    again = train(config, TrainOptions(tmp_path))
    assert again.reused
    assert again.manifest == first.manifest
    assert not (tmp_path / ".partial").exists()


def test_the_seconds_of_a_resumed_run_are_those_of_all_its_parts(
    experiment: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from grnpyg.training.checkpoint import SafeCheckpointIO

    config = experiment(max_epochs=6, patience=6)
    save = SafeCheckpointIO.save_checkpoint

    def stopping(self: SafeCheckpointIO, *args: Any, **options: Any) -> None:
        save(self, *args, **options)
        raise RuntimeError("stopped")

    monkeypatch.setattr(SafeCheckpointIO, "save_checkpoint", stopping)
    with pytest.raises(RuntimeError, match="stopped"):
        train(config, TrainOptions(tmp_path))
    monkeypatch.setattr(SafeCheckpointIO, "save_checkpoint", save)
    state = read_checkpoint(tmp_path / ".partial" / config_hash(config) / "last.ckpt")
    rows = state["callbacks"]["History"]["rows"]
    rows[0]["seconds"] = 1000.0
    SafeCheckpointIO().save_checkpoint(state, tmp_path / ".partial" / config_hash(config) / "last.ckpt")
    resumed = train(config, TrainOptions(tmp_path, resume=True))
    assert 1000 < resumed.manifest.seconds < 2000
