"""Real workers on a tiny study: the same bits however it was run, killed or shared out."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from grnpyg.core.files import sha256
from grnpyg.studies import Store, Study, read_study, run_studies
from grnpyg.studies.datasets import Datasets
from grnpyg.studies.executors import LocalExecutor
from grnpyg.studies.formats import render
from grnpyg.studies.rows import study_rows
from grnpyg.studies.tables import study_tables
from grnpyg.studies.worker import train_trial

ReadStudy = Callable[..., Study]
LONG = {"training": {"max_epochs": 30, "patience": 30}}
COMPARED = ("predictions.parquet", "model.safetensors", "metrics.parquet")
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")


def content(study: Study, runs: Path) -> dict[str, str]:
    return {f"{c.name} {f}": sha256(runs / c.hash / f) for c in study.trials for f in COMPARED}


def table(study: Study, runs: Path) -> str:
    return render(study_tables(study, study_rows(study, runs)), "csv")


def train_here(study: Study, runs: Path) -> None:
    """Train what is not done, with one thread, as the workers have it."""
    store, datasets, threads = Store(runs), Datasets(), torch.get_num_threads()
    torch.set_num_threads(1)
    for trial in study.trials:
        if store.state(trial) != "done":
            assert train_trial(trial, store, datasets)["kind"] == "done"
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def long_study(base: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four trials of some epochs, long enough to be caught at work."""
    path = tmp_path_factory.mktemp("long") / "long.yaml"
    cross = {"head": {"name": "cross", "hidden_channels": 8}}
    axes = {"all": {"long": LONG}, "head": {"dual": {}, "cross": cross}, "seed": [1, 2]}
    compare = {"axis": "head", "level": "cross", "to": "dual"}
    path.write_text(yaml.safe_dump({"base": base, "axes": axes, "compare": compare}, sort_keys=False))
    return path


@pytest.fixture(scope="module")
def undisturbed(long_study: Path) -> tuple[Study, Path]:
    """The study, trained in this process without a disturbance."""
    study, runs = read_study(long_study), long_study.parent / "undisturbed"
    train_here(study, runs)
    return study, runs


class Shell:
    """`run_studies` with two workers in a process of its own, to be killed."""

    CODE = """
import sys
from pathlib import Path
from grnpyg.core.stopping import stoppable
from grnpyg.studies import read_study, run_studies
from grnpyg.studies.executors import LocalExecutor
with stoppable():
    run_studies([read_study(Path(sys.argv[1]))], Path(sys.argv[2]), LocalExecutor(jobs=2, threads=1))
"""

    def __init__(self, study: Path, runs: Path) -> None:
        paths = os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path)
        self.process = subprocess.Popen(
            [sys.executable, "-c", self.CODE, str(study), str(runs)], env={**os.environ, "PYTHONPATH": paths}
        )


