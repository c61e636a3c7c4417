"""A study of sixteen trials on a cluster, whose jobs, node and submitter are disturbed while they train."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from slurm.cluster import Cluster, wait_for

from grnpyg.core.files import sha256
from grnpyg.studies import Store, Study, read_study, study_rows, study_tables
from grnpyg.studies.formats import render
from grnpyg.studies.jobs import Jobs

DEEDS = {"cancel": 5, "requeue": 3, "restart slurmd": 1}  # and the submitter is killed once
COMPARED = ("predictions.parquet", "model.safetensors", "metrics.parquet")
EPOCHS = 150  # long enough to be caught at work


def sixteen(folder: Path) -> Study:
    """Two heads and eight seeds on 600 drawn edges of 15 TFs to 100 genes."""
    tf, gene = np.divmod(np.random.default_rng(0).choice(15 * 100, 600, replace=False), 100)
    labels = pd.DataFrame({"source": [f"TF{i}" for i in tf], "target": [f"G{i}" for i in gene]})
    labels.to_csv(folder / "labels.tsv", sep="\t", index=False)
    base = {
        "data": {"expression": None, "labels": str(folder / "labels.tsv")},
        "encoder": {"name": "lookup", "embedding_dim": 4},
        "evaluation": {"negatives": ["uniform"]},
        "head": {"name": "dual", "hidden_channels": 8, "out_channels": 4},
        "training": {"max_epochs": EPOCHS, "patience": EPOCHS, "batch_size": 256, "lr": 0.01},
    }
    heads = {"dual": {}, "cross": {"head": {"name": "cross", "hidden_channels": 8}}}
    compare = {"axis": "head", "level": "cross", "to": "dual"}
    content = {"base": base, "axes": {"head": heads, "seed": list(range(8))}, "compare": compare}
    path = folder / "study.yaml"
    path.write_text(yaml.safe_dump(content, sort_keys=False))
    return read_study(path)


def contents(study: Study, runs: Path) -> dict[str, str]:
    """SHA-256 of what a trial leaves behind, times aside."""
    return {
        f"{trial.hash} {name}": sha256(runs / trial.hash / name)
        for trial in study.trials
        for name in COMPARED
    }


def table(study: Study, runs: Path) -> str:
    """The table of the study at full precision."""
    return render(study_tables(study, study_rows(study, runs)), "csv")


class Submitter:
    """`grnpyg study run` in a process of its own, started again when it ends with something interrupted."""

    def __init__(self, study: Study, runs: Path) -> None:
        self.command = [sys.executable, "-m", "grnpyg_cli.main", "study", "run", str(study.file)]
        self.command += ["--runs", str(runs), "--executor", "slurm", "--executor-option", "group=2", "--json"]
        self.said: list[dict[str, Any]] = []
        self.start()

    def start(self) -> None:
        """Start the command."""
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


def disturb(slurm: Cluster, study: Study, runs: Path) -> Submitter:
    """Run a study to its end while everything of `DEEDS` is done to it, each in the middle of a training."""
    rng, submitter = random.Random(0), Submitter(study, runs)
    deeds = list(Counter(DEEDS).elements())
    rng.shuffle(deeds)

    def at_work() -> list[str]:
        """Tasks that are in the middle of a training."""
        assert submitter.goes_on(), f"the study was over before {deeds} were done"
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
    return submitter


def told(runs: Path) -> list[dict[str, Any]]:
    """What the tasks of all jobs say that happened."""
    jobs = Jobs(runs).folders
    return [e for job in jobs for index in set(job.task_of.values()) for e in job.events(index)]


def finished(runs: Path) -> Counter[str]:
    """Config hash -> how many tasks say that they have finished its training."""
    return Counter(event["hash"] for event in told(runs) if event["kind"] == "done")


def states(study: Study, runs: Path) -> Counter[str]:
    """How many trials are in which state."""
    return Counter(Store(runs).state(trial) for trial in study.trials)
