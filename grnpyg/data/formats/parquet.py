"""Known edges in a Parquet file: a table like those in text, or a base GRN of CellOracle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from grnpyg.core.errors import InputError
from grnpyg.data.formats.columns import plain_name
from grnpyg.data.formats.matrix import LABELS, LEAST_COLUMNS, Column, rows_from_matrix
from grnpyg.data.formats.rows import Rows
from grnpyg.data.formats.table import names_both_ends, rows_from_frame

MOST_ROWS = 50_000_000
MOST_COLUMNS = 20_000
MOST_CELLS = 1_000_000_000
MOST_BYTES = 4 * 2**30  # of the data when unpacked, as the file itself declares them
BATCH = 64  # columns of a matrix that are in memory at a time


def is_parquet(path: Path) -> bool:
    """Whether a file begins as Parquet files do."""
    try:
        with path.open("rb") as file:
            return file.read(4) == b"PAR1"
    except OSError:
        return False  # the reader of text says what is wrong


def check_parquet(path: Path) -> None:
    """Check what a Parquet file declares before it is read.

    Raises:
        InputError: it is damaged, empty or too large.
    """
    try:
        with pq.ParquetFile(path) as file:
            _check_size(file.metadata, path)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _unreadable(error, path) from None


def rows_from_parquet(path: Path, chosen: Mapping[str, str] | None = None) -> Rows:
    """The rows of a Parquet file.

    Raises:
        InputError: the file is damaged, too large or holds neither edges nor a matrix of them.
    """
    try:
        with pq.ParquetFile(path) as file:
            _check_size(file.metadata, path)
            text = [field.name for field in file.schema_arrow if _is_text(field.type)]
        with pq.ParquetFile(path, read_dictionary=text) as file:  # a repeated name stays one name
            return _rows(file, path, chosen)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _unreadable(error, path) from None


def _unreadable(error: Exception, path: Path) -> InputError:
    reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
    return InputError(
        f"the Parquet file cannot be read ({reason})", where=path, fix="write or fetch it again"
    )


def _check_size(metadata: pq.FileMetaData, path: Path) -> None:
    size = sum(metadata.row_group(group).total_byte_size for group in range(metadata.num_row_groups))
    cells = metadata.num_rows * metadata.num_columns
    limits = {
        "rows": (metadata.num_rows, MOST_ROWS),
        "columns": (metadata.num_columns, MOST_COLUMNS),
        "cells": (cells, MOST_CELLS),
        "bytes unpacked": (size, MOST_BYTES),
    }
    for what, (count, most) in limits.items():
        if count > most:
            raise InputError(
                f"the Parquet file has {count:,} {what}, more than the {most:,} that are read",
                where=path,
                fix="leave out what is no known edge",
            )
    if not metadata.num_rows:
        raise InputError("the Parquet file has no rows", where=path)


def _rows(file: pq.ParquetFile, path: Path, chosen: Mapping[str, str] | None) -> Rows:
    schema = file.schema_arrow
    text = [field.name for field in schema if _is_text(field.type)]
    numbers = [field.name for field in schema if _is_number(field.type)]
    listed = [field.name for field in schema if field.name in {*text, *numbers}]
    names = next((name for name in text if plain_name(name) == "gene_short_name"), None)
    oracle = names is not None and any(plain_name(name) == "peak_id" for name in text)
    heads = [name for name in numbers if plain_name(name) not in LABELS and not name.startswith("__index")]
    if chosen or (not oracle and (names_both_ends(listed, path) or not text or len(heads) < LEAST_COLUMNS)):
        read = {name: _strings(file.read([name], use_threads=False)[name]) for name in listed}
        return rows_from_frame(pd.DataFrame(read), path, chosen)
    row_names = _strings(file.read([names or text[0]], use_threads=False)[0]).tolist()
    return rows_from_matrix(row_names, _columns(file, heads), heads, path, oracle=oracle)


def _columns(file: pq.ParquetFile, heads: Sequence[str]) -> Iterator[Column]:
    for start in range(0, len(heads), BATCH):
        part = file.read(list(heads[start : start + BATCH]), use_threads=False)
        for name in part.column_names:
            yield name, np.nan_to_num(part[name].cast(pa.float64()).to_numpy(), nan=0.0)


def _is_text(kind: pa.DataType) -> bool:
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind))


def _strings(column: pa.ChunkedArray) -> pd.Series[str]:
    """A column as strings; equal ones are one object, so that a long name does not multiply."""
    if not _is_text(column.type):
        return pd.Series(["" if pd.isna(value) else str(value) for value in column.to_pandas()], dtype=object)
    column = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    parts = []
    for chunk in column.chunks:
        words = np.asarray([str(word).strip() for word in chunk.dictionary.to_pylist()] + [""], dtype=object)
        parts.append(
            words[chunk.indices.fill_null(len(words) - 1).to_numpy(zero_copy_only=False).astype(int)]
        )
    return pd.Series(np.concatenate(parts), dtype=object)
