"""The sign and the provenance of pairs: what the labels say of known edges, and a rule for new ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch_geometric.data import HeteroData

from grnpyg.data.edge_facts import CONFIDENCE, PROVENANCE, SIGN
from grnpyg.data.graph import REGULATES, num_nodes, pair_codes
from grnpyg.data.sources import label_name
from grnpyg.networks.sign_rule import SignRule
from grnpyg.runs import Run

Codes = NDArray[Any]


def signs_of(source: Run | HeteroData) -> Callable[[Codes], NDArray[np.int8]]:
    """The sign of any pairs: of a known edge from the labels, of another pair by `SignRule`.

    Args:
        source: a run, or a whole graph (message graphs do not know signs).

    Returns:
        A function of codes (n,), `tf * num_genes + gene` as of `pair_codes`, that gives (n,) int8:
        1 activation, -1 repression, 0 unknown. A known edge whose sign the labels do not tell is 0.
    """
    graph = source.graph if isinstance(source, Run) else source
    if SIGN not in graph[REGULATES]:
        return lambda codes: np.zeros(len(codes), np.int8)
    rule = rule_of(graph)
    known, sign = _by_code(graph, graph[REGULATES][SIGN].numpy())
    num_genes = num_nodes(graph)[1]

    def signs(codes: Codes) -> NDArray[np.int8]:
        at, is_known = _find(known, codes)
        found = np.zeros(len(codes), np.int8)
        found[is_known] = sign[at[is_known]]
        new = codes[~is_known]
        found[~is_known] = rule.sign(new // num_genes, new % num_genes)
        return found

    return signs


def provenance_of(source: Run | HeteroData, labels: str = "") -> Callable[[Codes], NDArray[Any]]:
    """What the labels say of pairs: `name of the label set:level of confidence`; empty for new pairs.

    Args:
        source: a run, or a whole graph. Runs of 0.1.0 do not know the confidence.
        labels: name of the label set, for a graph that does not know it.

    Returns:
        A function of codes (n,) as of `pair_codes` that gives (n,) str.
    """
    graph = source.graph if isinstance(source, Run) else source
    store = graph[REGULATES]
    said = store.get(PROVENANCE, {"labels": "", "levels": []})
    name = said["labels"]
    if not name:
        name = label_name(source.config.data.labels if isinstance(source, Run) else labels)
    levels = np.array([*(f"{name}:{level}" if name else level for level in said["levels"]), name], object)
    level = store[CONFIDENCE].numpy() if CONFIDENCE in store else np.full(store.num_edges, -1)
    known, level = _by_code(graph, level)

    def provenance(codes: Codes) -> NDArray[Any]:
        at, is_known = _find(known, codes)
        found = np.full(len(codes), "", object)
        found[is_known] = levels[level[at[is_known]]]  # -1: no level, only the name
        return found

    return provenance


def rule_of(graph: HeteroData) -> SignRule:
    """The rule for new edges, from all known signs of a graph."""
    return SignRule.fit(*signed_edges(graph), num_nodes(graph))


def signed_edges(graph: HeteroData) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """TF, gene and sign (num_edges,) of the known edges whose sign is known."""
    tf, gene = graph[REGULATES].edge_index.numpy()
    if SIGN not in graph[REGULATES]:
        return tf[:0], gene[:0], np.zeros(0, np.int8)
    sign = graph[REGULATES][SIGN].numpy()
    return tf[sign != 0], gene[sign != 0], sign[sign != 0]


def _by_code(graph: HeteroData, values: NDArray[Any]) -> tuple[Codes, NDArray[Any]]:
    """Sorted codes of the known edges, and their values."""
    codes = pair_codes(graph, graph[REGULATES].edge_index).numpy()
    order = np.argsort(codes)
    return codes[order], values[order]


def _find(known: Codes, codes: Codes) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Place of each code among the known ones, and whether it is one of them."""
    at = np.minimum(np.searchsorted(known, codes), len(known) - 1)
    return at, known[at] == codes
