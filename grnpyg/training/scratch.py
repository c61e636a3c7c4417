"""The folder that a run is trained in: writable, held by one process, gone when it is empty."""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from grnpyg.errors import InputError


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


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder for this process; the lock goes with the process, an empty folder with the lock.

    Raises:
        InputError: another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError("another process is training this config", where=folder) from None
        try:
            yield
        finally:
            if [path.name for path in folder.iterdir()] == ["lock"]:
                (folder / "lock").unlink()
                for path in (folder, folder.parent):
                    with suppress(OSError):
                        path.rmdir()


def empty(folder: Path) -> None:
    """Remove everything but the lock."""
    for path in folder.iterdir():
        if path.name != "lock":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
