"""Several genes in one cell, `IL2RB;TCF7`: one row for each."""

from __future__ import annotations

import re

import pandas as pd

from grnpyg.core.errors import warn
from grnpyg.data.formats.rows import ENDS, Rows
from grnpyg.data.names.joined import taken_apart
from grnpyg.data.names.symbols import gene_names

MARKS = ("///", ";", "|", ",")
NAME = re.compile(r"[^\s;|,]*[^\W_][^\s;|,]*")  # at least one letter or digit, and no white space
LEAST_SHARE = 0.5  # of the cells with a mark that have to be lists


def split_cells(rows: Rows, where: object) -> Rows:
    """The rows with one gene in a cell; how many cells are split is said.

    A mark separates genes if most of the cells that have it hold a name on every side of it.
    """
    table = rows.table
    for end in ENDS:
        lists = _lists(table[end])
        if not lists:
            continue
        count = int(table[end].isin(lists.keys()).sum())
        split = table[end].map(lambda cell, lists=lists: lists.get(cell, [cell]))
        table = table.assign(**{end: split}).explode(end, ignore_index=True)
        what = "TFs" if end == "source" else "genes"
        warn(
            f"{count:,} cells hold lists of {what}: one row for each of them, {len(table):,} rows",
            where=where,
        )
    return rows.noting(table)


def _lists(column: pd.Series[str]) -> dict[str, list[str]]:
    """Cell -> its names, for cells that are lists."""
    cells = [str(cell) for cell in column.unique()]
    if taken_apart(cells):  # `TP53|7157` is one gene
        return {}
    for mark in MARKS:
        marked = [cell for cell in cells if mark in cell]
        parts = {cell: [part.strip(" '\"") for part in cell.strip(" []").split(mark)] for cell in marked}
        lists = {
            cell: names
            for cell, names in parts.items()
            if len(names) > 1 and all(NAME.fullmatch(name) for name in names)
        }
        if lists and len(lists) >= LEAST_SHARE * len(marked):
            return lists
    if column.name != "target":  # `STAT1 human` is a TF
        return {}
    words = {cell: cell.split() for cell in cells if len(cell.split()) > 1}
    genes = gene_names() if words else frozenset()
    found = [word in genes for names in words.values() for word in names]
    return words if found and sum(found) > LEAST_SHARE * len(found) else {}
