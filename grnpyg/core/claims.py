"""Who works in a folder, written into the folder: for file systems whose locks reach one machine, or none.

A claim is a small JSON file `claim.1`, made only where there is none (O_EXCL), with owner, machine, process
and job. Its owner touches it every `RENEW` seconds. The owner is dead when

- the claim was not touched for `DEAD_AFTER` seconds; the clocks of machines that share a folder have to agree
  better than that;
- or it is a process of this machine that is gone;
- or it is an earlier start of this very SLURM job, which was requeued.

A dead owner's claim n is taken over by making `claim.(n+1)`, which one process alone can do. The claim with
the highest number counts.
"""

from __future__ import annotations

import json
import os
import platform
import random
import secrets
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from grnpyg.core.files import alive, machine

PREFIX = "claim."
RENEW = 20.0  # seconds between two signs of life
DEAD_AFTER = 180.0  # seconds without one; network file systems show a change after up to 60
LIMIT = 1 << 14  # bytes of a claim
ATTEMPTS, PAUSE = 20, 0.05  # seconds between two of them, at most


@dataclass(frozen=True)
class Claim:
    """What a claim says of its owner; nothing, as long as it is being written.

    Attributes:
        owner: a random word.
        machine: stands for the machine, see `grnpyg.core.files.machine`.
        host: its name.
        process: its process there.
        job: of SLURM, or nothing.
        restarts: how often that job was requeued.
    """

    owner: str = ""
    machine: str = ""
    host: str = "another machine"
    process: int = 0
    job: str = ""
    restarts: str = ""

    @property
    def named(self) -> str:
        """For a message."""
        job = f", job {self.job}" if self.job else ""
        return f"process {self.process} on {self.host}{job}"


def claimed(folder: Path, locks: bool) -> Claim | None:
    """The living owner of a folder; None: nobody works there. Creates nothing.

    Args:
        folder: the folder.
        locks: this process was given the lock of the file system, so that no other of this machine has it.
    """
    number = max(_numbers(folder), default=0)
    if not number:
        return None
    claim, touched = _read(folder, number)
    return None if _dead(claim, touched, locks) else claim


class Held:
    """A claim of this process, which is kept fresh until it is released.

    Args:
        folder: what is claimed.
        number: of the claim.
    """

    def __init__(self, folder: Path, number: int) -> None:
        self.folder, self.number = folder, number
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._renew, daemon=True)
        self._thread.start()

    def release(self) -> None:
        """Let others have the folder."""
        self._over.set()
        for number in sorted(_numbers(self.folder)):
            if number <= self.number:  # a higher one is of a process that took this one for dead
                (self.folder / f"{PREFIX}{number}").unlink(missing_ok=True)

    def _renew(self) -> None:
        while not self._over.wait(RENEW):
            try:
                os.utime(self.folder / f"{PREFIX}{self.number}")
            except FileNotFoundError:  # released, or somebody took this process for dead and is through
                return
            except OSError:  # the file system is away for a moment
                continue


def claim(folder: Path, locks: bool) -> Held | Claim:
    """Claim a folder for this process.

    Args:
        folder: the folder.
        locks: see `claimed`.

    Returns:
        The claim, to be released; or that of the owner, who lives.

    Raises:
        FileNotFoundError: another process has just removed the folder.
    """
    for _ in range(ATTEMPTS):
        taken = _take(folder, locks)
        if taken is not None:
            return taken
        time.sleep(random.uniform(0, PAUSE))  # two processes that gave way to each other do not meet again
    return Claim()


def is_claim(path: Path) -> bool:
    """Whether a file of a folder is a claim on it."""
    return path.name.startswith(PREFIX)


def _take(folder: Path, locks: bool) -> Held | Claim | None:
    """The claim of this process, or of the owner; None: things changed while this process looked."""
    number = max(_numbers(folder), default=0)
    before, touched = _read(folder, number) if number else (Claim(), 0.0)
    if number and not _dead(before, touched, locks):
        return before
    job = os.environ.get("SLURM_JOB_ID", ""), os.environ.get("SLURM_RESTART_COUNT", "0")
    own = Claim(secrets.token_hex(8), machine(), platform.node(), os.getpid(), *job)
    path = folder / f"{PREFIX}{number + 1}"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    except FileExistsError:
        return _read(folder, number + 1)[0]
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(own), file)
    # the owner may have ended or awoken in the meantime, and others may have come and gone
    unchanged = not number or _read(folder, number) == (before, touched)
    if unchanged and max(_numbers(folder), default=0) == number + 1:
        return Held(folder, number + 1)
    path.unlink(missing_ok=True)
    return None


def _dead(claim: Claim, touched: float, locks: bool) -> bool:
    if claim.machine == machine() and (locks or (os.name == "posix" and not alive(claim.process))):
        return True
    job, restarts = os.environ.get("SLURM_JOB_ID"), os.environ.get("SLURM_RESTART_COUNT", "0")
    requeued = bool(claim.job) and claim.job == job and claim.restarts != restarts
    return requeued or time.time() - touched > DEAD_AFTER


def _read(folder: Path, number: int) -> tuple[Claim, float]:
    """A claim and when it was touched; one that is gone was touched long ago."""
    path, touched = folder / f"{PREFIX}{number}", 0.0
    try:
        touched = path.lstat().st_mtime
        with open(path, "rb", opener=_plain) as file:
            content = json.loads(file.read(LIMIT))
        values = {key: type(getattr(Claim, key))(content[key]) for key in Claim.__annotations__}
        return Claim(**values), touched
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return Claim(), touched


def _plain(path: str, flags: int) -> int:
    """Open a file, never through a symbolic link, and never waiting for a pipe."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))


def _numbers(folder: Path) -> list[int]:
    try:
        names = [path.name.removeprefix(PREFIX) for path in folder.iterdir() if is_claim(path)]
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [int(name) for name in names if name.isdecimal() and len(name) < 10]
