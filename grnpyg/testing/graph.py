"""A small graph to try components on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from torch import Tensor
from torch_geometric.data import HeteroData

from grnpyg.core.seeding import numpy_generator, torch_generator
from grnpyg.data.graph import build_graph, num_nodes


def small_graph(num_tfs: int = 6, num_genes: int = 20, num_features: int = 5, seed: int = 0) -> HeteroData:
    """A random graph in which every node has an edge; the same arguments give the same graph.

    Half of the TFs are also among the genes, and the last gene has no expression.

    Args:
        num_tfs: from 2 to `num_genes`.
        num_genes: genes.
        num_features: width of `x`; 0 gives a graph without expression.
        seed: of the edges and the features.
    """
    rng = numpy_generator(seed, "small_graph")
    own = num_tfs // 2
    genes = [f"G{i}" for i in range(num_genes)]
    tfs = [*genes[:own], *(f"T{i}" for i in range(own, num_tfs))]
    linked = rng.random((num_tfs, num_genes)) < 0.2
    linked[np.arange(1, num_genes + 1) % num_tfs, np.arange(num_genes)] = True
    linked[np.arange(own), np.arange(own)] = False  # a TF with its own gene
    edges = pd.DataFrame([(tfs[i], genes[j]) for i, j in np.argwhere(linked)], columns=["source", "target"])
    measured = pd.Index([*tfs, *genes[:-1]]).unique()
    features = pd.DataFrame(rng.standard_normal((len(measured), num_features)), index=measured)
    return build_graph(edges, features if num_features else None, tfs=tfs, genes=genes)


def some_pairs(data: HeteroData, num: int = 100) -> Tensor:
    """Random pairs with repeats, (2, num)."""
    generator = torch_generator(0, "some_pairs")
    return torch.stack([torch.randint(size, (num,), generator=generator) for size in num_nodes(data)])
