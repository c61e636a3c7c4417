"""Errors that a user can act on: what is wrong, where, and what to do, on one line."""

from __future__ import annotations

import difflib
import re
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

LONGEST = 400  # characters of a word that a message shows
LONGEST_TEXT = 1600  # characters of what is wrong and where


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
        super().__init__(_line(what, where, fix))


class DivergedError(GrnpygError):
    """The scores of a model that is being trained are no longer finite."""


class LeakageError(GrnpygError):
    """A split lets evaluation pairs into training; the message starts with the name of the leak."""


class DataWarning(UserWarning):
    """The input can be used, but something about it may be a mistake, or some of it was left out."""


def warn(what: str, *, where: object = None, fix: str | None = None) -> None:
    """Say, in one line like an `InputError`, what a user should know although the work goes on.

    Inside `warned` the line is collected; elsewhere it becomes a Python warning, a `DataWarning`.
    """
    line, found = _line(what, where, fix), _found.get()
    if found is None:
        warnings.warn(line, DataWarning, stacklevel=2)
    elif line not in found:
        found.append(line)


@contextmanager
def warned() -> Iterator[list[str]]:
    """Collect the lines of `warn` in a list.

    Example:
        >>> with warned() as lines:
        ...     warn("2 rows are empty", where="labels.tsv")
        >>> lines
        ['labels.tsv: 2 rows are empty']
    """
    lines: list[str] = []
    token = _found.set(lines)
    try:
        yield lines
    finally:
        _found.reset(token)


_found: ContextVar[list[str] | None] = ContextVar("_found", default=None)


def _line(what: str, where: object, fix: str | None) -> str:
    text = clean(what if where is None else f"{clean(str(where))}: {what}", 2 * LONGEST)
    if len(text) > LONGEST_TEXT:  # of many short words, which `clean` leaves alone
        text = f"{text[: LONGEST_TEXT // 2]} ... {text[-LONGEST_TEXT // 4 :]}"
    return clean(text if fix is None else f"{text}. {fix[0].upper()}{fix[1:]}", 2 * LONGEST)


def clean(text: str, longest: int = 0) -> str:
    r"""A text from a file for one line of a terminal: control characters escaped, long words cut.

    Args:
        text: a name or a message.
        longest: a word may have so many characters; by default `LONGEST`.

    Example:
        >>> clean("a\\nb")
        'a\\\\nb'
    """
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return re.sub(r"\S+", lambda word: _cut(word[0], longest or LONGEST), shown)


def _cut(word: str, longest: int) -> str:
    if len(word) <= longest:
        return word
    return f"{word[: longest // 2]}...({len(word):,} characters)...{word[-longest // 4 :]}"


def unknown(kind: str, name: object, known: Iterable[str], *, where: object = None) -> InputError:
    """An `InputError` for a name that is not among the known ones, which it lists."""
    names = sorted(known)
    close = difflib.get_close_matches(str(name), names, n=1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    return InputError(f"unknown {kind} {str(name)!r}", where=where, fix=f"{hint}known: {', '.join(names)}")


def examples(names: Iterable[object], limit: int = 3) -> str:
    """A few names for a message: `A, B, C and 12 more`."""
    listed = [clean(str(name), 80) for name in names]
    head = ", ".join(listed[:limit])
    return head if len(listed) <= limit else f"{head} and {len(listed) - limit:,} more"


def counted(number: int, noun: str) -> str:
    """A number with its noun: `1 training`, `3 trainings`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
