"""Start a command under `shim.c`, which counts its changes of files and ends or starves it at one of them."""

from __future__ import annotations

import ctypes
import os
import struct
import subprocess
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

SOURCE = Path(__file__).with_name("shim.c")
Kind = Literal["count", "kill", "full"]


@dataclass(frozen=True)
class Ended:
    """How a command ended.

    Attributes:
        code: its exit code; -9 after SIGKILL.
        err: what it said on stderr.
        changes: how many changes of files it made, or tried to make.
        needing_room: how many of them need room on the disk.
        struck: the change at which the fault came, `write new/.partial/.../last.ckpt`; empty without one.
    """

    code: int
    err: str
    changes: int
    needing_room: int
    struck: str

    @property
    def verdicts(self) -> list[str]:
        """The lines with which a command says why it failed."""
        return [line for line in self.err.splitlines() if line.startswith(("failed: ", "error: "))]


def build(folder: Path) -> Path:
    """Compile the library into a folder."""
    library = folder / "shim.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, SOURCE], check=True)
    return library


class Started:
    """A command that runs under the library, in `folder`.

    The process is forked from this one, in which the library is loaded and the imports are done. Processes
    that it starts have the library as well.

    Args:
        command: what to run; it ends with SystemExit.
        words: its arguments, as the shell would give them.
        folder: its current folder; changes below it count.
        notes: a folder outside it, for what the library writes.
        kind: `count`, `kill` or `full`.
        at: the number of the change, from 1; for `full` among those that need room.
        variables: of its environment.
    """

    def __init__(
        self,
        command: Callable[[], None],
        words: list[str],
        folder: Path,
        notes: Path,
        kind: Kind = "count",
        at: int = 0,
        variables: dict[str, str] | None = None,
    ) -> None:
        notes.mkdir(parents=True, exist_ok=True)
        self._count, self._log, self._err = notes / "count", notes / "log", notes / "err"
        self._count.write_bytes(bytes(16))
        self._log.unlink(missing_ok=True)
        faults = {"BELOW": folder.resolve(), "COUNT": self._count, "LOG": self._log, "KIND": kind, "AT": at}
        sys.stdout.flush()
        sys.stderr.flush()
        self._process = os.fork()
        if self._process:
            return
        code: object = 1
        try:
            os.chdir(folder)
            for name, place, flags in (
                (0, os.devnull, os.O_RDONLY),
                (1, os.devnull, os.O_WRONLY),
                (2, str(self._err), os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
            ):
                os.dup2(os.open(place, flags, 0o644), name)
            os.environ.update(variables or {})
            faults["ROOT"] = os.getpid()
            os.environ.update({f"FAULT_{name}": str(value) for name, value in faults.items()})
            ctypes.CDLL(None).fault_start()
            sys.argv = ["grnpyg", *words]
            command()
        except SystemExit as end:
            code = end.code or 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code if isinstance(code, int) else 1)

    def ended(self) -> Ended:
        """Wait for it."""
        code = os.waitstatus_to_exitcode(os.waitpid(self._process, 0)[1])
        changes, needing_room = struct.unpack("qq", self._count.read_bytes())
        struck = self._log.read_text().splitlines()[0] if self._log.exists() else ""
        return Ended(code, self._err.read_text(errors="replace"), changes, needing_room, struck)
