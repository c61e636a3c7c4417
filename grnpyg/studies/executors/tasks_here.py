"""Tasks in processes of this machine, so many at a time."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import deque
from contextlib import suppress

from grnpyg.studies.executors.process import environment
from grnpyg.studies.jobs import JobFolder

POLL = 0.1  # seconds between two looks
GRACE = 30.0  # seconds that a task has to end when it is told to


def command_of(module: str, job: JobFolder, index: int, python: str = sys.executable) -> list[str]:
    """The command that runs a task."""
    return [python, "-P", "-m", module, str(job.path), str(index)]


def run_here(module: str, job: JobFolder, count: int, *, at_once: int, threads: int) -> None:
    """Run the tasks of a job, and return when all are over; on any exception end those that run.

    Args:
        module: see `Executor.run_tasks`.
        job: says what each has to do.
        count: how many tasks it has.
        at_once: how many run at a time.
        threads: of each.
    """
    waiting, running = deque(range(count)), list[subprocess.Popen[bytes]]()
    try:
        while waiting or running:
            while waiting and len(running) < at_once:
                running.append(_start(module, job, waiting.popleft(), threads))
            time.sleep(POLL)
            running = [process for process in running if process.poll() is None]
    except BaseException:
        for process in running:
            process.terminate()
        for process in running:
            with suppress(subprocess.TimeoutExpired):
                process.wait(GRACE)
            process.kill()
            process.wait()
        raise


def _start(module: str, job: JobFolder, index: int, threads: int) -> subprocess.Popen[bytes]:
    with job.log(index).open("ab") as log:
        return subprocess.Popen(
            command_of(module, job, index),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environment(threads),
            start_new_session=True,  # Ctrl-C is the parent's to handle
        )
