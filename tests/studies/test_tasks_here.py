"""Tasks in processes of this machine, and what becomes of them when nobody waits for them any more."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grnpyg.studies.jobs import JobFolder

GIVE_UP = 600.0  # seconds that a busy machine may take
TASK = """\
import sys, time
from grnpyg.studies.jobs import exit_code

def work(folder, index):
    print(f"task {index} is at work", flush=True)
    while True:
        time.sleep(1)

sys.exit(exit_code(work))
"""
PARENT = """\
import sys
from pathlib import Path
from grnpyg.studies.executors.tasks_here import run_here
from grnpyg.studies.jobs import JobFolder

run_here("endless", JobFolder(Path(sys.argv[1])), 2, at_once=2, threads=1)
"""


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL and SIGTERM are of POSIX")
@pytest.mark.parametrize("how", ["SIGTERM", "SIGKILL"])
def test_no_task_outlives_who_started_it(tmp_path: Path, how: str) -> None:
    """A parent that is killed has no time to end its tasks: they see the end of their standard input."""
    (tmp_path / "endless.py").write_text(TASK)
    job = JobFolder.make(tmp_path, [[{}], [{}]])
    paths = [str(tmp_path), *(str(Path(entry).absolute()) for entry in sys.path if entry)]
    variables = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(job.path)], env=variables)
    try:
        wait_for(job, "is at work", parent)
        parent.kill() if how == "SIGKILL" else parent.terminate()
        parent.wait()
        wait_for(job, "told to end")
    finally:
        parent.kill()
        parent.wait()
    for index in (0, 1):
        lines = job.log(index).read_text().splitlines()
        assert lines == [f"task {index} is at work", "told to end: what is finished is kept"]


def wait_for(job: JobFolder, words: str, parent: subprocess.Popen[bytes] | None = None) -> None:
    """Wait until both tasks have printed some words."""
    until = time.monotonic() + GIVE_UP
    while not all(words in job.last_words(index) for index in (0, 1)):
        assert time.monotonic() < until, f"given up: {words}"
        assert parent is None or parent.poll() is None
        time.sleep(0.05)
