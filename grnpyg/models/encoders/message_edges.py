"""The edges that an encoder reads, by name, and their symmetric normalisation."""

from __future__ import annotations

from typing import Annotated, Literal

import torch
from pydantic import Field
from torch import Tensor
from torch_geometric.data import HeteroData
from torch_geometric.typing import EdgeType

from grnpyg.core.errors import InputError
from grnpyg.data.graph import COEXPRESSED, ENCODED_BY, GENE, REGULATED_BY, REGULATES, TF

EdgeName = Literal["regulates", "reverse", "encoded_by", "coexpressed"]
Edges = dict[EdgeType, Tensor]
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
        InputError: a name is given twice.
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
            fix="give --data, or remove coexpressed from encoder.edges; in Python: "
            "load_grn(..., neighbours=10)",
        )


def message_edges(data: HeteroData, types: tuple[EdgeType, ...]) -> Edges:
    """Edge type -> (2, num_edges) sender and receiver, in the order of `types`."""
    return {
        edge_type: data[ENCODED_BY].edge_index.flip(0) if edge_type == ENCODES else data[edge_type].edge_index
        for edge_type in types
    }


def edges_into(
    receivers: dict[str, Tensor], x: dict[str, Tensor], edges: Edges, messages: dict[str, Edges]
) -> tuple[Edges, dict[str, Edges]]:
    """Select the edges that end in some nodes, renumber these nodes, and select the edges' data.

    Args:
        receivers: node type -> ids, each once.
        x: node type -> (num_nodes, ...), for the number of nodes.
        edges: edge type -> (2, num_edges).
        messages: any name -> edge type -> (num_edges, ...).
    """
    number = {}
    for kind, ids in receivers.items():
        number[kind] = ids.new_full((x[kind].size(0),), -1)
        number[kind][ids] = torch.arange(ids.numel(), device=ids.device)
    fewer: Edges = {}
    kept: Edges = {}
    for edge_type, (sender, receiver) in edges.items():
        new = number[edge_type[2]][receiver]
        kept[edge_type] = (new >= 0).nonzero().squeeze(1)
        fewer[edge_type] = torch.stack([sender, new])[:, kept[edge_type]]
    return fewer, {name: {t: rows[kept[t]] for t, rows in given.items()} for name, given in messages.items()}


def symmetric_weights(x: dict[str, Tensor], edges: Edges) -> Edges:
    """Edge type -> 1 / sqrt(d_sender d_receiver) of every edge, degrees within its type, (num_edges,).

    GCN's normalisation (Kipf & Welling, arXiv 1609.02907) for a bipartite graph, where a node has no
    self-loop; LightGCN's (arXiv 2002.02126, equation 3).
    """
    weights = {}
    for edge_type, ends in edges.items():
        sizes = (x[edge_type[0]].size(0), x[edge_type[2]].size(0))
        degrees = [torch.bincount(ids, minlength=size) for ids, size in zip(ends, sizes, strict=True)]
        weights[edge_type] = (degrees[0][ends[0]] * degrees[1][ends[1]]).float().rsqrt()
    return weights
