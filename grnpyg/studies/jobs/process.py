"""The process of a task: how it is called, and what it ends with."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from grnpyg.core.errors import GrnpygError
from grnpyg.core.stopping import Stopped, stoppable

STOPPED = 143  # exit code of a process that SIGTERM ended


WITH_PARENT = "with-parent"  # last word of the command of a task that must not outlive who started it


def command_of(module: str, folder: Path, index: int) -> list[str]:
    """The command that runs a task of a job in its folder on this machine.

    Whoever starts it keeps the other end of its standard input open: the task ends when that is closed.
    """
    return [sys.executable, "-P", "-m", module, str(folder), str(index), WITH_PARENT]


def exit_code(work: Callable[[Path, int], int]) -> int:
    """Do the work that the command names, and give the exit code of the process.

    What a person has to know of the end is printed, and so is the last line of the task's log.

    Args:
        work: is called with the folder of the job and the index of the task, and gives an exit code.
    """
    try:
        with stoppable():
            if sys.argv[3:] == [WITH_PARENT]:
                threading.Thread(target=_end_with_parent, daemon=True).start()
            return work(Path(sys.argv[1]), int(sys.argv[2]))
    except Stopped:
        print("told to end: what is finished is kept")
        return STOPPED
    except GrnpygError as error:
        print(f"failed: {error}")
        return 1


def _end_with_parent() -> None:
    """Tell this process to end when its standard input does: then the parent is gone, killed perhaps."""
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
