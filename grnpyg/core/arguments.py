"""Values that Python code hands over, checked where they come in: a wrong kind is an `InputError`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sized
from inspect import Parameter, signature
from numbers import Integral
from pathlib import Path
from typing import Any

from grnpyg.core.errors import InputError, unknown


def as_path(given: object, what: str) -> Path:
    """A path that was given as a text or as an object that stands for one.

    Args:
        given: the value.
        what: it should be, for the message: `a run directory`.

    Raises:
        InputError: it is something else, or no file system could hold the name.
    """
    path = os.fspath(given) if isinstance(given, os.PathLike) else given
    if not isinstance(path, str):
        raise InputError(f"a {type(given).__name__} is not {what}", fix="give a path")
    if "\0" in path:
        raise InputError(f"{path!r} is not {what}: no path has a zero byte", fix="give a path")
    return Path(path)


def require_whole(given: object, name: str, lowest: int, *, where: object = None) -> None:
    """Check that a number is a whole one and not too small.

    Raises:
        InputError: it is something else.
    """
    if isinstance(given, bool) or not isinstance(given, Integral) or int(given) < lowest:
        raise InputError(f"{name}: {given!r} is not a whole number from {lowest} up", where=where)


def require_list(given: object, name: str, *, where: object = None) -> None:
    """Check that a value is a list of some kind, not one text and not a single value.

    Raises:
        InputError: it is something else.
    """
    if isinstance(given, str) or not isinstance(given, Iterable) or not isinstance(given, Sized):
        fix = f'give ["{given}"]' if isinstance(given, str) else "give a list"
        raise InputError(f"{name}: {given!r} is not a list", where=where, fix=fix)


def require_options(given: Mapping[str, Any], of: Callable[..., Any], *, where: object) -> None:
    """Check that further options are ones that a function takes by name.

    Raises:
        InputError: one is not known; lists those that are.
    """
    known = [p.name for p in signature(of).parameters.values() if p.kind is Parameter.KEYWORD_ONLY]
    for name in given:
        if name not in known:
            raise unknown("option", name, known, where=where)
