"""The process of a task: how it is called, and what it ends with."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from grnpyg.core.errors import GrnpygError
from grnpyg.core.stopping import Stopped, stoppable

STOPPED = 143  # exit code of a process that SIGTERM ended


def command_of(module: str, folder: Path, index: int) -> list[str]:
    """The command that runs a task of a job in its folder on this machine."""
    return [sys.executable, "-P", "-m", module, str(folder), str(index)]


def exit_code(work: Callable[[Path, int], int]) -> int:
    """Do the work that the command names, and give the exit code of the process.

    What a person has to know of the end is printed, and so is the last line of the task's log.

    Args:
        work: is called with the folder of the job and the index of the task, and gives an exit code.
    """
    try:
        with stoppable():
            return work(Path(sys.argv[1]), int(sys.argv[2]))
    except Stopped:
        print("told to end: what is finished is kept")
        return STOPPED
    except GrnpygError as error:
        print(f"failed: {error}")
        return 1
