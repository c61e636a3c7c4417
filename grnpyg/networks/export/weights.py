"""One positive number for an edge: what other tools call its importance or the size of its weight."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from grnpyg.core.errors import warn
from grnpyg.networks.keys import IMPORTANCE, PROBABILITY, SIGN


def strengths(table: pd.DataFrame) -> NDArray[np.float64]:
    """The strength of each edge, a positive number that keeps the order of the table.

    Tools take a negative weight for repression and a weight of 0 for no edge, so a logit cannot be one. It is
    the probability, where all pairs have one; otherwise the importance, where it is positive everywhere;
    otherwise 1 for the first row, falling evenly to 1/n for the last, which is said. Without either column it
    is 1 for all.

    Returns:
        (num_pairs,)
    """
    for name in (PROBABILITY, IMPORTANCE):
        if name in table:
            values = table[name].to_numpy(np.float64, na_value=np.nan)
            if np.isfinite(values).all() and (values > 0).all():
                return values
    if IMPORTANCE not in table:
        return np.ones(len(table))
    warn(
        "the pairs have no probabilities, and not all scores are positive: weights are 1 for the first pair "
        "to 1/n for the last",
        fix="calibrate the network with `grnpyg predict --calibrate temperature`",
    )
    return 1.0 - np.arange(len(table)) / len(table)


def signs(table: pd.DataFrame) -> NDArray[np.int8]:
    """1, -1 or, where nothing is known, 0 for each edge, (num_pairs,)."""
    if SIGN not in table:
        return np.zeros(len(table), dtype=np.int8)
    known: NDArray[np.int8] = np.sign(table[SIGN].fillna(0).to_numpy(np.float64)).astype(np.int8)
    return known


def weights(table: pd.DataFrame) -> NDArray[np.float64]:
    """sign x strength of each edge, (num_pairs,); an unknown sign counts as +, as in other tools."""
    return np.where(signs(table) < 0, -1.0, 1.0) * strengths(table)
