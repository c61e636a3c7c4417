"""The graph of a run with further nodes: TFs and genes that are measured and have no known edge."""

from __future__ import annotations

import copy
from collections.abc import Collection

import numpy as np
import torch
from torch import Tensor
from torch_geometric.data import HeteroData

from grnpyg.core.config import ExperimentConfig
from grnpyg.core.errors import InputError
from grnpyg.data.coexpression import KINDS, coexpressed_genes, coexpression
from grnpyg.data.graph import (
    COEXPRESSED,
    ENCODED_BY,
    GENE,
    NUMBERS,
    TF,
    is_knowledge,
    num_nodes,
)
from grnpyg.data.prepared_cells import Described
from grnpyg.knowledge.attach import KnowledgeExtension
from grnpyg.models.encoders import encoders


def wide_graph(graph: HeteroData, tfs: Collection[str], genes: Collection[str]) -> HeteroData:
    """A graph with more nodes, of which nothing is known yet.

    Args:
        graph: message edges and nodes of a run; they keep their numbers, and come first.
        tfs: names of further TFs.
        genes: names of further genes.
    """
    wide = HeteroData()
    for kind, names in ((TF, tfs), (GENE, genes)):
        own = list(graph[kind].name)
        wide[kind].name = [*own, *sorted(set(names) - set(own))]
        wide[kind].num_nodes = len(wide[kind].name)
        for key, value in graph[kind].items():
            if isinstance(value, Tensor) and key not in KINDS:
                more = wide[kind].num_nodes - len(own)
                wide[kind][key] = torch.cat([value, value.new_zeros(more, *value.shape[1:])])
    for edge_type in graph.edge_types:
        for key, value in graph[edge_type].items():
            wide[edge_type][key] = value.clone() if isinstance(value, Tensor) else value
    gene = {name: number for number, name in enumerate(wide[GENE].name)}
    pairs = [(number, gene[name]) for number, name in enumerate(wide[TF].name) if name in gene]
    wide[ENCODED_BY].edge_index = torch.tensor(pairs, dtype=torch.long).reshape(-1, 2).t().contiguous()
    for kind in KINDS:
        if kind in graph[TF]:
            table = torch.zeros(num_nodes(wide))
            table[: graph[TF].num_nodes, : graph[GENE].num_nodes] = graph[TF][kind]
            wide[TF][kind] = table
    return wide


def describe(wide: HeteroData, graph: HeteroData, found: Described, config: ExperimentConfig) -> None:
    """Say of the further nodes what is known without any label; those of the run stay as they are.

    Changes `wide` in place: features, co-expression, and the facts of the run's knowledge sources. A further
    node has its neighbours among the nodes of the run.

    Args:
        wide: from `wide_graph`.
        graph: of the run.
        found: what the cells measure.
        config: of the run.

    Raises:
        InputError: a knowledge source says less of the nodes than when the run was made.
    """
    own = num_nodes(graph)
    if graph[GENE].num_features:
        for kind, number in zip((TF, GENE), own, strict=True):
            _describe_nodes(wide, kind, number, found)
    for kind in KINDS:
        if kind in graph[TF]:
            table = coexpression(found.cells, (kind,), wide[TF].name, wide[GENE].name)[kind]
            table[: own[0], : own[1]] = graph[TF][kind].numpy()
            wide[TF][kind] = torch.from_numpy(table)
    other = copy.copy(wide)
    if COEXPRESSED in graph.edge_types:
        neighbours = encoders.get(config.encoder["name"]).neighbours_needed(config.encoder)
        index = torch.from_numpy(coexpressed_genes(found.cells, wide[GENE].name, neighbours))
        other[COEXPRESSED].edge_index = index
        _add_edges(wide, other, COEXPRESSED, own)
    if config.knowledge is not None:
        for edge_type in filter(is_knowledge, graph.edge_types):
            del other[edge_type]
        KnowledgeExtension(config.knowledge, own)(other, found.cells, config.data_seed)
        for edge_type in filter(is_knowledge, graph.edge_types):
            if edge_type in other.edge_types:
                _add_edges(wide, other, edge_type, own)
        for kind, number in zip((TF, GENE), own, strict=True):
            if NUMBERS in graph[kind]:
                _add_numbers(wide, other, kind, number)


def _describe_nodes(wide: HeteroData, kind: str, own: int, found: Described) -> None:
    """Features of the further nodes of a kind."""
    names = wide[kind].name[own:]
    rows = found.features.index.get_indexer(names)
    there = np.flatnonzero(rows >= 0)
    values = torch.from_numpy(found.features.to_numpy(np.float32)[rows[there]])
    if values.size(1) != wide[kind].x.size(1):
        raise InputError("the cells give other features than when the run was made", where="--universe")
    wide[kind].x[own + there] = values
    wide[kind].has_expression[own + there] = True


def _add_edges(
    wide: HeteroData, other: HeteroData, edge_type: tuple[str, str, str], own: tuple[int, int]
) -> None:
    """The edges of further nodes, as `other` has them: those that they receive, and those of TF and gene."""
    index = other[edge_type].edge_index
    sender, receiver = (index[end] >= own[edge_type[2 * end] == GENE] for end in (0, 1))
    add = receiver if edge_type[0] == edge_type[2] else sender | receiver
    for key in wide[edge_type].keys():  # noqa: SIM118 (not a dict)
        more = other[edge_type][key][..., add]
        wide[edge_type][key] = torch.cat([wide[edge_type][key], more], dim=-1)


def _add_numbers(wide: HeteroData, other: HeteroData, kind: str, own: int) -> None:
    numbers = other[kind].get(NUMBERS)
    if numbers is None or numbers.size(1) != wide[kind][NUMBERS].size(1):
        what = "the knowledge sources give other numbers than when the run was made"
        raise InputError(what, where="--universe", fix="fetch what they need (`grnpyg list knowledge`)")
    wide[kind][NUMBERS][own:] = numbers[own:]
