"""How a text table is laid out: what stands before its header, and what separates its fields."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from grnpyg.core.errors import InputError, warn
from grnpyg.data.text.quotes import WHITE, split, stray_quote

_HEADER_WORDS = (
    "source target tf gene gene1 gene2 genes regulator weight importance score label mor sign mode "
    "confidence from to symbol cell cells cell_id barcode cell_type celltype id name index"
)
HEADER_WORDS = set(_HEADER_WORDS.split())
EXCEL_LINE = re.compile(r"sep=(.)", re.IGNORECASE)  # of Excel: says the separator
GCT = re.compile(r"#1\.[0-9]\s*")
MAX_BEFORE = 10_000  # lines
HEAD_LINES, HEAD_CHARACTERS = 50, 1 << 20  # looked at


@dataclass(frozen=True)
class Layout:
    """Where a table begins and what its lines are.

    Args:
        start: lines before the first row, the header among them.
        separator: between fields; `WHITE` is any number of spaces and tabs.
        header: names of the columns, as they stand there; empty for a table without a header.
        first: fields of the first row; the header, if no row follows.
        gct: rows and columns that the head of a GCT file declares.
    """

    start: int
    separator: str
    header: tuple[str, ...]
    first: tuple[str, ...]
    gct: tuple[int, int] | None = None

    @property
    def width(self) -> int:
        """Fields of the first row."""
        return len(self.first)


def find_layout(
    lines: Iterable[str], where: object, *, header: bool = True, separator: str | None = None
) -> Layout:
    """Look at the first lines of a table; lines before it that begin with `#` are left out, and said.

    The last of them is the header if it has as many fields as the next line and that line is none. The
    separator is the one that divides the header and the first rows into the same number of fields.

    Args:
        lines: of the file, with or without their ends.
        where: the file, for messages.
        header: whether the table has a header.
        separator: of the fields, if it is known.

    Raises:
        InputError: no line but such lines, or a GCT file of another version.
    """
    before, body = _head(lines, where)
    if not body:
        raise InputError(
            "holds no table, only blank lines and lines that begin with #", where=where, fix="give all of it"
        )
    if said := next((found for line in before if (found := EXCEL_LINE.fullmatch(line))), None):
        separator = separator or said[1]
    if before and GCT.fullmatch(before[0]):
        return _gct(before, body, where)
    separator = separator or _separator(body)
    rows = list(split(body, separator, quoted=stray_quote(body, separator) is None))
    comments = [line for line in before if line.startswith("#")]
    names: list[str] = []
    start = len(before)
    if header and comments and (marked := _marked_header(comments[-1], rows[0], separator)):
        names = marked
        comments.pop()
    elif header:
        names, start = rows[0], start + 1
        rows = rows[1:] or rows
    if comments:
        what = f"{len(comments):,} lines that begin with # before the table are left out"
        warn(f"{what}, the first is {comments[0][:60]!r}", where=where)
    return Layout(start, separator, tuple(names), tuple(rows[0]))


def _head(lines: Iterable[str], where: object) -> tuple[list[str], list[str]]:
    """The lines before a table, and its first lines without blank ones."""
    before: list[str] = []
    body: list[str] = []
    size = 0
    for line in (line.rstrip("\r\n") for line in lines):
        blank = not line.strip()
        if len(before) > MAX_BEFORE:
            what = f"the first {MAX_BEFORE:,} lines are blank or begin with #"
            raise InputError(what, where=where, fix="leave them out")
        if not body and (blank or line.startswith("#") or EXCEL_LINE.fullmatch(line)):
            before.append(line)
        elif not blank:
            body.append(line)
            size += len(line)
        if len(body) == HEAD_LINES or (len(body) > 2 and size > HEAD_CHARACTERS):
            break
    return before, body


def _separator(body: list[str]) -> str:
    best = next((mark for mark in "\t,;" if mark in body[0]), WHITE)
    fit = 0.0
    for mark in ("\t", ",", ";", WHITE):
        if mark == WHITE and fit > 0.5:
            break
        counts = [len(row) for row in split(body, mark, quoted=stray_quote(body, mark) is None)]
        head, rows = counts[0], counts[1:] or counts
        if head == 1 and best in body[0]:  # this mark divides the rows alone, another one the header
            continue
        exact = rows.count(head) if head > 1 else 0
        same = max(exact, rows.count(head + 1) - 0.1) / len(rows)  # R leaves the corner out
        if same > fit:
            best, fit = mark, same
    return best


def _marked_header(line: str, row: list[str], separator: str) -> list[str] | None:
    """The names in a line that begins with `#`, if it is the header of the row below it."""
    names = next(split([line.lstrip("#").strip(" ")], separator, quoted=False))
    words = [HEADER_WORDS.intersection(name.strip('" ').lower() for name in part) for part in (names, row)]
    if len(names) < 2 or len(names) != len(row) or words[1]:
        return None
    return names if words[0] or separator == "\t" or line[1:2] != " " else None


def _gct(before: list[str], body: list[str], where: object) -> Layout:
    """GCT: `#1.2`, the numbers of rows and columns, and a table with the columns Name and Description."""
    if before[0].strip() != "#1.2" or len(body) < 2:
        fix = "save it as GCT 1.2, or as a table with the genes' names in its first column"
        raise InputError(f"is a GCT file ({before[0].strip()}) that is not read", where=where, fix=fix)
    size = [int(word) for word in body[0].split() if word.isdecimal() and len(word) < 10]
    names = body[1].split("\t")
    if len(size) != 2 or len(names) != size[1] + 2:
        what = f"the head of the GCT file says {body[0][:40]!r}, its header has {len(names) - 2} samples"
        raise InputError(what, where=where, fix="fetch the file again")
    first = body[2].split("\t") if len(body) > 2 else names
    return Layout(len(before) + 2, "\t", tuple(names), tuple(first), (size[0], size[1]))
