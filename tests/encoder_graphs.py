"""A graph with every message type, and the encoders that pass messages."""

from __future__ import annotations

import torch
from torch_geometric.data import HeteroData

from grnpyg.core.seeding import torch_generator
from grnpyg.data.graph import COEXPRESSED, GENE
from grnpyg.models.encoders import encoders
from grnpyg.testing import small_graph

MESSAGES = [name for name in encoders.names() if "edges" in encoders.options(name)]
SMALL = {"hidden_channels": 6, "out_channels": 5, "embedding_dim": 6}


def coexpressed_graph(
    num_tfs: int = 6, num_genes: int = 20, num_features: int = 5, seed: int = 0
) -> HeteroData:
    """`small_graph` with two co-expressed genes for each measured gene."""
    data = small_graph(num_tfs, num_genes, num_features, seed)
    measured = int(data[GENE].has_expression.sum())
    receivers = torch.arange(measured).repeat(2)
    generator = torch_generator(seed, "coexpressed_graph")
    senders = (receivers + torch.randint(1, measured, (2 * measured,), generator=generator)) % measured
    data[COEXPRESSED].edge_index = torch.stack([senders, receivers])
    return data


def small(name: str) -> dict[str, int]:
    """Small widths of an encoder."""
    return {key: SMALL[key] for key in encoders.get(name).widths}
