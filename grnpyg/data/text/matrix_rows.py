"""The rows of an expression matrix in text, read in batches of lines; a line may have millions of fields."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from grnpyg.core.errors import InputError, warn
from grnpyg.data.text.files import BLOCK, TextLines
from grnpyg.data.text.layout import Layout
from grnpyg.data.text.numbers import Numbers
from grnpyg.data.text.quotes import WHITE, WHITES, split, stray_quote


@dataclass(frozen=True)
class Rows:
    """What the rows hold.

    Args:
        names: of the rows.
        notes: fields that describe each row.
        values: (num_rows, num_columns), float32.
    """

    names: list[str]
    notes: list[list[str]]
    values: NDArray[np.float32]


class StrayQuoteError(Exception):
    """A line, of this number, ends within a quoted field."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def read_rows(
    file: TextLines, layout: Layout, header: list[str], notes: int, trailing: bool, quoted: bool
) -> Rows:
    """Read all rows below the header.

    Args:
        file: the file.
        layout: of the file.
        header: names of the columns, the corner included.
        notes: columns after the first one that describe the rows.
        trailing: whether each line ends with a separator.
        quoted: whether quotation marks quote a field.

    Raises:
        InputError: a ragged line, or a value that is no finite number.
        StrayQuoteError: a quotation mark without its partner.
    """
    numbers = Numbers(file.path, header[1 + notes :])
    names: list[str] = []
    described: list[list[str]] = []
    values: list[NDArray[np.float32]] = []
    first = re.compile(rf'^"([^"{layout.separator}\t]*)"(?={layout.separator})')
    for batch in _batches(file, layout):
        unmarked = [(number, first.sub(r"\1", line, 1)) for number, line in batch] if quoted else batch
        if quoted and any('"' in line for _, line in unmarked):
            if stray := stray_quote((line for _, line in batch), layout.separator):
                raise StrayQuoteError(batch[stray - 1][0])
            heads, fields = _split_quoted(batch, layout.separator, header, notes, trailing, file)
        else:
            heads, fields = _split_plain(unmarked, layout.separator, header, notes, trailing, file)
        places = [(number, head[0]) for (number, _), head in zip(batch, heads, strict=True)]
        values.append(numbers.read(fields, places))
        names += [head[0] for head in heads]
        described += [head[1:] for head in heads]
    numbers.finish()
    return Rows(names, described, np.concatenate(values))


def _batches(file: TextLines, layout: Layout) -> Iterator[list[tuple[int, str]]]:
    """Lines that hold rows, with their numbers; lines that repeat the header are left out, and said."""
    again = number = 0
    with file.lines() as lines:
        before = [lines.readline().rstrip("\r\n") for _ in range(layout.start)]
        header = before[-1].lstrip("# ") if before else ""
        number = layout.start
        while block := lines.readlines(BLOCK):
            bare = [(number + place, line.rstrip("\r\n")) for place, line in enumerate(block, 1)]
            number += len(block)
            rows = [row for row in bare if row[1].strip(" \t")]
            batch = [row for row in rows if row[1].lstrip("# ") != header]
            again += len(rows) - len(batch)
            if batch:
                yield batch
    if again:
        warn(f"{again:,} lines repeat the header and are left out", where=file.path)


def _split_plain(
    batch: list[tuple[int, str]], sep: str, header: list[str], notes: int, trailing: bool, file: TextLines
) -> tuple[list[list[str]], pa.Array]:
    heads, rests = [], []
    for number, whole in batch:
        line = WHITE.join(re.split(WHITES, whole.strip(" \t"))) if sep == WHITE else whole
        line = line.removesuffix(sep) if trailing else line
        if (count := line.count(sep) + 1) != len(header):
            raise _ragged(number, whole, count, header, file)
        *head, rest = line.split(sep, notes + 1)
        heads.append(head)
        rests.append(rest)
    return heads, pc.split_pattern(pa.array([sep.join(rests)]), sep).flatten()


def _split_quoted(
    batch: list[tuple[int, str]], sep: str, header: list[str], notes: int, trailing: bool, file: TextLines
) -> tuple[list[list[str]], pa.Array]:
    heads: list[list[str]] = []
    fields: list[str] = []
    for (number, line), row in zip(batch, split((line for _, line in batch), sep, True), strict=True):
        if trailing and row[-1] == "":
            row.pop()
        if len(row) != len(header):
            raise _ragged(number, line, len(row), header, file)
        heads.append(row[: notes + 1])
        fields += row[notes + 1 :]
    return heads, pa.array(fields, pa.string())


def _ragged(number: int, line: str, count: int, header: list[str], file: TextLines) -> InputError:
    what = f"ragged table: {count} fields instead of {len(header)} in the row {line[:30]!r}, line {number:,}"
    return InputError(what, where=file.path, fix="give every line the same number of fields")
