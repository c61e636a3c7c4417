"""The folder that a run is trained in: writable, held by one process, gone when it is empty."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO

from grnpyg.core.errors import InputError

LAST = "last.ckpt"  # the checkpoint of an unfinished run


def require_writable(folder: Path) -> None:
    """Find out before hours of work whether the folder of the runs can be written; leaves nothing behind.

    Raises:
        InputError: it cannot.
    """
    missing: list[Path] = []
    try:
        missing = [path for path in (folder, *folder.parents) if not path.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise InputError(f"cannot be written ({error.strerror})", where=f"--runs {folder}") from None
    finally:
        for path in missing:
            with suppress(OSError):
                path.rmdir()


class BusyError(InputError):
    """Another process is at work on the same config."""


def held(folder: Path) -> bool:
    """Whether some process holds the folder. Leaves nothing behind."""
    try:
        with (folder / "lock").open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder for this process; the lock goes with the process, an empty folder with the lock.

    Raises:
        BusyError: another process holds it.
    """
    with _lock_file(folder):
        try:
            yield
        finally:
            if [path.name for path in folder.iterdir()] == ["lock"]:
                (folder / "lock").unlink()
                for path in (folder, folder.parent):
                    with suppress(OSError):
                        path.rmdir()


def _lock_file(folder: Path) -> TextIO:
    """The open file that holds the lock."""
    while True:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            file = (folder / "lock").open("w")
        except FileNotFoundError:  # another process has just tidied up the folder
            continue
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            raise BusyError("another process is training this config", where=folder) from None
        if os.fstat(file.fileno()).st_nlink:
            return file
        file.close()  # the lock of a folder that was tidied up in between


def empty(folder: Path) -> None:
    """Remove everything but the lock."""
    for path in folder.iterdir():
        if path.name != "lock":
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def require_same_origin(scratch: Path, origin: dict[str, Any]) -> None:
    """An interrupted run goes on with the data, plug-ins and devices that it began with, or not at all.

    Raises:
        InputError: something of it has changed.
    """
    file = scratch / "origin.json"
    if not (scratch / LAST).exists():
        file.write_text(json.dumps(origin))
    elif file.exists():
        before = json.loads(file.read_text())
        for key in origin:
            if before.get(key) != origin[key]:
                raise InputError(
                    f"its {key} changed since the run was interrupted",
                    where=scratch,
                    fix="put them back, remove the folder, or start again with --overwrite",
                )
