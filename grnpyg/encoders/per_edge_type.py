"""One convolution for each edge type, their results summed at the receiver."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable

from torch import nn
from torch_geometric.nn import HeteroConv
from torch_geometric.typing import EdgeType


def per_edge_type(types: Iterable[EdgeType], convolution: Callable[[], nn.Module]) -> nn.Module:
    """PyG's `HeteroConv` over bipartite convolutions.

    Args:
        types: the edge types.
        convolution: makes the convolution of one edge type, parameters of its own.
    """
    with warnings.catch_warnings():
        # a node type that nothing is sent to keeps its representation: meant
        warnings.filterwarnings("ignore", message="There exist node types")
        conv: nn.Module = HeteroConv({edge_type: convolution() for edge_type in types}, aggr="sum")
    return conv
