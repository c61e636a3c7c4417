"""The edges that an encoder reads, by name, and their symmetric normalisation."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import torch
from pydantic import Field
from torch import Tensor
from torch.utils.weak import WeakTensorKeyDictionary
from torch_geometric.data import HeteroData
from torch_geometric.typing import EdgeType

from grnpyg.core.errors import InputError
from grnpyg.data.graph import (
    COEXPRESSED,
    ENCODED_BY,
    GENE,
    REGULATED_BY,
    REGULATES,
    SIMILAR,
    TF,
    knowledge_edges,
)

EdgeName = Literal["regulates", "reverse", "encoded_by", "coexpressed", "similar_genes", "similar_tfs"]
Edges = dict[EdgeType, Tensor]
EdgeNames = Annotated[tuple[EdgeName, ...], Field(min_length=1)]

ENCODES = (GENE, "rev_encoded_by", TF)
# the most similar nodes by every knowledge source, put together
SIMILAR_GENES, SIMILAR_TFS = (GENE, "similar", GENE), (TF, "similar", TF)
EDGE_TYPES: dict[EdgeName, tuple[EdgeType, ...]] = {
    "regulates": (REGULATES,),
    "reverse": (REGULATED_BY,),
    "encoded_by": (ENCODED_BY, ENCODES),
    "coexpressed": (COEXPRESSED,),
    "similar_genes": (SIMILAR_GENES,),
    "similar_tfs": (SIMILAR_TFS,),
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
        InputError: it holds no co-expressed genes, or no similar nodes.
    """
    for edge_type in {SIMILAR_GENES, SIMILAR_TFS}.intersection(types):
        if not knowledge_edges(data, SIMILAR, edge_type[0]):
            what = "genes" if edge_type == SIMILAR_GENES else "tfs"
            raise InputError(
                f"no knowledge source gives similar {what}",
                where="encoder.edges",
                fix=f"name one, for example `--knowledge go`, or remove similar_{what} from encoder.edges",
            )
    if COEXPRESSED in types and COEXPRESSED not in data.edge_types:
        raise InputError(
            "the graph holds no co-expressed genes",
            where="encoder.edges",
            fix="give --data, or remove coexpressed from encoder.edges; in Python: "
            "load_grn(..., neighbours=10)",
        )


def message_edges(data: HeteroData, types: tuple[EdgeType, ...], neighbours: int = 10) -> Edges:
    """Edge type -> (2, num_edges) sender and receiver, in the order of `types`.

    Args:
        data: the graph.
        types: from `edge_types`.
        neighbours: similar nodes by each source that a node hears from.
    """
    found: Edges = {}
    for edge_type in types:
        if edge_type == ENCODES:
            found[edge_type] = data[ENCODED_BY].edge_index.flip(0)
        elif edge_type in (SIMILAR_GENES, SIMILAR_TFS):
            found[edge_type] = _similar(data, edge_type[0], neighbours)
        else:
            found[edge_type] = data[edge_type].edge_index
    return found


def _similar(data: HeteroData, kind: str, neighbours: int) -> Tensor:
    """The most similar nodes of each node by every source, each pair once; kept while the graph's are."""
    stores = [data[edge_type] for edge_type in knowledge_edges(data, SIMILAR, kind)]
    edges = [store.edge_index for store in stores]
    kept = _joined.get(edges[0])
    if kept is not None and kept[1] == neighbours and _same(kept[0], edges[1:]):
        result: Tensor = kept[2]
        return result
    size = int(data[kind].num_nodes)
    codes = []
    for store in stores:
        sender, receiver = store.edge_index
        order = torch.argsort(store.edge_weight, descending=True, stable=True)
        order = order[torch.argsort(receiver[order], stable=True)]  # by receiver, the most similar first
        first = torch.searchsorted(receiver[order], torch.arange(size, device=order.device))
        rank = torch.arange(order.numel(), device=order.device) - first[receiver[order]]
        best = order[rank < neighbours]
        codes.append(receiver[best] * size + sender[best])
    joined = torch.cat(codes).unique()
    result = torch.stack([joined % size, joined // size])
    _joined[edges[0]] = (edges[1:], neighbours, result)
    return result


def _same(kept: list[Tensor], now: list[Tensor]) -> bool:
    return len(kept) == len(now) and all(a is b for a, b in zip(kept, now, strict=True))


_joined: Any = WeakTensorKeyDictionary()


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
