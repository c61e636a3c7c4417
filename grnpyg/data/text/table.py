"""Read a delimited text into a table of strings."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import islice

import pandas as pd

from grnpyg.core.errors import InputError, examples, warn
from grnpyg.data.text.characters import check_characters
from grnpyg.data.text.layout import Layout, find_layout
from grnpyg.data.text.quotes import WHITE, split, stray_quote, warn_of

MAX_COLUMNS = 50_000
ROW_NAMES = "row names"


def parse_table(text: str, where: object, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """A delimited text as stripped strings, one row a line; a missing cell is empty.

    See `find_layout` for the separator and for lines before the header. Blank lines and lines that repeat the
    header are left out. A table that R wrote has one name fewer than columns: its row names become the first
    column, or are left out if they only number the rows.

    Args:
        text: of the file, lines ended by a newline.
        where: the file, for messages.
        columns: names for the columns of a text without a header.

    Raises:
        InputError: rows wider than the header, or the number of names differs from the number of columns.
    """
    if not text.isascii() and (half := re.search("[\ud800-\udfff]", text)):
        check_characters([text[max(0, half.start() - 20) : half.end()].split()[-1]], where)
    layout = find_layout(_lines(text), where, header=columns is None)
    names = list(layout.header if columns is None else columns)
    if layout.gct:
        raise InputError("is a GCT file, a matrix of expression", where=where, fix="give a table of names")
    if max(len(names), layout.width) > MAX_COLUMNS:
        what = f"has {max(len(names), layout.width):,} columns"
        raise InputError(what, where=where, fix=f"give a table of at most {MAX_COLUMNS:,} columns")
    stray = stray_quote(_lines(text, layout.start), layout.separator) if '"' in text else None
    if stray:
        warn_of(stray + layout.start, where)
    if columns is not None and len(names) != layout.width:
        what = f"{len(names)} column names for {layout.width} columns"
        raise InputError(what, where=where, fix="name every column, in order")
    frame = _cells(text, layout, max(len(names), layout.width), stray is None, where)
    marks = '" ' if stray else None  # quotation marks that quoted nothing
    names = [name.strip('" ' if stray else None) for name in names]
    if (surplus := frame.shape[1] - len(names)) > 0:
        rows = split(_lines(text, layout.start), layout.separator, stray is None)
        even = surplus == 1 and all(len(row) in (0, frame.shape[1]) or not any(row) for row in rows)
        frame, names = _without_corner(frame, names, surplus, even, layout, where)
    cells = pd.DataFrame({number: frame[column].str.strip(marks) for number, column in enumerate(frame)})
    again = (cells == names).all(axis=1) if columns is None and len(names) > 1 else pd.Series(dtype=bool)
    if again.any():
        warn(f"{again.sum():,} lines repeat the header and are left out", where=where)
        cells = cells[~again].reset_index(drop=True)
    cells.columns = pd.Index(_unique(names, where))
    return cells


def _lines(text: str, start: int = 0) -> Iterator[str]:
    r"""The lines of a text from the one of index `start` on; only `\n` ends a line."""
    return islice(io.StringIO(text, newline="\n"), start, None)


def _cells(text: str, layout: Layout, width: int, quoted: bool, where: object) -> pd.DataFrame:
    """The fields of the rows; empty where a line has fewer than `width`."""
    stream = io.StringIO(text, newline="\n")
    for _ in range(layout.start):
        stream.readline()
    try:
        frame = pd.read_csv(
            stream,
            sep=r"\s+" if layout.separator == WHITE else layout.separator,
            header=None,
            names=range(width),
            dtype=str,
            keep_default_na=False,
            skipinitialspace=layout.separator != WHITE,  # source, "target"
            quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
            lineterminator="\n",
        )
    except pd.errors.EmptyDataError:
        return pd.DataFrame(columns=range(width), dtype=str)
    except pd.errors.ParserError as error:
        rows = split(_lines(text, layout.start), layout.separator, quoted)
        wide = ((line, len(row)) for line, row in enumerate(rows, layout.start + 1) if len(row) > width)
        line, count = next(wide, (0, 0))
        reason = f"line {line:,} has {count:,} fields instead of {width:,}" if line else str(error)
        fix = "give every row the same fields"
        raise InputError(f"is not a regular table: {reason}", where=where, fix=fix) from None
    blank = " \t\n".replace(layout.separator, "") if layout.separator != WHITE else " \t\n"
    lines = sum(bool(line.strip(blank)) for line in _lines(text, layout.start))
    if lines != len(frame):
        what = f"has {lines:,} lines with text, of which {len(frame):,} rows could be made"
        raise InputError(what, where=where, fix="write the table without quotation marks in its fields")
    return frame


def _without_corner(
    frame: pd.DataFrame, names: list[str], surplus: int, even: bool, layout: Layout, where: object
) -> tuple[pd.DataFrame, list[str]]:
    """A table whose rows have more fields than its header: empty ones at the end, or row names of R."""
    if (frame.iloc[:, -surplus:] == "").all(axis=None):
        return frame.iloc[:, :-surplus], names
    first = frame[0]
    numbered = first.tolist() == [str(number) for number in range(1, len(frame) + 1)]
    if not even or not first.is_unique or (len(frame) == 1 and not numbered):
        what = f"rows have more fields than the {len(names)} columns of the header"
        what += f": line {layout.start + 1:,} has {layout.width:,}"
        raise InputError(what, where=where, fix="name every column in the header")
    warn(
        f"its header names {len(names)} columns and its rows have {frame.shape[1]}, as R writes tables: the "
        f"first one is taken for names of rows ({examples(first)})",
        where=where,
        fix="if it is not, name every column",
    )
    return (frame.iloc[:, 1:], names) if numbered else (frame, [ROW_NAMES, *names])


def _unique(names: list[str], where: object) -> list[str]:
    """Names of columns without repetition: an empty one gets its number, a repeated one a suffix."""
    found: dict[str, int] = {}
    unique: list[str] = []
    for number, name in enumerate(names):
        base = name or f"Unnamed: {number}"
        count = found.get(base, 0)
        found[base] = count + 1
        unique.append(f"{base}.{count}" if count else base)
    if twice := [name for name, count in found.items() if count > 1]:
        warn(f"columns of one name, of which the first counts: {examples(twice)}", where=where)
    return unique
