"""Quotation marks in text tables: those that quote a field, and those that only stand in the text."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from grnpyg.core.errors import warn

WHITE = " "  # as a separator: any number of spaces and tabs
WHITES = "[ \t]+"


def stray_quote(lines: Iterable[str], separator: str) -> int | None:
    """The number, from 1, of the first line that ends within a quoted field: a mark has no partner.

    A reader that takes such a mark for the beginning of a field swallows the lines up to the next one. So a
    field is never read over several lines.
    """
    rows = _csv_rows(chain(lines, [""]), separator)  # the last one has to end, too
    number = 0
    try:
        for number, _ in enumerate(rows, 1):
            if rows.line_num > number:
                return number
    except csv.Error:  # a field of 131,072 characters
        return number + 1
    return None


def split(lines: Iterable[str], separator: str, quoted: bool) -> Iterator[list[str]]:
    """The fields of each line; with `quoted`, marks quote a field and are left out."""
    if quoted:
        yield from _csv_rows(lines, separator)
    elif separator == WHITE:
        yield from (re.split(WHITES, line.strip(" \t\n")) for line in lines)
    else:
        yield from (line.rstrip("\n").split(separator) for line in lines)


def _csv_rows(lines: Iterable[str], separator: str) -> Any:
    plain = (line.replace("\r", WHITE) for line in lines)  # a line end to the module csv
    if separator == WHITE:
        plain = (line.replace("\t", WHITE).strip() for line in plain)
    return csv.reader(plain, delimiter=separator, skipinitialspace=True)


def warn_of(line: int, where: object) -> None:
    """Say that the marks of a file are not read as quotation."""
    warn(
        f"a quotation mark in line {line:,} has no partner in its line: no mark of the file quotes a field",
        where=where,
        fix="if a field spans several lines, write it on one",
    )
