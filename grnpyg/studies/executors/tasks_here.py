"""Tasks in processes of this machine, so many at a time."""

from __future__ import annotations

import subprocess
import time
from collections import deque
from contextlib import suppress
from pathlib import Path

from grnpyg.studies.executors.process import environment
from grnpyg.studies.jobs import JobFolder, command_of

POLL = 0.1  # seconds between two looks
GRACE = 30.0  # seconds that a task has to end when it is told to


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
                running.append(start(module, job, waiting.popleft(), threads))
            time.sleep(POLL)
            for process in [process for process in running if process.poll() is not None]:
                running.remove(process)
                end(process)
    except BaseException:
        for process in running:
            process.terminate()
        for process in running:
            with suppress(subprocess.TimeoutExpired):
                process.wait(GRACE)
            end(process)
        raise


def start(
    module: str, job: JobFolder, index: int, threads: int, here: Path | None = None
) -> subprocess.Popen[bytes]:
    """Start a task, whose output goes to its log. It is told to end when this process is gone.

    Args:
        module: see `Executor.run_tasks`.
        job: says what it has to do.
        index: of the task.
        threads: of the process.
        here: its current folder; None: that of this process.
    """
    with job.log(index).open("ab") as log:
        return subprocess.Popen(
            command_of(module, job.path, index),
            stdin=subprocess.PIPE,  # never written to: its end tells the task that this process is gone
            stdout=log,
            stderr=log,
            cwd=here,
            env=environment(threads),
            start_new_session=True,  # Ctrl-C is the parent's to handle
        )


def end(process: subprocess.Popen[bytes]) -> None:
    """End a task that was started here, if it has not ended, and let go of it."""
    process.kill()
    process.wait()
    assert process.stdin is not None
    process.stdin.close()
