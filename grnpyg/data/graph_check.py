"""Check tensors of a file before they index anything: a number out of range may end the process."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import torch
from torch import Tensor
from torch_geometric.data import HeteroData

from grnpyg.data.edge_facts import check_facts

EdgeType = tuple[str, str, str]
FLOATS = (torch.float32, torch.float64)


def check_graph(
    data: HeteroData,
    kinds: tuple[str, str],
    needed: Collection[EdgeType],
    further: Collection[EdgeType],
    free: Collection[str] = (),
    facts: Mapping[EdgeType, Collection[str]] = {},
) -> None:
    """Check that a stored graph is one that `build_graph` could have made.

    Args:
        data: the graph.
        kinds: the node types that it has: TFs and genes.
        needed: the edge types that it must have.
        further: those that it may have as well.
        free: tables of the nodes that may have any number of columns.
        facts: edge types with further attributes, see `grnpyg.data.edge_facts`.

    Raises:
        ValueError: it is not; says what is wrong.
    """
    if set(data.node_types) != set(kinds):
        raise ValueError(f"nodes of the types {', '.join(map(str, data.node_types)) or 'none'}")
    for kind in kinds:
        sizes = {int(data[kind].num_nodes) for kind in kinds}
        _check_nodes(data[kind], kind, sizes, {"x", *free})
    if not set(needed) <= set(data.edge_types) <= {*needed, *further}:
        raise ValueError("other edge types than those of a network")
    for source, name, target in data.edge_types:
        store = data[source, name, target]
        own = facts.get((source, name, target), ())
        if not set(store) <= {"edge_index", "edge_weight", *own} or "edge_index" not in store:
            raise ValueError(f"the edges {name} hold {', '.join(map(str, store)) or 'nothing'}")
        edges = store["edge_index"]
        check_pairs(edges, (int(data[source].num_nodes), int(data[target].num_nodes)), f"edges {name}")
        weight = store.get("edge_weight")
        if weight is not None and not (_finite(weight) and weight.shape == edges.shape[1:]):
            raise ValueError(f"the weights of the edges {name} are not one finite number each")
        if own:
            check_facts(store, edges.size(1))


def _check_nodes(store: Any, kind: str, sizes: set[int], free: set[str]) -> None:
    names, known = store.get("name"), store.get("has_expression")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"the names of the {kind}s are not a list of words")
    if not names or len(set(names)) < len(names):
        raise ValueError(f"no {kind}, or one that is there twice")
    if "x" not in store or not isinstance(known, Tensor):
        raise ValueError(f"the {kind}s have no features")
    if store["x"].dim() != 2 or known.dtype != torch.bool or known.shape != (len(names),):
        raise ValueError(f"the features of the {kind}s have another shape than (nodes, features)")
    for key, value in store.items():
        if isinstance(value, Tensor) and key != "has_expression":
            if not _finite(value) or value.dim() != 2 or value.size(0) != len(names):
                raise ValueError(f"{key} of the {kind}s is not a finite number for each")
            if key not in free and value.size(1) not in sizes:
                raise ValueError(f"{key} of the {kind}s has another number of columns than genes")


def check_pairs(pairs: Any, sizes: tuple[int, int], what: str) -> None:
    """Check pairs of node numbers, (2, num_pairs).

    Args:
        pairs: the tensor.
        sizes: the number of nodes at either end.
        what: the pairs are, for the message.

    Raises:
        ValueError: another shape or type, or a number outside the nodes.
    """
    if not isinstance(pairs, Tensor) or pairs.dim() != 2 or pairs.size(0) != 2:
        raise ValueError(f"{what} are not pairs")
    for ids, size in zip(pairs, sizes, strict=True):
        check_ids(ids, size, what)


def check_ids(ids: Any, size: int, what: str) -> None:
    """Check node numbers, (num_ids,).

    Raises:
        ValueError: another shape or type, or a number outside the nodes.
    """
    if not isinstance(ids, Tensor) or ids.dim() != 1 or ids.dtype != torch.int64:
        raise ValueError(f"{what} are not whole numbers")
    if ids.numel() and not 0 <= int(ids.min()) <= int(ids.max()) < size:
        raise ValueError(f"{what} name a node that is not there")


def _finite(values: Any) -> bool:
    return isinstance(values, Tensor) and values.dtype in FLOATS and bool(values.isfinite().all())
