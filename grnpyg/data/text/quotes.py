"""Quotation marks in text tables: those that quote a field, and those that only stand in the text."""

from __future__ import annotations

from collections.abc import Iterable

from grnpyg.core.errors import warn


def stray_quote(lines: Iterable[str]) -> int | None:
    """The number, from 1, of the first line with an odd number of quotation marks: one has no partner.

    A reader that takes such a mark for the beginning of a field swallows the lines up to the next one. So a
    field is never read over several lines.
    """
    return next((number for number, line in enumerate(lines, 1) if line.count('"') % 2), None)


def warn_of(line: int, where: object) -> None:
    """Say that the marks of a file are not read as quotation."""
    warn(
        f"a quotation mark in line {line:,} has no partner in its line: no mark of the file quotes a field",
        where=where,
        fix="if a field spans several lines, write it on one",
    )
