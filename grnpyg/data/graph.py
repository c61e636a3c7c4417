"""`build_graph`: regulon edges and gene features -> `HeteroData`; saved and loaded without pickle."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor
from torch_geometric.data import HeteroData
from torch_geometric.typing import EdgeType

from grnpyg.core.errors import InputError, examples
from grnpyg.core.tensors import save_tensors
from grnpyg.data.edge_facts import FACTS, PROVENANCE, facts_of
from grnpyg.data.graph_check import check_graph

TF, GENE = "tf", "gene"
REGULATES = (TF, "regulates", GENE)
REGULATED_BY = (GENE, "rev_regulates", TF)
ENCODED_BY = (TF, "encoded_by", GENE)
COEXPRESSED = (GENE, "coexpressed", GENE)  # only where an encoder asks for it
# facts from outside the labels, named after their source (`grnpyg.knowledge`)
SIMILAR, DIRECT = "similar_", "direct_"
OF_SOURCE = re.compile(f"({SIMILAR}|{DIRECT})([a-z0-9_]+)")
CELLS = "cells"  # the source that is the expression itself
NUMBERS = "knowledge"  # numbers of a node from all sources, (num_nodes, num_numbers)
# what a file raises that holds no graph
UNREADABLE = (
    *(OSError, SafetensorError, LookupError, TypeError, ValueError),
    *(AttributeError, AssertionError, RecursionError),
)


def build_graph(
    edges: pd.DataFrame,
    features: pd.DataFrame | None = None,
    *,
    tfs: Sequence[str] | None = None,
    genes: Sequence[str] | None = None,
    labels: str | None = None,
) -> HeteroData:
    """Build a gene regulatory network as a heterogeneous graph.

    Args:
        edges: known edges, columns `source` (a TF) and `target` (a gene), without duplicates or self-loops;
            `weight`, `sign` (-1, 0, 1) and `confidence` where they are known.
        features: one row per measured gene, index = gene name, numeric columns.
        tfs: the TF universe; default: the sources of the edges.
        genes: the gene universe; default: the targets of the edges.
        labels: name of the label set that the edges are from.

    Returns:
        Node types `tf` and `gene`, each with `name` (list of str), `x` (num_nodes, num_features) and
        `has_expression` (num_nodes,): where it is False the row of `x` holds zeros.
        Edge types `regulates`, its reverse `rev_regulates`, and `encoded_by` (a TF and its own gene);
        `regulates` carries `edge_weight` where the edges have a column `weight`, and what the labels say of
        each edge (`sign`, `confidence`, `provenance`, see `grnpyg.data.edge_facts`).

    Raises:
        InputError: no edge, a duplicate, a self-loop, an end outside its universe, non-finite features.
    """
    names = {
        TF: sorted(set(edges["source"])) if tfs is None else list(tfs),
        GENE: sorted(set(edges["target"])) if genes is None else list(genes),
    }
    rows = {kind: pd.Index(listed) for kind, listed in names.items()}
    _check(edges, rows, features)
    source, target = (
        rows[kind].get_indexer(pd.Index(edges[end])) for kind, end in ((TF, "source"), (GENE, "target"))
    )
    edge_index = torch.from_numpy(np.stack([source, target])).long()

    data = HeteroData()
    for kind, index in rows.items():
        data[kind].name = names[kind]
        data[kind].num_nodes = len(index)
        measured = np.zeros(len(index), bool) if features is None else index.isin(features.index)
        x = np.zeros((len(index), 0 if features is None else features.shape[1]), np.float32)
        if features is not None:
            x[measured] = features.loc[index[measured]].to_numpy(np.float32)
        data[kind].x = torch.from_numpy(x)
        data[kind].has_expression = torch.from_numpy(measured)
    data[REGULATES].edge_index = edge_index
    if "weight" in edges:
        data[REGULATES].edge_weight = torch.tensor(edges["weight"].to_numpy(np.float32))
    for name, value in facts_of(edges, labels).items():
        data[REGULATES][name] = value
    data[REGULATED_BY].edge_index = edge_index.flip(0)
    own = rows[GENE].get_indexer(rows[TF])
    data[ENCODED_BY].edge_index = torch.from_numpy(np.stack([np.flatnonzero(own >= 0), own[own >= 0]])).long()
    data.validate(raise_on_error=True)
    return data


def _check(edges: pd.DataFrame, rows: dict[str, pd.Index], features: pd.DataFrame | None) -> None:
    if edges.empty:
        raise InputError("the regulon has no edge")
    for kind, column in ((TF, "source"), (GENE, "target")):
        if not rows[kind].is_unique:
            raise InputError(f"duplicate {kind} names: {examples(rows[kind][rows[kind].duplicated()])}")
        outside = edges.loc[~edges[column].isin(rows[kind]), column].unique()
        if len(outside):
            raise InputError(f"{len(outside)} {column}s are not in the {kind} universe: {examples(outside)}")
    if edges.duplicated(["source", "target"]).any():
        raise InputError("the regulon holds duplicate edges", fix="clean it with read_regulon")
    if (edges["source"] == edges["target"]).any():
        raise InputError("the regulon holds self-loops", fix="clean it with read_regulon")
    if features is not None:
        if not features.index.is_unique:
            raise InputError("the features hold a gene twice")
        with np.errstate(over="ignore"):  # a value beyond float32 is infinite, and refused
            values = features.to_numpy(np.float32)
        if not np.isfinite(values).all():
            raise InputError("the gene features hold NaN or infinite values")


def similar_edges(kind: str, source: str) -> EdgeType:
    """The edges from similar nodes, as a knowledge source has them; `edge_weight` is how similar."""
    return (kind, f"{SIMILAR}{source}", kind)


def direct_edges(source: str) -> EdgeType:
    """The TF-gene pairs to which a knowledge source gives a number, `edge_weight`."""
    return (TF, f"{DIRECT}{source}", GENE)


def is_knowledge(edge_type: EdgeType) -> bool:
    """Whether edges are facts from outside the labels."""
    sender, name, receiver = edge_type
    found = OF_SOURCE.fullmatch(name)
    if found is None:
        return False
    return (sender, receiver) == (TF, GENE) if found[1] == DIRECT else sender == receiver


def knowledge_edges(data: HeteroData, prefix: str, kind: str) -> list[EdgeType]:
    """The edge types of a graph with facts from outside the labels, sorted by their source.

    Args:
        data: the graph.
        prefix: `SIMILAR` or `DIRECT`.
        kind: the node type that receives.
    """
    return sorted(
        edge_type
        for edge_type in data.edge_types
        if is_knowledge(edge_type) and edge_type[1].startswith(prefix) and edge_type[2] == kind
    )


def expression_edges(data: HeteroData) -> list[EdgeType]:
    """The edge types of a graph that were made from the cells of its expression."""
    made = {COEXPRESSED, similar_edges(TF, CELLS), similar_edges(GENE, CELLS), direct_edges(CELLS)}
    return [edge_type for edge_type in data.edge_types if edge_type in made]


def num_nodes(data: HeteroData) -> tuple[int, int]:
    """(number of TFs, number of genes)."""
    return int(data[TF].num_nodes), int(data[GENE].num_nodes)


def pair_codes(data: HeteroData, pairs: Tensor) -> Tensor:
    """One integer per pair: `tf * num_genes + gene`. Shape (2, num_pairs) -> (num_pairs,)."""
    return pairs[0] * int(data[GENE].num_nodes) + pairs[1]


def save_graph(data: HeteroData, path: Path) -> None:
    """Write the graph as safetensors, names in the header."""
    tensors: dict[str, Tensor] = {}
    names: dict[str, object] = {}
    for kind in data.node_types:
        names[kind] = list(data[kind].name)
        for key, value in data[kind].items():
            if isinstance(value, Tensor):
                tensors[f"{kind}/{key}"] = value.contiguous()
    for edge_type in data.edge_types:
        for key, value in data[edge_type].items():
            if isinstance(value, Tensor):
                tensors[f"{'|'.join(edge_type)}/{key}"] = value.contiguous()
    if PROVENANCE in data[REGULATES]:
        names[PROVENANCE] = data[REGULATES][PROVENANCE]
    save_tensors(tensors, path, metadata={"names": json.dumps(names)})  # one key: several are in any order


def load_graph(path: Path) -> HeteroData:
    """Read a graph that `save_graph` wrote.

    Raises:
        InputError: the file is missing, truncated, or does not hold a graph that `build_graph` could make.
    """
    data = HeteroData()
    try:
        with safe_open(path, framework="pt") as file:
            header = json.loads(file.metadata()["names"])
            provenance = header.pop(PROVENANCE, None)  # not in files of 0.1.0
            for kind, names in header.items():
                data[kind].name, data[kind].num_nodes = names, len(names)
            for key in file.keys():  # noqa: SIM118 (not a dict)
                kind, _, attribute = key.rpartition("/")
                store = data[tuple(kind.split("|"))] if "|" in kind else data[kind]
                store[attribute] = file.get_tensor(key)
            if provenance is not None:
                data[REGULATES][PROVENANCE] = provenance
        further = {COEXPRESSED, *(edge_type for edge_type in data.edge_types if is_knowledge(edge_type))}
        needed, facts = {REGULATES, REGULATED_BY, ENCODED_BY}, {REGULATES: FACTS}
        check_graph(data, (TF, GENE), needed, further, free={NUMBERS}, facts=facts)
    except (
        OSError,
        SafetensorError,
        LookupError,
        TypeError,
        ValueError,
        AttributeError,
        RecursionError,
    ) as error:
        raise InputError(f"not a readable graph ({error})", where=path) from None
    return data
