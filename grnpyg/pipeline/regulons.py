"""Regulons from a network: the known edges, and the new ones that are likely enough."""

from __future__ import annotations

import pandas as pd

LIKELY = 0.2  # probability from which a new edge joins a regulon


def regulon_edges(edges: pd.DataFrame, least: float = LIKELY) -> pd.DataFrame:
    """The known edges of a network and its new edges of at least this probability.

    Args:
        edges: the network table.
        least: probability.
    """
    return edges[edges["known"] | (edges["probability"] >= least)].reset_index(drop=True)
