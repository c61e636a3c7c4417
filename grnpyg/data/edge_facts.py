"""What labels say of their edges beside that they exist: sign, level of confidence, name of the label set.

They lie on the full graph alone, as `graph["tf", "regulates", "gene"].sign`, `.confidence` and `.provenance`.
Message graphs, whose edges are a subset, do not have them (`grnpyg.splits.messages` drops them), so that they
cannot come to lie beside other edges. `grnpyg.networks.signs` looks them up by pair.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

SIGN = "sign"  # (num_edges,) int8: 1 activation, -1 repression, 0 unknown or contradicting
CONFIDENCE = "confidence"  # (num_edges,) int32: place in the levels; -1 for none
PROVENANCE = "provenance"  # {"labels": name of the label set, "levels": [its levels of confidence]}
FACTS = (SIGN, CONFIDENCE, PROVENANCE)


def facts_of(edges: pd.DataFrame, labels: str | None) -> dict[str, Any]:
    """The facts of edges, by the name of the attribute; none that the table does not have.

    Args:
        edges: one row an edge, in the order of the graph; `sign` and `confidence` where they are known.
        labels: name of the label set.
    """
    facts: dict[str, Any] = {}
    levels: list[str] = []
    if SIGN in edges:
        facts[SIGN] = torch.from_numpy(edges[SIGN].to_numpy(np.int8))
    if CONFIDENCE in edges:
        column = edges[CONFIDENCE].fillna("").astype(str)
        levels = sorted(set(column) - {""})
        facts[CONFIDENCE] = torch.from_numpy(pd.Index(levels).get_indexer(pd.Index(column)).astype(np.int32))
    if labels is not None:
        facts[PROVENANCE] = {"labels": labels, "levels": levels}
    elif levels:
        facts[PROVENANCE] = {"labels": "", "levels": levels}
    return facts


def drop_facts(store: MutableMapping[str, Any]) -> None:
    """Remove the facts from the attributes of the edges `regulates`, in place."""
    for name in FACTS:
        if name in store:
            del store[name]


def check_facts(store: MutableMapping[str, Any], num_edges: int) -> None:
    """Check facts that come from a file.

    Raises:
        ValueError: another shape, type or range; says what is wrong.
    """
    for name, kind in ((SIGN, torch.int8), (CONFIDENCE, torch.int32)):
        values = store.get(name)
        if values is None:
            continue
        if not isinstance(values, Tensor) or values.dtype != kind or values.shape != (num_edges,):
            raise ValueError(f"the {name} of the edges is not one whole number each")
    if SIGN in store and num_edges and int(store[SIGN].abs().max()) > 1:
        raise ValueError("a sign is neither -1, 0 nor 1")
    said = store.get(PROVENANCE, {"labels": "", "levels": []})
    if not isinstance(said, dict) or set(said) != {"labels", "levels"} or not isinstance(said["labels"], str):
        raise ValueError("the provenance of the edges is not a name and a list of levels")
    levels = said["levels"]
    if not isinstance(levels, list) or not all(isinstance(level, str) for level in levels):
        raise ValueError("the levels of confidence are not a list of words")
    if CONFIDENCE in store and num_edges:
        low, high = int(store[CONFIDENCE].min()), int(store[CONFIDENCE].max())
        if low < -1 or high >= len(levels):
            raise ValueError("a level of confidence has no name")
