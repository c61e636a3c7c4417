"""Build a graph from a data config, with a report on what was read, matched and left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd
import torch
from torch_geometric.data import HeteroData

from grnpyg.core.data_config import IN_MEMORY, FeatureConfig
from grnpyg.core.errors import InputError, warn, warned
from grnpyg.data.coexpression import coexpressed_genes
from grnpyg.data.coexpression import coexpression as correlations
from grnpyg.data.graph import COEXPRESSED, ENCODED_BY, GENE, REGULATES, TF, build_graph
from grnpyg.data.grn import GRN, DataReport
from grnpyg.data.inputs import in_memory_hashes
from grnpyg.data.labels import read_labels, renaming
from grnpyg.data.matching.identifiers import MappingReport, MisfitError, match
from grnpyg.data.matching.kinds import say_other_kinds
from grnpyg.data.matching.settle import settle
from grnpyg.data.matching.species import species_for
from grnpyg.data.measured import ConfiguredCells
from grnpyg.data.names.symbols import Species
from grnpyg.data.regulons.regulon import Regulon, rename
from grnpyg.data.regulons.signs import sign_counts, sign_sentence
from grnpyg.data.sources import label_name

if TYPE_CHECKING:
    from anndata import AnnData

    from grnpyg.core.data_config import DataConfig, KnowledgeConfig


class Extension(Protocol):
    """What adds facts from outside the labels to a graph: see `grnpyg.knowledge.extension`."""

    @property
    def config(self) -> KnowledgeConfig:
        """Which facts."""

    def __call__(
        self, graph: HeteroData, cells: AnnData | None, seed: int, species: Species | None = None
    ) -> tuple[list[str], dict[str, Any]]:
        """Add to the graph in place; sentences, and details for the report.

        Args:
            graph: with all known edges.
            cells: cells x genes with log values, named as in the graph; None without expression.
            seed: of random numbers.
            species: of the genes; None: the names tell.
        """


def load_grn(
    data: DataConfig,
    features: FeatureConfig,
    seed: int,
    *,
    expression: AnnData | None = None,
    regulons: pd.DataFrame | Mapping[str, Sequence[str]] | None = None,
    coexpression: tuple[str, ...] = (),
    neighbours: int = 0,
    extension: Extension | None = None,
) -> GRN:
    """Read labels and expression, match their identifiers, and build the graph.

    What may be a mistake in the input stands in `report.warnings`.

    Args:
        data: what to read.
        features: how to describe a gene by its expression.
        seed: for clustering and decomposition.
        expression: cells in memory, which are not changed, in place of `data.expression`.
        regulons: known edges in memory, in place of `data.labels`.
        coexpression: correlations of TFs and genes over the cells (see `grnpyg.data.coexpression`) to store
            in the graph, `pearson` as `graph["tf"].pearson`, (num_tfs, num_genes).
        neighbours: co-expressed genes of each gene to store as edges `coexpressed`; 0: none.
        extension: adds facts from outside the labels.

    Raises:
        InputError: any input that cannot be used.
    """
    inputs = in_memory_hashes(expression, regulons)
    data = data.model_copy(update=dict.fromkeys(inputs, IN_MEMORY))
    with warned() as warnings:
        try:
            graph, report, log = _read(data, features, seed, expression, regulons, coexpression, neighbours)
        except MisfitError as error:
            if data.misfits == "refuse":
                raise _with_stand_in(error, data) from None
            warn(f"left out, as {error.what}", where=f"expression {data.expression}")
            without = data.model_copy(update={"expression": None})
            graph, report, log = _read(without, features, seed, None, regulons, coexpression, neighbours)
        species = species_for(data, (*graph[TF].name, *graph[GENE].name))
        if extension is not None:
            sentences, details = extension(graph, log, seed, species)
            identifiers = {**report.identifiers, "knowledge": details}
            report = replace(report, sentences=(*report.sentences, *sentences), identifiers=identifiers)
    report = replace(report, warnings=tuple(warnings))
    known = None if extension is None else extension.config
    return GRN(graph, report, data, features, seed, inputs, known)


def _with_stand_in(error: MisfitError, data: DataConfig) -> MisfitError:
    """The error, with what to do where nobody may have chosen the expression."""
    if data.expression != type(data)().expression:
        return error
    fix = f"{error.fix}; the bundled cells stand in where no other expression is named: name yours, or do "
    fix += "without (`--set data.expression=null`)"
    return MisfitError(error.what, where=error.where, fix=fix)


def _read(
    data: DataConfig,
    features: FeatureConfig,
    seed: int,
    expression: AnnData | None,
    regulons: pd.DataFrame | Mapping[str, Sequence[str]] | None,
    coexpression: tuple[str, ...],
    neighbours: int,
) -> tuple[HeteroData, DataReport, AnnData | None]:
    labels = read_labels(data, regulons)
    use = renaming(data)
    table: pd.DataFrame | None = None
    log: AnnData | None = None
    if data.expression is not None:
        cells = ConfiguredCells(data, labels.known, expression)
        labels = labels.fitted(data, cells.names)
        regulon, settled = settle(labels.regulon, cells.names, use, where=data.labels)
        report = match(regulon, cells.names, labels.id_map)
        report.require_overlap(regulon.where)
        regulon = rename(regulon, report.renamed) if report.renamed else regulon
        named = {*regulon.sources_all, *regulon.targets_all}
        described = cells.described(features, seed, named=named)
        log, table = described.cells, described.features
        sentences = [*labels.sentences, *settled.lines(), *described.said, *report.lines()]
        identifiers = labels.identifiers | settled.to_dict() | _matched(report, regulon, table)
        if use.spelling:
            say_other_kinds({*report.tfs_unmatched, *report.genes_unmatched}, data.labels)
    elif data.unmeasured == "drop":
        raise InputError("unmeasured: drop needs expression data", where="config data")
    elif coexpression:
        raise InputError(
            f"co-expression ({', '.join(coexpression)}) needs expression data",
            where="config data",
            fix="set data.expression, or remove the baselines that need it from evaluation.baselines",
        )
    elif neighbours:
        raise InputError(
            "edges between co-expressed genes need expression data",
            where="config data",
            fix="set data.expression, or remove coexpressed from encoder.edges",
        )
    else:
        labels = labels.fitted(data, ())
        regulon, settled = settle(labels.regulon, None, use, where=data.labels)
        sentences = [*labels.sentences, *settled.lines()]
        identifiers = labels.identifiers | settled.to_dict()
        if use.spelling:
            say_other_kinds({*regulon.sources_all, *regulon.targets_all}, data.labels)
    graph, dropped = _graph(regulon, table, label_name(data.labels), drop=data.unmeasured == "drop")
    if log is not None and coexpression:
        for kind, matrix in correlations(log, coexpression, graph[TF].name, graph[GENE].name).items():
            graph[TF][kind] = torch.from_numpy(matrix)
        sentences.append(
            f"Co-expression of TFs and genes over {log.n_obs:,} cells: {', '.join(coexpression)}."
        )
    if log is not None and neighbours:
        edges = torch.from_numpy(coexpressed_genes(log, graph[GENE].name, neighbours))
        graph[COEXPRESSED].edge_index = edges
        sentences.append(f"Co-expressed genes: {edges.size(1):,} edges, up to {neighbours} to each gene.")
    counts = _counts(graph) | {"rows_read": regulon.counts.rows, **dropped}
    sentences.append(
        f"Graph: {counts['tfs']:,} TFs x {counts['genes']:,} genes, {counts['edges']:,} known edges "
        f"(density {100 * counts['density']:.2f} %), {graph[GENE].num_features} features a node."
    )
    sentences.append(sign_sentence(counts))
    without = counts["tfs_without_expression"], counts["genes_without_expression"]
    if table is not None and any(without):
        sentences.append(
            f"Without expression (marked, features 0): {without[0]:,} TFs, {without[1]:,} genes."
        )
    return graph, DataReport(counts, identifiers, tuple(sentences)), log


def _graph(
    regulon: Regulon, table: pd.DataFrame | None, labels: str, *, drop: bool
) -> tuple[HeteroData, dict[str, int | float]]:
    edges, tfs, genes = regulon.table, regulon.sources_all, regulon.targets_all
    if drop and table is not None:
        measured = set(table.index)
        edges = edges[edges["source"].isin(measured) & edges["target"].isin(measured)]
        if edges.empty:
            raise InputError(
                "no known edge has expression at both ends",
                where=regulon.where,
                fix="check the identifiers, or set data.unmeasured to keep",
            )
        tfs, genes = tuple(sorted(set(edges["source"]))), tuple(sorted(set(edges["target"])))
    dropped: dict[str, int | float] = {
        "edges_dropped_unmeasured": len(regulon.table) - len(edges),
        "self_loops_removed": regulon.counts.self_loops,
        "duplicates_merged": regulon.counts.duplicates,
    }
    return build_graph(edges, table, tfs=tfs, genes=genes, labels=labels), dropped | sign_counts(edges)


def _matched(report: MappingReport, regulon: Regulon, table: pd.DataFrame) -> dict[str, Any]:
    details = report.to_dict()
    return {
        "expression": report.var_namespaces.to_dict(),
        "matched": {"tfs": len(report.tfs_matched), "genes": len(report.genes_matched)},
        "unmatched": {"tfs": details["tfs_unmatched"], "genes": details["genes_unmatched"]},
        "duplicates_merged": report.duplicates_merged,
        "described": int(pd.Index([*{*regulon.sources_all, *regulon.targets_all}]).isin(table.index).sum()),
    }


def _counts(graph: HeteroData) -> dict[str, int | float]:
    tfs, genes, edges = graph[TF].num_nodes, graph[GENE].num_nodes, graph[REGULATES].num_edges
    return {
        "tfs": tfs,
        "genes": genes,
        "edges": edges,
        "density": edges / (tfs * genes),
        "tfs_that_are_genes": graph[ENCODED_BY].num_edges,
        "tfs_without_expression": int((~graph[TF].has_expression).sum()),
        "genes_without_expression": int((~graph[GENE].has_expression).sum()),
    }
