"""What the knowledge sources of a graph say, as sparse matrices for pair features."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array
from torch_geometric.data import HeteroData
from torch_geometric.typing import EdgeType

from grnpyg.data.graph import knowledge_edges


def knowledge_tables(data: HeteroData, prefix: str, kind: str) -> list[csr_array]:
    """One matrix for each source, in the order of their names.

    Args:
        data: the graph.
        prefix: `SIMILAR` or `DIRECT` of `grnpyg.data.graph`.
        kind: the node type that receives.

    Returns:
        (num_receivers, num_senders) float32 weights each; a node has no weight with itself.
    """
    return [_table(data, edge_type) for edge_type in knowledge_edges(data, prefix, kind)]


def _table(data: HeteroData, edge_type: EdgeType) -> csr_array:
    sender, receiver = data[edge_type].edge_index.cpu().numpy()
    weight = data[edge_type].get("edge_weight")
    values = np.ones(sender.size, np.float32) if weight is None else weight.cpu().numpy()
    shape = (int(data[edge_type[2]].num_nodes), int(data[edge_type[0]].num_nodes))
    if edge_type[0] == edge_type[2]:
        values = np.where(sender == receiver, 0, values)
    return csr_array((values.astype(np.float32), (receiver, sender)), shape=shape)
