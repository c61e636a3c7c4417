"""What a task of a Ray cluster runs: a group of trials, in a worker process of its own."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from grnpyg.core.errors import warned
from grnpyg.core.stopping import Stopped
from grnpyg.core.version import __version__
from grnpyg.studies.executors.base import Event
from grnpyg.studies.executors.local import LocalExecutor
from grnpyg.studies.executors.tasks_here import end, start
from grnpyg.studies.jobs import JobFolder
from grnpyg.studies.store import Store
from grnpyg.studies.trial import trial_of

FIGURES = ("seconds", "validation_ap", "peak_memory_mb", "wall_seconds")
Answer = dict[str, Any]


def train_group(lines: list[dict[str, Any]], runs: str, folder: str, worker: dict[str, Any]) -> list[Answer]:
    """What a task does: train trials, one after another, in a worker process of its own.

    Args:
        lines: of the trials, with the hash of the run that each has to make.
        runs: folder of the runs.
        folder: current folder of whoever asked, which relative paths of a config start from.
        worker: `threads`, `device` and `fresh_process`.

    Returns:
        What became of the trials, in order. Of a task that was cancelled fewer: the others keep checkpoints.
    """
    if Path(folder).is_dir():
        os.chdir(folder)
    store, answers = Store(Path(runs)), list[Answer]()

    def note(event: Event) -> None:
        if event.kind in ("done", "failed", "interrupted"):
            figures = {name: value for name in FIGURES if (value := getattr(event, name)) is not None}
            answers.append({"kind": event.kind, "error": event.error, **figures})

    def cancelled(*_: Any) -> None:
        raise Stopped("the task was cancelled")

    before = signal.signal(signal.SIGINT, cancelled)  # which is how Ray cancels
    try:
        with warned() as found:
            for line in lines:
                trial = trial_of(line)
                if trial.hash != line["hash"]:
                    why = f"the node has grnpyg {__version__}, which gives this config another hash"
                    answers.append({"kind": "failed", "error": f"{why}: use one version", "refused": True})
                    continue
                LocalExecutor(jobs=1, **worker).run([trial], store, note)
                answers[-1]["warnings"], found[:] = list(found), []
    except Stopped:
        pass
    finally:
        signal.signal(signal.SIGINT, before)
    return answers


def run_task(module: str, folder: str, index: int, here: str, threads: int) -> None:
    """Run a task of `Executor.run_tasks` in a process of its own, which ends with this one."""
    process = start(
        module, JobFolder(Path(folder)), index, threads, Path(here) if Path(here).is_dir() else None
    )
    try:
        process.wait()
    finally:
        end(process)
