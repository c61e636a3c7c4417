"""Tables of a run that may come from anyone: what they can grow to is known before they are read.

A run's tables are flat, and written with snappy, which shrinks nothing to less than a twentieth. So a small
file cannot hold much: other codecs, nested columns and packings of repeated beginnings, with which it could
fill any memory, are refused. No row takes less than a bit. Repeated texts are held once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from grnpyg.core.errors import InputError
from grnpyg.runs.manifest import AGAIN

LIMIT = 1 << 33  # bytes that a table may declare
ROWS = 10_000  # a table may have in any case
TEXT = "BYTE_ARRAY"
KINDS = {TEXT, "BOOLEAN", "INT32", "INT64", "FLOAT", "DOUBLE"}
CODECS = {"SNAPPY", "UNCOMPRESSED"}
ENCODINGS = {"PLAIN", "RLE", "BIT_PACKED", "PLAIN_DICTIONARY", "RLE_DICTIONARY"}


def read(path: Path) -> pd.DataFrame:
    """A table whose size and form, as the file declares them, are checked before it is read.

    Raises:
        InputError: it is no table, or one that grnpyg does not write.
    """
    try:
        texts = check_form(path, pq.read_metadata(path))
        table: pd.DataFrame = pq.read_table(path, read_dictionary=texts).to_pandas()
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"not a readable table ({reason})", where=path, fix=AGAIN) from None
    for name in texts:
        if isinstance(table[name].dtype, pd.CategoricalDtype):
            table[name] = pd.Series(np.asarray(table[name]), index=table.index)
    return table


def check_form(path: Path, facts: Any) -> list[str]:
    """The columns of texts of a file that may be read.

    Args:
        path: the file.
        facts: its `pyarrow.parquet.FileMetaData`.

    Raises:
        InputError: it may unpack to more than memory can hold, or has another form than grnpyg writes.
    """
    columns = list(map(facts.schema.column, range(facts.num_columns)))
    kinds = facts.schema.to_arrow_schema().types
    if any(column.max_repetition_level for column in columns) or any(map(pa.types.is_nested, kinds)):
        raise _refused("has columns of lists or of columns", path)
    rows, size, declared = facts.num_rows, path.stat().st_size, 0
    for number in range(facts.num_row_groups):
        group = facts.row_group(number)
        declared += group.total_byte_size
        for column in map(group.column, range(group.num_columns)):
            form = (column.physical_type, column.compression, *column.encodings)
            if column.num_values > group.num_rows or group.num_rows > rows:
                raise _refused("its counts of rows disagree", path)
            if form[0] not in KINDS or form[1] not in CODECS or not ENCODINGS.issuperset(form[2:]):
                raise _refused(f"column {column.path_in_schema} is packed as {', '.join(form)}", path)
    declared = max(8 * rows * max(1, facts.num_columns), declared)
    if declared > LIMIT or rows > 8 * size + ROWS:
        raise _refused(f"declares {rows:,} rows and {declared:,} bytes in a file of {size:,}", path)
    return [column.name for column in columns if column.physical_type == TEXT]


def _refused(what: str, path: Path) -> InputError:
    return InputError(what, where=path, fix="grnpyg writes no such table; do not use this one")
