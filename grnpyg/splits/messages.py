"""Replace the message edges of a graph, or remove those that are being scored."""

from __future__ import annotations

import copy

import torch
import torch.nn.functional as F  # noqa: N812 (PyTorch's own convention)
from torch import Tensor
from torch_geometric.data import HeteroData

from grnpyg.data.edge_facts import drop_facts
from grnpyg.data.graph import REGULATED_BY, REGULATES, num_nodes, pair_codes


def with_messages(data: HeteroData, edges: Tensor) -> HeteroData:
    """A shallow copy of the graph whose `regulates` edges, and their reverse, are `edges` (2, E).

    Weights stay with their edges. Signs and the other facts of `grnpyg.data.edge_facts` are left out.
    """
    result = copy.copy(data)
    drop_facts(result[REGULATES])
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

    If the edge being scored carries messages, a model learns to read the answer from the graph (SpotTarget,
    arXiv 2306.00899). So a training batch is always scored on this graph.
    """
    codes = pair_codes(data, data[REGULATES].edge_index)
    num_tfs, num_genes = num_nodes(data)
    # sorted, with an end mark above every code; much cheaper than isin, which sorts the edges too
    scored = F.pad(pair_codes(data, edge_label_index).sort().values, (0, 1), value=num_tfs * num_genes)
    keep = scored[torch.searchsorted(scored, codes)] != codes
    result = copy.copy(data)
    drop_facts(result[REGULATES])
    edges = data[REGULATES].edge_index[:, keep]
    result[REGULATES].edge_index, result[REGULATED_BY].edge_index = edges, edges.flip(0)
    if "edge_weight" in data[REGULATES]:
        result[REGULATES].edge_weight = data[REGULATES].edge_weight[keep]
    return result
