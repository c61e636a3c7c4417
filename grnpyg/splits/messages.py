"""Which edges carry messages: replacing them, and leaving out those that are being scored."""

from __future__ import annotations

import copy

import torch
from torch import Tensor
from torch_geometric.data import HeteroData

from grnpyg.data.graph import REGULATED_BY, REGULATES, pair_codes


def with_messages(data: HeteroData, edges: Tensor) -> HeteroData:
    """A shallow copy of the graph whose `regulates` edges, and their reverse, are `edges` (2, E)."""
    result = copy.copy(data)
    weight = data[REGULATES].get("edge_weight")
    if weight is not None:
        codes, order = pair_codes(data, data[REGULATES].edge_index).sort()
        at = torch.searchsorted(codes, pair_codes(data, edges))
        result[REGULATES].edge_weight = weight[order[at]]
    result[REGULATES].edge_index = edges
    result[REGULATED_BY].edge_index = edges.flip(0)
    return result


def without_pairs(data: HeteroData, edge_label_index: Tensor) -> HeteroData:
    """A shallow copy of the graph without the message edges of these pairs, in either direction.

    A model that passes messages along the edge it is asked about learns to read the answer off the graph
    (SpotTarget, arXiv 2306.00899), so a training batch is always scored on this graph.
    """
    codes = pair_codes(data, data[REGULATES].edge_index)
    keep = ~torch.isin(codes, pair_codes(data, edge_label_index))
    return with_messages(data, data[REGULATES].edge_index[:, keep])
