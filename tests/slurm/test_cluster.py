"""A real SLURM on the loopback address: a study comes to the same bits whatever happens to its jobs."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from slurm.cluster import Cluster, wait_for
from slurm.conftest import REAL

from grnpyg.core.files import sha256
from grnpyg.studies import Store, Study, read_study, run_studies, study_status
from grnpyg.studies.executors import LocalExecutor
from grnpyg.studies.formats import render
from grnpyg.studies.jobs import Jobs
from grnpyg.studies.rows import study_rows
from grnpyg.studies.tables import study_tables

pytestmark = REAL
COMPARED = ("predictions.parquet", "model.safetensors", "metrics.parquet")
EPOCHS = 150


@pytest.fixture(scope="module")
def study(base: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Sixteen trials, long enough to be caught at work."""
    path = tmp_path_factory.mktemp("sixteen") / "study.yaml"
    base = {**base, "training": {**base["training"], "max_epochs": EPOCHS, "patience": EPOCHS}}
    heads = {"dual": {}, "cross": {"head": {"name": "cross", "hidden_channels": 8}}}
    compare = {"axis": "head", "level": "cross", "to": "dual"}
    axes = {"head": heads, "seed": list(range(8))}
    path.write_text(yaml.safe_dump({"base": base, "axes": axes, "compare": compare}, sort_keys=False))
    return read_study(path)


def content(study: Study, runs: Path) -> dict[str, str]:
    return {
        f"{trial.hash} {name}": sha256(runs / trial.hash / name)
        for trial in study.trials
        for name in COMPARED
    }


def table(study: Study, runs: Path) -> str:
    return render(study_tables(study, study_rows(study, runs)), "csv")


class Submitter:
    """`grnpyg study run` in a process of its own, started again when it ends with something interrupted."""

    def __init__(self, study: Study, runs: Path) -> None:
        self.command = [sys.executable, "-m", "grnpyg_cli.main", "study", "run", str(study.file)]
        self.command += ["--runs", str(runs), "--executor", "slurm", "--executor-option", "group=2", "--json"]
        self.said: list[dict[str, Any]] = []
        self.start()

    def start(self) -> None:
        paths = os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path if entry)
        self.process = subprocess.Popen(
            self.command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": paths}
        )

    def kill(self) -> None:
        """SIGKILL, as the login node may do; another one takes its place."""
        self.process.kill()
        self.process.communicate()
        self.start()

    def goes_on(self) -> bool:
        """Whether there is still something to do; starts again where something was interrupted."""
        if self.process.poll() is None:
            return True
        said = json.loads(self.process.communicate()[0])
        self.said.append(said)
        assert said["failures"] == []
        if self.process.returncode == 0:
            return False
        self.start()
        return True


def test_sixteen_trials_whatever_happens_to_their_jobs(slurm: Cluster, study: Study, tmp_path: Path) -> None:
    """5 cancels, 3 requeues, the submitter killed, slurmd restarted: all done, none twice, the same bits."""
    runs, rng = tmp_path / "runs", random.Random(0)
    submitter = Submitter(study, runs)
    deeds = ["cancel"] * 5 + ["requeue"] * 3 + ["restart slurmd"]
    rng.shuffle(deeds)

    def at_work() -> list[str]:
        """Tasks that are in the middle of a training."""
        if not submitter.goes_on():
            pytest.fail(f"the study was over before {deeds} were done")
        live = [task for task in Jobs(runs).live() if task.state == "running"]
        names = {job.name: job for job in Jobs(runs).folders}
        last = {task.id: [*names[task.job].events(task.index)[-1:], {}][0] for task in live}
        begun = {path.parent.name for path in runs.glob(".partial/*/last.ckpt")}
        return sorted(id_ for id_, e in last.items() if e.get("kind") == "started" and e["hash"] in begun)

    wait_for(at_work, "no task trains")
    submitter.kill()
    while deeds:
        wait_for(at_work, f"no task trains, {deeds} to be done")
        deed, task = deeds.pop(), rng.choice(at_work() or [""])
        if deed == "restart slurmd":
            slurm.restart_node()
        elif task and deed == "requeue":
            slurm.ask("scontrol", "requeue", task)
        elif task:
            slurm.ask("scancel", task)
        else:  # it was over in between
            deeds.append(deed)
            continue
        if deed != "restart slurmd":
            wait_for(lambda task=task: task not in at_work(), f"{deed} of {task} does nothing")  # type: ignore[misc]
    wait_for(lambda: not submitter.goes_on(), "the study is not finished", 3600)

    assert submitter.said[-1]["done"] + submitter.said[-1]["reused"] == 16
    store = Store(runs)
    assert {store.state(trial) for trial in study.trials} == {"done"}
    assert study_status(study.file or Path(), runs).counts["done"] == 16
    assert not (runs / ".failed").exists()
    events = [
        e for job in Jobs(runs).folders for index in set(job.task_of.values()) for e in job.events(index)
    ]
    finished = Counter(event["hash"] for event in events if event["kind"] == "done")
    assert finished == dict.fromkeys((trial.hash for trial in study.trials), 1), "trained twice, or never"
    assert any(event["kind"] == "stopped" for event in events)
    for trial in study.trials:
        epochs = pd.read_parquet(runs / trial.hash / "epochs.parquet")["epoch"]
        assert list(epochs) == list(range(1, EPOCHS + 1))
    assert not list(runs.glob(".partial/*/*.ckpt"))
    local = tmp_path / "local"
    run_studies([study], local, LocalExecutor(jobs=2, threads=1))
    assert table(study, runs) == table(study, local)
    assert content(study, runs) == content(study, local)


def test_detached_then_cancelled_then_finished(slurm: Cluster, study: Study, tmp_path: Path) -> None:
    """The commands of a person: submit, look, cancel, submit again; nothing of it is a failure."""
    from cli.command import grnpyg

    file, runs = str(study.file), ("--runs", tmp_path / "runs")
    few = tmp_path / "few.yaml"
    few.write_text(
        Path(file).read_text() + "exclude: {seed: [2, 3, 4, 5, 6, 7]}\nexecutor: {name: slurm, time: 1h}\n"
    )
    said = grnpyg("study", "run", few, *runs, "--detach", "--json").json
    assert (said["queued"], said["done"]) == (4, 0)

    def states() -> dict[str, int]:
        content: dict[str, int] = grnpyg("study", "status", few, *runs, "--json").json
        return content

    wait_for(lambda: states()["running"], "nothing runs")
    trials = grnpyg("study", "status", few, *runs, "--trials", "--json").json["states"]
    (running, *_) = [trial for trial in trials if trial["state"] == "running"]
    assert running["node"] == "localhost"
    assert "to train" in grnpyg("study", "logs", running["config_hash"], *runs).out
    assert grnpyg("study", "cancel", few, *runs, "--json").json["trials"] > 0
    wait_for(lambda: states()["running"] + states()["queued"] == 0, "it is not cancelled")
    assert states()["failed"] == 0
    again = grnpyg("study", "run", few, *runs, "--json").json
    assert again["done"] + again["reused"] == 4
