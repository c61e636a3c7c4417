"""Let only one process at a time work in a folder, by a lock of the operating system and a claim.

The lock is on the file `lock` in the folder. It is released when its process ends, even by a crash. Not
every file system that machines share has locks, and some have locks that the other machines do not see. So
the holder also leaves a claim, see `grnpyg.core.claims`.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from filelock import lock_descriptor

from grnpyg.core.claims import DEAD_AFTER, Claim, Held, claim, claimed
from grnpyg.core.errors import InputError
from grnpyg.core.files import unlinked

LOCK = "lock"
ATTEMPTS = 1000  # to make a folder that other processes remove at the same time
WAIT = f"wait for it; if it is dead, its claim on the folder ends after {DEAD_AFTER:.0f} seconds"
NO_LOCKS = {errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP}


class BusyError(InputError):
    """Another process holds the folder."""


def held(folder: Path) -> bool:
    """Whether some process holds the folder. Creates nothing.

    Raises:
        InputError: the lock cannot be read.
    """
    try:
        with _opened(unlinked(folder.parent, folder.name, LOCK)) as file:
            free = _lock(file, folder)
            return free is False or claimed(folder, locks=free is True) is not None
    except FileNotFoundError:
        return False


@contextmanager
def locked(folder: Path, busy: str = "another process is at work here") -> Iterator[None]:
    """Lock a folder until the block ends; a missing folder is made.

    Afterwards the folder, its parent, and other folders that were made are removed if they are empty.

    Args:
        folder: to lock.
        busy: the error message if another process holds it.

    Raises:
        BusyError: another process holds it.
        InputError: the folder cannot be written to.
    """
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        file, own = _hold(folder, busy)
        with file:
            try:
                yield
            finally:
                own.release()
                # FileNotFoundError: without locks, another process may by now have worked here and tidied up;
                # PermissionError: Windows cannot remove an open file, which stays
                with suppress(FileNotFoundError, PermissionError):
                    if [path.name for path in folder.iterdir()] == [LOCK]:
                        (folder / LOCK).unlink()
    finally:
        for path in dict.fromkeys((folder, folder.parent, *made)):
            with suppress(OSError):
                path.rmdir()


def _hold(folder: Path, busy: str) -> tuple[BinaryIO, Held]:
    """The open file that holds the lock, and the claim."""
    for _ in range(ATTEMPTS):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path = unlinked(folder.parent, folder.name, LOCK)
            file = open(path, "ab", opener=_no_link)  # noqa: SIM115 (held)
        except FileNotFoundError:  # another process has just removed the empty folder
            continue
        except OSError as error:
            if isinstance(error, FileExistsError) and not (folder.is_symlink() or folder.is_file()):
                continue  # there when it was to be made, and removed before the look whether it is a folder
            raise InputError(f"cannot be written ({error.strerror})", where=folder) from None
        try:
            free = _lock(file, folder)
            if free is False:
                raise BusyError(busy, where=folder)
            if os.fstat(file.fileno()).st_nlink:  # or else the lock of a folder that was removed in between
                own = claim(folder, locks=free is True)
                if isinstance(own, Claim):
                    raise BusyError(f"{busy}: {own.named}", where=folder, fix=WAIT)
                return file, own
        except FileNotFoundError:  # removed since
            pass
        except BaseException:
            file.close()
            raise
        file.close()
    raise InputError("cannot be made", where=folder)


def _opened(path: Path) -> BinaryIO:
    """The file, writable if possible: some network file systems can lock only writable files."""
    try:
        return open(path, "r+b", opener=_no_link)
    except FileNotFoundError:
        raise
    except OSError:  # not allowed, or a read-only file system
        return open(path, "rb", opener=_no_link)


def _no_link(path: str, flags: int) -> int:
    """Open a file, never through a symbolic link that was put in its place."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o666)


def _lock(file: BinaryIO, folder: Path) -> bool | None:
    """Take the lock; False if another process has it, None if the file system has no locks."""
    try:
        return lock_descriptor(file.fileno(), blocking=False)
    except OSError as error:
        if error.errno in NO_LOCKS:
            return None
        raise InputError(f"cannot be locked ({error.strerror})", where=folder) from None
