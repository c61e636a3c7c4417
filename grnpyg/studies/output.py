"""Files that a study command writes: whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from grnpyg.core.errors import InputError


def write_whole(path: Path, suffixes: tuple[str, ...], write: Callable[[Path], object]) -> None:
    """Let `write` fill a file beside `path` and rename it into place.

    Raises:
        InputError: another suffix, or a place that cannot be written to.
    """
    check_output(path, suffixes)
    temporary = _beside(path)
    try:
        write(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def check_output(path: Path, suffixes: tuple[str, ...]) -> None:
    """Refuse a place that cannot be written to, before any work is done.

    Raises:
        InputError: an unknown suffix, a folder that is not there, or a place that cannot be written to.
    """
    if path.suffix not in suffixes:
        raise InputError(
            f"cannot write {path.suffix or 'a file without suffix'}",
            where=path,
            fix=f"use {' or '.join(suffixes)}",
        )
    if not path.parent.is_dir():
        raise InputError("the folder does not exist", where=path.parent, fix="make it first")
    if path.is_dir():
        raise InputError("is a folder", where=path, fix="name a file")
    try:
        _beside(path).touch()
        _beside(path).unlink()
    except OSError as error:
        raise InputError(f"cannot be written ({error.strerror})", where=path) from None


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}")
