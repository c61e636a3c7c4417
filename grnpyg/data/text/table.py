"""Read a delimited text into a table of strings."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Literal

import pandas as pd

from grnpyg.core.errors import InputError
from grnpyg.data.text.quotes import stray_quote, warn_of


def parse_table(text: str, where: object, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """A delimited text as stripped strings; a missing cell is empty.

    The separator is the first of tab, comma, semicolon that occurs in the first line, or white space.
    `columns` names the columns of a text without a header.

    Raises:
        InputError: rows wider than the header, or the number of names differs from the number of columns.
    """
    text = text.lstrip("\r\n")
    first = text.split("\n", 1)[0]
    separator = next((mark for mark in "\t,;" if mark in first), r"\s+")
    header = 0 if columns is None else None
    stray = stray_quote(text.split("\n"))
    quoting: Literal[0, 3] = csv.QUOTE_NONE if stray else csv.QUOTE_MINIMAL
    try:
        frame = pd.read_csv(
            io.StringIO(text),
            sep=separator,
            header=header,
            dtype=str,
            keep_default_na=False,
            quoting=quoting,
        )
    except pd.errors.ParserError as error:
        reason = str(error).split("C error: ")[-1].strip()
        raise InputError(
            f"is not a regular table ({reason})", where=where, fix="give every row the same fields"
        ) from None
    if not isinstance(frame.index, pd.RangeIndex):  # pandas would take the surplus first fields for an index
        what = f"rows have more fields than the {frame.shape[1]} columns of the header"
        raise InputError(what, where=where, fix="name every column in the header")
    if columns is not None:
        if len(columns) != frame.shape[1]:
            what = f"{len(columns)} column names for {frame.shape[1]} columns"
            raise InputError(what, where=where, fix="name every column, in order")
        frame.columns = pd.Index(columns)
    cells = frame.fillna("")
    marks = '" ' if stray else None  # quotation marks that quoted nothing
    if stray:
        warn_of(stray, where)
    return pd.DataFrame({str(name).strip(marks): cells[name].str.strip(marks) for name in cells.columns})
