"""Read an expression matrix from a text table; orientation and separator are detected."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow

from grnpyg.core.errors import InputError, examples
from grnpyg.data.text.quotes import stray_quote, warn_of

if TYPE_CHECKING:
    from anndata import AnnData

BLOCK = 1 << 24  # bytes read at a time
NUMBER = re.compile(r"-?\d+(\.\d+)?(e[-+]?\d+)?", re.IGNORECASE)
ENSEMBL = re.compile(r"ENS[A-Z]{0,6}G\d{6,}(\.\d+)?")


def read_header(path: Path, sep: str | None) -> tuple[list[str], str]:
    """The header of a text table, its corner included, and the separator."""
    try:
        with pa.input_stream(str(path)) as stream, io.TextIOWrapper(stream, "utf-8-sig", newline="") as text:
            lines = [text.readline().rstrip("\r\n") for _ in range(2)]
    except UnicodeDecodeError:
        lines = ["\0"]
    if "\0" in lines[0]:
        raise InputError("is binary, not a text table", where=path, fix="check what the file really is")
    if not all(lines):
        raise InputError("has no header followed by rows", where=path, fix="check that the file is complete")
    sep = sep or max("\t,; ", key=lines[0].count)
    header, first = csv.reader(
        lines, delimiter=sep, quoting=csv.QUOTE_NONE if stray_quote(lines) else csv.QUOTE_MINIMAL
    )
    if len(first) < 2:
        raise InputError(f"has one column when split at {sep!r}", where=path, fix="name the separator (sep)")
    if len(header) + 1 == len(first):  # R leaves the corner out
        header = ["", *header]
    if len(header) != len(first):
        what = f"ragged table: {len(header)} fields in the header, {len(first)} in the first row"
        raise InputError(what, where=path, fix="give every line the same number of fields")
    return header, sep


def read_text_table(path: Path, genes_in: str, known_genes: Collection[str], sep: str | None) -> AnnData:
    """Cells x genes from a table with names in its first line and column; see `read_expression`.

    Raises:
        InputError: ragged lines, a value that is not a number, or an ambiguous orientation.
    """
    from anndata import AnnData

    header, sep = read_header(path, sep)
    columns = [str(number) for number in range(len(header))]  # Arrow wants unique names
    block = (1 << 24) + 64 * len(columns)  # bytes; a row has to fit
    stray = _stray_quote(path)
    try:
        with pa.input_stream(str(path)) as stream:
            table = arrow.read_csv(
                stream,
                arrow.ReadOptions(skip_rows=1, column_names=columns, block_size=block),
                arrow.ParseOptions(delimiter=sep, quote_char=False if stray else '"'),
                arrow.ConvertOptions(column_types=dict.fromkeys(columns, pa.float32()) | {"0": pa.string()}),
            )
    except pa.ArrowInvalid as error:
        raise _text_error(str(error), path, header) from error
    marks = '" ' if stray else None  # quotation marks that quoted nothing
    if stray:
        warn_of(stray, path)
    rows = [str(name).strip(marks) for name in table[0].to_pylist()]
    names = [name.strip(marks) for name in header[1:]]
    if header[0].strip() and _counts(rows, known_genes):
        raise InputError(
            f"its first column, {header[0]!r}, holds numbers ({examples(rows)}), not names of rows",
            where=path,
            fix="write a first column with the names",
        )
    if header[0].strip() in known_genes:
        raise InputError(
            f"its first column is the gene {header[0]!r}, so its rows have no names",
            where=path,
            fix="write a first column with the names of the cells",
        )
    values = np.vstack([column.to_numpy() for column in table.columns[1:]])
    in_rows = genes_in == "rows" if genes_in != "auto" else _genes_in_rows(rows, names, known_genes, path)
    cells, genes = (names, rows) if in_rows else (rows, names)
    matrix = values if in_rows else values.T
    return AnnData(matrix, obs=pd.DataFrame(index=pd.Index(cells)), var=pd.DataFrame(index=pd.Index(genes)))


def _stray_quote(path: Path) -> int | None:
    """`stray_quote` of a file; one without any quotation mark is only looked through."""
    with pa.input_stream(str(path)) as stream:
        if not any(b'"' in block for block in iter(lambda: stream.read(BLOCK), b"")):
            return None
    with pa.input_stream(str(path)) as stream, io.TextIOWrapper(stream, "utf-8", "replace") as text:
        return stray_quote(text)


def _counts(rows: list[str], known_genes: Collection[str]) -> bool:
    """Whether a first column holds values, not names: numbers, with decimals or some of them repeated."""
    if not all(NUMBER.fullmatch(name) for name in rows) or not set(known_genes).isdisjoint(rows):
        return False
    return not all(map(str.isdigit, rows)) or len(set(rows)) < len(rows)


def _text_error(message: str, path: Path, header: list[str]) -> InputError:
    if ragged := re.search(r"Expected (\d+) columns, got (\d+): ?(.*)", message):
        what = f"ragged table: {ragged[2]} fields instead of {ragged[1]} in the row {ragged[3][:30]!r}"
        return InputError(what, where=path, fix="give every line the same number of fields")
    if bad := re.search(r"column #(\d+): .*invalid value '(.*)'", message):
        what = f"column {header[int(bad[1])]!r} holds {bad[2][:30]!r}, which is not a number"
        return InputError(what, where=path, fix="keep one column of names, the first, and columns of numbers")
    return InputError(
        f"cannot be read as a table ({message[:200]})", where=path, fix="check the separator (sep)"
    )


def _genes_in_rows(rows: list[str], columns: list[str], known_genes: Collection[str], path: Path) -> bool:
    known = set(known_genes)
    counts = [len(known.intersection(axis)) for axis in (rows, columns)]
    if counts[0] == counts[1]:
        counts = [sum(ENSEMBL.fullmatch(name) is not None for name in axis) for axis in (rows, columns)]
    if counts[0] == counts[1]:
        what = f"rows like {examples(rows)} or columns like {examples(columns)}: either could be the genes"
        raise InputError(what, where=path, fix="say which with --genes-in rows or --genes-in columns")
    return counts[0] > counts[1]
