"""Cells of a table as numbers and signs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from grnpyg.core.errors import InputError
from grnpyg.data.formats.rows import MISSING

MODES = {"activation": 1, "1": 1, "+": 1, "repression": -1, "2": -1, "-1": -1, "-": -1, "unknown": 0, "0": 0}


def numbers(column: pd.Series[str], name: str, where: object, *, binary: bool = False) -> pd.Series[float]:
    """A column as finite floats; an empty cell counts as 1.

    Raises:
        InputError: a cell is no number, or neither 0 nor 1 where `binary`; with its row.
    """
    values = pd.to_numeric(column.mask(column.isin(MISSING), "1"), errors="coerce").astype(float)
    bad = ~np.isfinite(values) | (~values.isin([0.0, 1.0]) if binary else False)
    if bad.any():
        what = f"{name} {column[bad].iloc[0]!r} in data row {int(np.argmax(bad)) + 1}"
        raise InputError(
            f"{what} is not {'0 or 1' if binary else 'a finite number'}", where=where, fix="correct it"
        )
    return values


def modes(column: pd.Series[str], where: object) -> pd.Series[float]:
    """Words such as `Activation` as signs.

    Raises:
        InputError: a word is unknown.
    """
    signs = column.str.lower().map(MODES).astype(float)
    if signs.isna().any():
        what = f"unknown mode {column[signs.isna()].iloc[0]!r}"
        raise InputError(what, where=where, fix=f"known: {', '.join(MODES)}; or rename the column")
    return signs
