"""Let only one process at a time work in a folder, by a lock of the operating system.

The lock is on the file `lock` in the folder. It is released when its process ends, even by a crash.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from filelock import lock_descriptor

from grnpyg.core.errors import InputError
from grnpyg.core.files import unlinked

LOCK = "lock"
ATTEMPTS = 1000  # to make a folder that other processes remove at the same time


class BusyError(InputError):
    """Another process holds the folder."""


def held(folder: Path) -> bool:
    """Whether some process holds the folder. Creates nothing.

    Raises:
        InputError: the file system of the folder has no locks.
    """
    try:
        with _opened(unlinked(folder.parent, folder.name, LOCK)) as file:
            return not _lock(file, folder)
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
        InputError: the folder cannot be written to, or its file system has no locks.
    """
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        with _lock_file(folder, busy):
            try:
                yield
            finally:
                if [path.name for path in folder.iterdir()] == [LOCK]:
                    with suppress(PermissionError):  # Windows cannot remove an open file, so the file stays
                        (folder / LOCK).unlink()
    finally:
        for path in dict.fromkeys((folder, folder.parent, *made)):
            with suppress(OSError):
                path.rmdir()


def _lock_file(folder: Path, busy: str) -> BinaryIO:
    """The open file that holds the lock."""
    for _ in range(ATTEMPTS):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path = unlinked(folder.parent, folder.name, LOCK)
            file = open(path, "ab", opener=_no_link)  # noqa: SIM115 (held)
        except FileNotFoundError:  # another process has just removed the empty folder
            continue
        except OSError as error:
            raise InputError(f"cannot be written ({error.strerror})", where=folder) from None
        try:
            free = _lock(file, folder)
        except InputError:
            file.close()
            (folder / LOCK).unlink()
            raise
        if not free:
            file.close()
            raise BusyError(busy, where=folder)
        if os.fstat(file.fileno()).st_nlink:
            return file
        file.close()  # the lock of a folder that was removed in between
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


def _lock(file: BinaryIO, folder: Path) -> bool:
    """Take the lock; False if another process has it."""
    try:
        return lock_descriptor(file.fileno(), blocking=False)
    except OSError as error:
        raise InputError(
            f"its file system has no file locks ({error.strerror})",
            where=folder,
            fix="use a folder on a local disk, or on a network file system with locks",
        ) from None
