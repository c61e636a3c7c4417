"""Known edges as a matrix of 0 and 1: genes by TFs, as CellOracle and the Inferelator write them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from grnpyg.core.errors import InputError, warn
from grnpyg.data.formats.columns import plain_name
from grnpyg.data.formats.rows import Rows
from grnpyg.data.names.symbols import tf_names

LEAST_COLUMNS = 2  # of numbers
CLEAR_SHARE = 0.2  # difference in the share of known TFs that tells which axis has the TFs
CLEAR_RATIO = 2  # or so many times more names on the other axis
NOT_BINARY = (
    "a table of numbers in which no column names a TF or a gene; as a matrix of edges it may hold 0, 1 and -1"
)
LABELS = ("peak_id", "unnamed:_0", "")  # columns that label the rows beside the gene
Column = tuple[str, np.ndarray]


def matrix_columns(frame: pd.DataFrame) -> tuple[str, list[str]] | None:
    """The column with the names of the rows, and those with numbers; None if the table is no matrix.

    The names stand in the only column of text (beside CellOracle's `peak_id`).
    """
    head = frame.iloc[:50]
    listed = [str(column) for column in frame.columns]
    names = [name for name in listed if plain_name(name) != "peak_id" and not _numeric(head[name])]
    rest = [name for name in listed if name not in names and plain_name(name) not in LABELS]
    return (names[0], rest) if len(names) == 1 and len(rest) >= LEAST_COLUMNS else None


def rows_from_matrix_frame(
    frame: pd.DataFrame, names: str, columns: Sequence[str], where: object, *, oracle: bool = False
) -> Rows:
    """The rows of a matrix in a table of strings; see `rows_from_matrix`."""
    cells = ((name, _numbers(frame[name]).to_numpy(float)) for name in columns)
    return rows_from_matrix(frame[names].astype(str).tolist(), cells, columns, where, oracle=oracle)


def rows_from_matrix(
    names: Sequence[str],
    columns: Iterable[Column],
    heads: Sequence[str],
    where: object,
    *,
    oracle: bool = False,
) -> Rows:
    """One row for every 1 (or -1) of a matrix.

    Args:
        names: of the rows; one may occur several times (a gene with several peaks).
        columns: name and values of every column, in turn.
        heads: the names of the columns.
        where: the file, for messages.
        oracle: a base GRN of CellOracle, which has the TFs in the columns.

    Raises:
        InputError: a value other than 0, 1 and -1.
    """
    codes, distinct = pd.factorize(np.asarray(names, dtype=object))
    found: list[pd.DataFrame] = []
    for head, values in columns:
        if not np.isin(values, (0.0, 1.0, -1.0)).all():
            odd = values[~np.isin(values, (0.0, 1.0, -1.0))][0]
            raise InputError(
                f"is {NOT_BINARY}, but column {head!r} holds {odd:g}",
                where=where,
                fix="give a table of TFs and genes, one row an edge, with weights in a third column",
            )
        hits = np.flatnonzero(values)
        pairs = pd.DataFrame({"row": codes[hits], "weight": values[hits]}).drop_duplicates()
        found.append(pairs.assign(column=head))
    table = pd.concat(found, ignore_index=True)
    rows, heads_of = pd.Series(distinct)[table["row"]].to_numpy(), table["column"].to_numpy()
    flipped = not oracle and _tfs_in_rows(list(distinct), heads, where)
    ends = (rows, heads_of) if flipped else (heads_of, rows)
    edges = pd.DataFrame({"source": ends[0], "target": ends[1], "weight": table["weight"]})
    if (edges["weight"] < 0).any():
        edges["sign"] = edges["weight"].astype(int)
    axes = "TFs in rows and genes in columns" if flipped else "genes in rows and TFs in columns"
    kind = "a base GRN of CellOracle" if oracle else "a matrix of 0 and 1"
    said = f"Read as {kind}: {axes}, {len(distinct):,} by {len(heads):,}; each 1 is an edge."
    return Rows(edges.astype({"source": str, "target": str}), (said,))


def _tfs_in_rows(rows: Sequence[str], heads: Sequence[str], where: object) -> bool:
    """Whether the rows are the TFs: by the names of known TFs, or by the number of names."""
    known = tf_names()
    share = [len(known & set(axis)) / len(set(axis)) for axis in (rows, heads)]
    if abs(share[0] - share[1]) >= CLEAR_SHARE:
        return share[0] > share[1]
    if len(rows) * CLEAR_RATIO <= len(heads):
        return True
    if len(heads) * CLEAR_RATIO > len(rows):
        warn(
            f"it is not clear whether the {len(rows):,} rows or the {len(heads):,} columns of the matrix "
            "are the TFs: the columns are taken for them",
            where=where,
            fix="if the rows are the TFs, transpose the matrix",
        )
    return False


def _numbers(column: pd.Series[str]) -> pd.Series[float]:
    words = column.str.lower().replace({"true": "1", "false": "0"})
    return pd.to_numeric(words, errors="coerce").astype(float)


def _numeric(column: pd.Series[str]) -> bool:
    return bool(_numbers(column).notna().all())
