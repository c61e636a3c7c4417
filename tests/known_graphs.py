"""Graphs with made-up knowledge: what sources say of nodes and of pairs of them."""

from __future__ import annotations

import torch
from torch_geometric.data import HeteroData

from grnpyg.core.seeding import torch_generator
from grnpyg.data.graph import GENE, NUMBERS, TF, direct_edges, num_nodes, similar_edges


def add_similar(data: HeteroData, source: str, seed: int) -> HeteroData:
    """Random similarities of a source, gene-gene and TF-TF, and its numbers of TF-gene pairs, in place."""
    generator = torch_generator(seed, "add_similar")
    num_tfs, num_genes = num_nodes(data)
    for edge_type, shape in (
        (similar_edges(GENE, source), (num_genes, num_genes)),
        (similar_edges(TF, source), (num_tfs, num_tfs)),
        (direct_edges(source), (num_tfs, num_genes)),
    ):
        table = torch.rand(shape, generator=generator) * (torch.rand(shape, generator=generator) < 0.4)
        if shape[0] == shape[1]:
            table.fill_diagonal_(0)
        data[edge_type].edge_index = table.nonzero().t()
        data[edge_type].edge_weight = table[table > 0]
    return data


def add_numbers(data: HeteroData, widths: dict[str, int], seed: int = 0) -> HeteroData:
    """So many random numbers of each node of a kind, in place."""
    generator = torch_generator(seed, "add_numbers")
    for kind, width in widths.items():
        size = num_nodes(data)[kind == GENE], width
        data[kind][NUMBERS] = torch.randn(size, generator=generator)
    return data
