"""Known edges in a table with one row an edge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from grnpyg.core.errors import InputError, examples
from grnpyg.data.formats.columns import ALIASES, find_columns
from grnpyg.data.formats.rows import ENDS, Rows
from grnpyg.data.formats.values import modes, numbers
from grnpyg.data.text.table import parse_table

MAX_BARE_COLUMNS = 8  # a wider table without a known column is another kind of file, not a missing header


def rows_from_table(
    text: str,
    where: object,
    columns: Sequence[str] | None = None,
    chosen: Mapping[str, str] | None = None,
) -> Rows:
    """The recognised columns of a delimited text, renamed by `ALIASES`, with values parsed.

    `chosen` says which column holds what, `{"source": "TF"}`, where the names alone do not.

    Raises:
        InputError: an end has no column or more than one, or a weight, sign, mode or label cannot be read.
    """
    frame = parse_table(text, where, columns)
    listed = list(frame.columns)
    found = find_columns(listed, chosen, where)
    for name, hits in found.items():
        if len(hits) > 1:
            raise InputError(
                f"several columns for the {name}: {', '.join(hits)}", where=where, fix="keep one"
            )
        if name in ENDS and not hits:
            bare = columns is None and len(listed) <= MAX_BARE_COLUMNS and not any(found.values())
            hint = "without a header, add the line `source<TAB>target` at the top; " if bare else ""
            what = f"no {name} column; found the columns {examples(listed, 8)}"
            raise InputError(what, where=where, fix=f"{hint}accepted names: {', '.join(ALIASES[name])}")
    taken = {name: hits[0] for name, hits in found.items() if hits}
    rows = pd.DataFrame({name: frame[column] for name, column in taken.items()})
    if columns is not None and all(str(rows[end].iloc[0]).lower() in ALIASES[end] for end in ENDS):
        raise InputError(
            "column names given for a table that has a header", where=where, fix="leave them out"
        )
    return Rows(parsed(rows, taken, where), columns=taken)


def parsed(rows: pd.DataFrame, columns: Mapping[str, str], where: object) -> pd.DataFrame:
    """The rows with weights and labels as numbers, and the sign or the mode as a sign.

    Args:
        rows: cells as text, columns by kind.
        columns: kind -> name in the file, for messages.
        where: the file, for messages.

    Raises:
        InputError: a value cannot be read.
    """
    rows = rows.copy()
    for name in ("weight", "sign", "label"):
        if name in rows:
            rows[name] = numbers(rows[name], columns[name], where, binary=name == "label")
    if "mode" in rows:
        signs = modes(rows.pop("mode"), where)
        rows["sign"] = rows.get("sign", signs)
    if "sign" in rows:
        rows["sign"] = np.sign(rows["sign"]).astype(int)
    return rows
