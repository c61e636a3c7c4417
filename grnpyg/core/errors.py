"""Errors that a user can act on: what is wrong, where, and what to do, on one line."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class GrnpygError(Exception):
    """Base of every error that grnpyg raises on purpose."""


class InputError(GrnpygError):
    """The input (a file, an option, a config) cannot be used; the command line exits with 2.

    Args:
        what: what is wrong, as a statement.
        where: file, option or config key; left out when the statement already names it.
        fix: what the user can do about it.
    """

    def __init__(self, what: str, *, where: object = None, fix: str | None = None) -> None:
        self.what, self.where, self.fix = what, where, fix
        text = what if where is None else f"{where}: {what}"
        super().__init__(text if fix is None else f"{text}. {fix[0].upper()}{fix[1:]}")


class DivergedError(GrnpygError):
    """The scores of a model that is being trained are no longer finite."""


class LeakageError(GrnpygError):
    """A split lets evaluation pairs into training; the message starts with the name of the leak."""


def unknown(kind: str, name: object, known: Iterable[str], *, where: object = None) -> InputError:
    """An `InputError` for a name that is not among the known ones, which it lists."""
    names = sorted(known)
    close = difflib.get_close_matches(str(name), names, n=1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    return InputError(f"unknown {kind} {str(name)!r}", where=where, fix=f"{hint}known: {', '.join(names)}")


def examples(names: Iterable[object], limit: int = 3) -> str:
    """A few names for a message: `A, B, C and 12 more`."""
    listed = [str(name) for name in names]
    head = ", ".join(listed[:limit])
    return head if len(listed) <= limit else f"{head} and {len(listed) - limit:,} more"
