"""Which edges an encoder reads, by name, and their symmetric normalisation."""

from __future__ import annotations

from typing import Annotated, Literal

import torch
from pydantic import Field
from torch import Tensor
from torch_geometric.data import HeteroData
from torch_geometric.typing import EdgeType

from grnpyg.data.graph import COEXPRESSED, ENCODED_BY, GENE, REGULATED_BY, REGULATES, TF
from grnpyg.errors import InputError

EdgeName = Literal["regulates", "reverse", "encoded_by", "coexpressed"]
EdgeNames = Annotated[tuple[EdgeName, ...], Field(min_length=1)]

ENCODES = (GENE, "rev_encoded_by", TF)
EDGE_TYPES: dict[EdgeName, tuple[EdgeType, ...]] = {
    "regulates": (REGULATES,),
    "reverse": (REGULATED_BY,),
    "encoded_by": (ENCODED_BY, ENCODES),
    "coexpressed": (COEXPRESSED,),
}


def edge_types(names: EdgeNames) -> tuple[EdgeType, ...]:
    """The edge types that these names stand for; `encoded_by` goes both ways.

    Raises:
        InputError: a name is there twice.
    """
    if len(set(names)) < len(names):
        raise InputError(f"{', '.join(names)} names a message type twice", where="encoder.edges")
    return tuple(edge_type for name in names for edge_type in EDGE_TYPES[name])


def require_edges(data: HeteroData, types: tuple[EdgeType, ...]) -> None:
    """Check that the graph was built with the edges that are read.

    Raises:
        InputError: it holds no co-expressed genes.
    """
    if COEXPRESSED in types and COEXPRESSED not in data.edge_types:
        raise InputError(
            "the graph holds no co-expressed genes",
            where="encoder.edges",
            fix="give --data, or leave coexpressed out of encoder.edges; in Python: "
            "load_dataset(..., neighbours=10)",
        )


def message_edges(data: HeteroData, types: tuple[EdgeType, ...]) -> dict[EdgeType, Tensor]:
    """Edge type -> (2, num_edges) sender and receiver, in the order of `types`."""
    return {
        edge_type: data[ENCODED_BY].edge_index.flip(0) if edge_type == ENCODES else data[edge_type].edge_index
        for edge_type in types
    }


def symmetric_weights(edge_index: Tensor, num_senders: int, num_receivers: int) -> Tensor:
    """1 / sqrt(d_sender d_receiver) of every edge, degrees within its type, (num_edges,).

    GCN's normalisation (Kipf & Welling, arXiv 1609.02907) for a bipartite graph, where a node has no
    self-loop; LightGCN's (arXiv 2002.02126, equation 3).
    """
    degrees = [
        torch.bincount(ids, minlength=size)
        for ids, size in zip(edge_index, (num_senders, num_receivers), strict=True)
    ]
    sender, receiver = (degree[ids] for degree, ids in zip(degrees, edge_index, strict=True))
    return (sender * receiver).float().rsqrt()
