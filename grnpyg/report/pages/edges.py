"""Which edges of a network a page carries, and how: a page of a million edges would not open."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from grnpyg.networks.keys import KNOWN, TARGET, TF

BEST = 5_000  # new edges of the whole network
OF_TFS = 30_000  # edges, the best of each TF
PER_TF = 200  # at most
DIGITS = {"importance": 4, "probability": 4, "sd": 3, "frequency": 4}
WHOLE = ("rank", "rank_in_tf", "sign")


def chosen(edges: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """The best new edges and the best edges of each TF, and how many of a TF that are.

    Args:
        edges: the network table, best first.
    """
    new = ~edges[KNOWN].to_numpy(bool) if KNOWN in edges else np.ones(len(edges), dtype=bool)
    place = edges.groupby(TF, sort=False).cumcount().to_numpy()
    sizes = edges[TF].value_counts().to_numpy()
    fits = [k for k in range(1, PER_TF + 1) if np.minimum(sizes, k).sum() <= OF_TFS]
    each = fits[-1] if fits else 1
    best = new & (np.cumsum(new) <= BEST)
    wanted = edges[best | (place < each)]
    return wanted, each


def for_page(edges: pd.DataFrame, whole: pd.DataFrame) -> dict[str, Any]:
    """The edges as the script of a page reads them: names once, a list for each column.

    Args:
        edges: those of the page.
        whole: the network, for the number of known and new edges of each TF.
    """
    tf_code, tfs = pd.factorize(edges[TF])
    gene_code, genes = pd.factorize(edges[TARGET])
    columns: dict[str, list[Any]] = {"TF": tf_code.tolist(), "target": gene_code.tolist()}
    for name in (*DIGITS, *WHOLE, "degree_rank", KNOWN):
        if name not in edges:
            continue
        values = edges[name]
        if name in DIGITS:
            columns[name] = [_rounded(value, DIGITS[name]) for value in values.to_numpy(float)]
        elif name == "degree_rank":
            columns[name] = values.round().astype("int64").tolist()
        else:
            columns[name] = values.astype("int64").tolist()
    result: dict[str, Any] = {"tfs": list(tfs), "genes": list(genes), "edges": columns}
    if KNOWN in whole:
        counts = whole.groupby(TF)[KNOWN].agg(["sum", "size"]).loc[list(tfs)]
        result["in_file"] = [[int(known), int(size - known)] for known, size in counts.to_numpy()]
    return result


def _rounded(value: float, digits: int) -> float | None:
    """A number with so many significant digits, which take less of the page; None for nan."""
    return None if np.isnan(value) else float(f"{value:.{digits}g}")
