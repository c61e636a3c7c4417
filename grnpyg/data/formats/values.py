"""Cells of a table as numbers and signs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from grnpyg.core.errors import InputError, counted, warn
from grnpyg.data.formats.rows import MISSING
from grnpyg.data.formats.set_names import sign_of

MODES = {"activation": 1, "1": 1, "+": 1, "repression": -1, "2": -1, "-1": -1, "-": -1, "unknown": 0, "0": 0}
WORDS = {
    **dict.fromkeys(["activates", "activating", "activator", "stimulation", "positive", "up", "+1"], 1),
    **dict.fromkeys(["inhibition", "inhibits", "represses", "repressing", "repressor"], -1),
    **dict.fromkeys(["negative", "down"], -1),
    **dict.fromkeys(["regulates", "regulation", "?"], 0),
}
YES = ("1", "1.0", "true")
DECIMAL_COMMA = r"-?(?:0,\d+|\d+,(?:\d{1,2}|\d{4,}))"  # 1,234 may be a group of thousands
LARGEST = 1e30  # of a weight: the graph stores single precision, which ends at 3e38


def numbers(column: pd.Series[str], name: str, where: object, *, binary: bool = False) -> pd.Series[float]:
    """A column as finite floats; an empty cell counts as 1, and that is said.

    Raises:
        InputError: a cell is no number, or too large, or neither 0 nor 1 where `binary`; with its row.
    """
    column = column.str.replace("\u2212", "-")  # a typographic minus
    if binary:
        column = column.replace(
            {"TRUE": "1", "True": "1", "true": "1", "FALSE": "0", "False": "0", "false": "0"}
        )
    elif column.str.fullmatch(DECIMAL_COMMA).any() and not column.str.contains(".", regex=False).any():
        warn(f"the numbers in column {name!r} have a decimal comma", where=where)
        column = column.str.replace(",", ".", regex=False)
    missing = column.isin(MISSING)
    if missing.any():
        warn(f"{missing.sum():,} cells of column {name!r} are empty: they count as 1", where=where)
    filled = column.mask(missing, "1")
    values = pd.to_numeric(filled, errors="coerce").astype(float)
    bad = ~values.isin([0.0, 1.0]) if binary else ~(values.abs() <= LARGEST)
    if bad.any():
        what = f"{name} {column[bad].iloc[0]!r} in data row {int(np.argmax(bad)) + 1}"
        kind = (
            "0 or 1"
            if binary
            else "a finite number" + (f" up to {LARGEST:g}" if np.isfinite(values[bad].iloc[0]) else "")
        )
        raise InputError(f"{what} is not {kind}", where=where, fix="correct it")
    return values


def modes(column: pd.Series[str], where: object) -> pd.Series[float]:
    """Words such as `Activation` as signs.

    Raises:
        InputError: a word is unknown.
    """
    signs = column.str.lower().map(MODES | WORDS).astype(float)
    if signs.isna().any():
        what = f"unknown mode {column[signs.isna()].iloc[0]!r}"
        raise InputError(what, where=where, fix=f"known: {', '.join(MODES)}; or rename the column")
    return signs


def filled(rows: pd.DataFrame, where: object) -> pd.DataFrame:
    """Rows whose empty weights are 1, which is said: an edge without a weight is an edge like others."""
    if not (empty := _without_weight(rows)).any():
        return rows
    warn(f"{counted(int(empty.sum()), 'row')} without a weight: it counts as 1", where=where)
    return rows.assign(weight=rows["weight"].mask(empty, 1.0))


def scored(rows: pd.DataFrame, where: object) -> pd.DataFrame:
    """The rows with a score; how many have none is said: a pair that nobody scored is not a likely one."""
    if not (empty := _without_weight(rows)).any():
        return rows
    warn(f"{counted(int(empty.sum()), 'row')} without a score, left out", where=where)
    return rows[~empty]


def _without_weight(rows: pd.DataFrame) -> pd.Series[bool]:
    return rows["weight"].isna() if "weight" in rows else pd.Series(False, rows.index)


def parsed(rows: pd.DataFrame, columns: Mapping[str, str], where: object) -> pd.DataFrame:
    """The rows with weights and labels as numbers, and whatever tells the sign as a column `sign`.

    Where nothing else does, weights of both signs tell it. An empty weight is nan, see `filled` and `scored`.

    Args:
        rows: cells as text, columns by kind.
        columns: kind -> name in the file, for messages.
        where: the file, for messages.

    Raises:
        InputError: a value cannot be read.
    """
    rows = rows.copy()
    if "sign" in rows and rows["sign"].str.lower().isin([*WORDS, *MODES]).all():
        rows["sign"] = rows["sign"].str.lower().map({**MODES, **WORDS, "2": 1}).astype(str)
    for name in ("weight", "sign", "label"):
        if name in rows:
            empty = rows[name].isin(MISSING) & (name == "weight")  # which its reader fills, or leaves out
            values = numbers(rows[name].mask(empty, "1"), columns[name], where, binary=name == "label")
            rows[name] = values.mask(empty)
    extra = {kind: rows.pop(kind) for kind in ("mode", "up", "down", "signature") if kind in rows}
    if "sign" not in rows:
        if "mode" in extra:
            rows["sign"] = modes(extra["mode"], where)
        elif "up" in extra and "down" in extra:
            up, down = (extra[kind].str.lower().isin(YES).astype(int) for kind in ("up", "down"))
            rows["sign"] = up - down
            rows["contradicting"] = (up + down) > 1
        elif "signature" in extra:
            rows["sign"] = extra["signature"].map(sign_of)
        elif "weight" in rows and rows["weight"].min() < 0 < rows["weight"].max():
            rows["sign"] = rows["weight"].fillna(1.0)
    elif "mode" in extra:
        modes(extra["mode"], where)
    if "sign" in rows:
        rows["sign"] = np.sign(rows["sign"]).astype(int)
    return rows