def workers_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def wait_for(condition: Callable[[], object], seconds: float = 600) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def at_work_on(runs: Path) -> dict[int, str]:
    """Worker -> hash of the trial whose lock it holds, of the workers of this process."""
    found = {}
    for child in workers_of(os.getpid()):
        for link in Path(f"/proc/{child}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):
                target = link.readlink()
                if target.name == "lock" and runs in target.parents:
                    found[child] = target.parent.name
    return found


@linux
@pytest.mark.slow
def test_a_killed_parent_takes_its_workers_along_and_the_study_goes_on(
    long_study: Path, undisturbed: tuple[Study, Path], tmp_path: Path
) -> None:
    """SIGKILL in the middle of two trials; what goes on from the checkpoints ends in the same bits."""
    study, reference = undisturbed
    store, shell = Store(tmp_path), Shell(long_study, tmp_path)
    wait_for(lambda: list(tmp_path.glob(".partial/*/last.ckpt")) or shell.process.poll() is not None)
    workers = workers_of(shell.process.pid)
    assert shell.process.poll() is None, "the study was over before it was killed"
    shell.process.send_signal(signal.SIGKILL)
    shell.process.wait()
    assert len(workers) == 2
    wait_for(lambda: all(map(gone, workers)))
    wait_for(lambda: not any(map(store.held, study.trials)))
    states = [store.state(trial) for trial in study.trials]
    assert set(states) <= {"done", "interrupted", "pending"}
    assert "interrupted" in states
    train_here(study, tmp_path)
    assert content(study, tmp_path) == content(study, reference)
    assert table(study, tmp_path) == table(study, reference)


@linux
@pytest.mark.slow
def test_a_killed_worker_fails_its_trial_and_the_next_call_completes_it(
    undisturbed: tuple[Study, Path], tmp_path: Path
) -> None:
    """The others go on meanwhile with another worker, and come to the same bits as without one."""
    study, reference = undisturbed
    killed: list[str] = []

    def kill() -> None:
        wait_for(lambda: at_work_on(tmp_path))
        for worker, trial in at_work_on(tmp_path).items():
            os.kill(worker, signal.SIGKILL)
            killed.append(trial)

    killer = threading.Thread(target=kill)
    killer.start()
    summary = run_studies([study], tmp_path, LocalExecutor(threads=1))
    killer.join()
    assert [trial.hash for trial, _ in summary.failed] == killed == [study.trials[0].hash]
    assert "SIGKILL" in summary.failed[0][1]
    assert len(summary.done) == 3
    train_here(study, tmp_path)
    assert content(study, tmp_path) == content(study, reference)
    assert not list(tmp_path.glob(".failed/*"))


@linux
@pytest.mark.slow
@pytest.mark.parametrize("told", ["parent", "everybody"])
def test_a_study_that_is_told_to_end_leaves_checkpoints_and_no_failure(
    long_study: Path, undisturbed: tuple[Study, Path], tmp_path: Path, told: str
) -> None:
    """As a scheduler does it: SIGTERM to the parent, or to all processes of the job, and once more."""
    study, reference = undisturbed
    store, shell = Store(tmp_path), Shell(long_study, tmp_path)
    wait_for(lambda: list(tmp_path.glob(".partial/*/last.ckpt")) or shell.process.poll() is not None)
    workers = workers_of(shell.process.pid)
    for _ in range(2):
        for pid in [shell.process.pid, *(workers if told == "everybody" else [])]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
    assert shell.process.wait(600) == 1
    assert all(map(gone, workers))
    assert not (tmp_path / ".failed").exists()
    states = {store.state(trial) for trial in study.trials}
    assert "interrupted" in states
    assert states <= {"done", "interrupted", "pending"}
    assert all(store.manifest(t) or not store.path(t).exists() for t in study.trials), "a run is not whole"
    train_here(study, tmp_path)
    assert content(study, tmp_path) == content(study, reference)


@linux
@pytest.mark.slow
def test_a_worker_that_is_told_to_end_interrupts_its_trial_alone(
    undisturbed: tuple[Study, Path], tmp_path: Path
) -> None:
    study, _ = undisturbed

    def tell() -> None:
        wait_for(lambda: at_work_on(tmp_path))
        for worker in at_work_on(tmp_path):
            os.kill(worker, signal.SIGTERM)

    teller = threading.Thread(target=tell)
    teller.start()
    summary = run_studies([study], tmp_path, LocalExecutor(threads=1))
    teller.join()
    assert [trial.hash for trial, _ in summary.interrupted] == [study.trials[0].hash]
    assert (len(summary.done), summary.failed) == (3, ())
    assert Store(tmp_path).state(study.trials[0]) in ("interrupted", "pending")


@pytest.fixture
def here(study: ReadStudy, tmp_path: Path) -> Callable[..., list[dict[str, Any]]]:
    """`here(axes={...})`: train the trials in this process; what `train_trial` says of each."""

    def make(**keys: Any) -> list[dict[str, Any]]:
        store, datasets = Store(tmp_path / "runs"), Datasets()
        return [train_trial(trial, store, datasets) for trial in study(**keys).trials]

    return make


def test_a_trial_that_fails_keeps_its_error(
    here: Callable[..., Any], study: ReadStudy, tmp_path: Path
) -> None:
    """Bad input and divergence leave the process usable."""
    axes = {
        "x": {"good": {}, "no file": {"data": {"labels": "nowhere.tsv"}}, "bad": {"training": {"lr": 1e30}}}
    }
    good, no_file, diverged = here(axes=axes)
    assert (good["kind"], no_file["kind"], diverged["kind"]) == ("done", "failed", "failed")
    assert good["seconds"] > 0
    assert 0 < good["validation_ap"] <= 1
    assert "nowhere.tsv" in no_file["error"]
    assert "training.lr" in diverged["error"]
    assert not no_file.get("spent")
    trials = study(axes=axes).trials
    content = json.loads((tmp_path / "runs" / ".failed" / f"{trials[1].hash}.json").read_text())
    assert content["error"] == no_file["error"]
    assert "Traceback" in content["traceback"]
    assert [Store(tmp_path / "runs").state(trial) for trial in trials] == ["done", "failed", "failed"]


def test_an_error_that_nobody_raised_on_purpose_spends_the_process(
    here: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("CUDA error:\n  device-side assert")

    monkeypatch.setattr("grnpyg.experiment.train", fail)
    (answer,) = here(axes={"seed": [1]})
    assert answer == {
        "kind": "failed",
        "error": "RuntimeError: CUDA error: device-side assert",
        "spent": True,
    }


def test_a_trial_that_another_process_holds_is_no_failure(
    here: Callable[..., Any], study: ReadStudy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from grnpyg.core.locks import locked

    (trial,) = study(axes={"seed": [1]}).trials
    with locked(tmp_path / "runs" / ".partial" / trial.hash):
        assert here(axes={"seed": [1]}) == [{"kind": "elsewhere"}]
        monkeypatch.setattr(Store, "held", lambda *_: False)  # it took the lock right after the look
        assert here(axes={"seed": [1]}) == [{"kind": "elsewhere"}]
    assert not (tmp_path / "runs" / ".failed").exists()


def test_data_sets_are_loaded_once_and_not_kept_for_ever(
    study: ReadStudy, labels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare_module = importlib.import_module("grnpyg.training.prepare")

    seeds, load = list[int](), prepare_module.load_grn

    def count(data: Any, features: Any, seed: int, **options: Any) -> Any:
        seeds.append(seed)
        return load(data, features, seed, **options)

    monkeypatch.setattr(prepare_module, "load_grn", count)
    file = tmp_path / "labels.tsv"
    file.write_text(labels.read_text())
    change = {"data": {"labels": str(file)}}
    trials = study(axes={"x": {"x": change}, "seed": [1, 2, 3], "training.lr": [0.1, 0.2]}).trials
    datasets = Datasets(size=2)
    for trial in (*trials, trials[0]):
        datasets.get(trial.config)
    assert seeds == [1, 2, 3, 1]
    file.write_text("\n".join(labels.read_text().splitlines()[:-1]) + "\n")
    assert datasets.get(trials[0].config).report.counts["edges"] == 599
    assert seeds == [1, 2, 3, 1, 1]


@pytest.mark.slow
def test_trials_that_are_pruned_from_one_run_train_it_once(study: ReadStudy, tmp_path: Path) -> None:
    """The worker that comes second waits for the other's training, and says so once."""
    removed = {name: {"prune": [{"ratio": ratio}]} for name, ratio in (("half", 0.5), ("most", 0.9))}
    events = []
    pruned = study(axes={"removed": removed, "seed": [1]})
    summary = run_studies([pruned], tmp_path, LocalExecutor(jobs=2, threads=1), events.append)
    assert len(summary.done) == 2
    assert len(list(tmp_path.glob("*/manifest.json"))) == 3
    elsewhere = [event.trial.hash for event in events if event.kind == "elsewhere"]
    assert len(elsewhere) == len(set(elsewhere)) <= 1
    rows = study_rows(pruned, tmp_path)
    figures = rows[rows["regime"] == "compression"].set_index("removed")
    assert (figures.loc["most", "parameters"] < figures.loc["half", "parameters"]).all()
