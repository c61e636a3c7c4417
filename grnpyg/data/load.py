"""From a data config to a graph, with a report of everything that happened on the way."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import torch
from torch_geometric.data import HeteroData

from grnpyg.core.config import FeatureConfig
from grnpyg.core.errors import InputError
from grnpyg.core.inputs import Input
from grnpyg.data import catalog, normalisation
from grnpyg.data.coexpression import coexpressed_genes
from grnpyg.data.coexpression import coexpression as correlations
from grnpyg.data.expression import read_expression
from grnpyg.data.features import gene_features, highly_variable
from grnpyg.data.graph import COEXPRESSED, ENCODED_BY, GENE, REGULATES, TF, build_grn
from grnpyg.data.id_map import IdMap, apply_map
from grnpyg.data.identifiers import MappingReport, match
from grnpyg.data.namespaces import detect
from grnpyg.data.regulons import Regulon, check_tfs, read_regulon, read_tf_list, rename

if TYPE_CHECKING:
    from anndata import AnnData

    from grnpyg.core.config import DataConfig


@dataclass(frozen=True)
class Dataset:
    """A graph and how it came about.

    Attributes:
        graph: from `build_grn`.
        counts: nodes, edges, density, and what was left out.
        identifiers: the mapping report, JSON-ready, with the full lists of unmatched names.
        sentences: the report for a human.
    """

    graph: HeteroData
    counts: dict[str, int | float]
    identifiers: dict[str, Any]
    sentences: tuple[str, ...] = field(repr=False)

    def lines(self) -> tuple[str, ...]:
        """The report for a human, one sentence a line."""
        return self.sentences

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {"identifiers": self.identifiers, "counts": self.counts, "report": list(self.sentences)}


def load_dataset(
    data: DataConfig,
    features: FeatureConfig,
    seed: int,
    *,
    coexpression: tuple[str, ...] = (),
    neighbours: int = 0,
) -> Dataset:
    """Read labels and expression, match their identifiers, and build the graph.

    Args:
        data: what to read.
        features: how to describe a gene by its expression.
        seed: for clustering and decomposition.
        coexpression: correlations of TFs and genes over the cells (see `grnpyg.data.coexpression`) to store
            in the graph, `pearson` as `graph["tf"].pearson`, (num_tfs, num_genes).
        neighbours: co-expressed genes of each gene to store as edges `coexpressed`; 0: none.

    Raises:
        InputError: any input that cannot be used.
    """
    regulon, sentences, identifiers = _labels(data)
    table: pd.DataFrame | None = None
    if data.expression is not None:
        adata = _expression(data, regulon)
        report = match(regulon, adata.var_names)
        regulon = rename(regulon, report.renamed) if report.renamed else regulon
        with _torch_threads_kept():
            log, said = _log_values(adata, data, features, regulon)
            described = gene_features(log, features, seed=seed)
        table = described.table
        sentences += [*said, described.summary, *report.lines()]
        identifiers |= _matched(report, regulon, table)
    elif data.unmeasured == "drop":
        raise InputError("unmeasured: drop needs expression data", where="config data")
    elif coexpression:
        raise InputError(
            f"co-expression ({', '.join(coexpression)}) needs expression data",
            where="config data",
            fix="set data.expression, or leave the rows that need it out of evaluation.baselines",
        )
    elif neighbours:
        raise InputError(
            "edges between co-expressed genes need expression data",
            where="config data",
            fix="set data.expression, or leave coexpressed out of encoder.edges",
        )
    graph, dropped = _graph(regulon, table, drop=data.unmeasured == "drop")
    if table is not None and coexpression:
        for kind, matrix in correlations(log, coexpression, graph[TF].name, graph[GENE].name).items():
            graph[TF][kind] = torch.from_numpy(matrix)
        sentences.append(
            f"Co-expression of TFs and genes over {log.n_obs:,} cells: {', '.join(coexpression)}."
        )
    if table is not None and neighbours:
        edges = torch.from_numpy(coexpressed_genes(log, graph[GENE].name, neighbours))
        graph[COEXPRESSED].edge_index = edges
        sentences.append(f"Co-expressed genes: {edges.size(1):,} edges, up to {neighbours} to each gene.")
    counts = _counts(graph) | {"rows_read": regulon.counts.rows, **dropped}
    sentences.append(
        f"Graph: {counts['tfs']:,} TFs x {counts['genes']:,} genes, {counts['edges']:,} known edges "
        f"(density {100 * counts['density']:.2f} %), {graph[GENE].num_features} features a node."
    )
    without = counts["tfs_without_expression"], counts["genes_without_expression"]
    if table is not None and any(without):
        sentences.append(
            f"Without expression (marked, features 0): {without[0]:,} TFs, {without[1]:,} genes."
        )
    return Dataset(graph, counts, identifiers, tuple(sentences))


@contextmanager
def _torch_threads_kept() -> Iterator[None]:
    """scanpy's numba kernels set the threads of OpenMP, and with them torch's, to the number of cores."""
    threads = torch.get_num_threads()
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def input_hashes(data: DataConfig) -> dict[str, Input]:
    """Role -> source, as it was given, and SHA-256 of every input that the config names.

    Raises:
        InputError: an input is not there.
    """
    roles = {"expression": data.expression, "obs": data.obs, "labels": data.labels}
    roles |= {"id_map": data.id_map, "tfs": data.tfs}
    hashes: dict[str, Input] = {}
    for role, source in roles.items():
        if source is not None:
            digests = []
            for path in _files(source, role):
                with path.open("rb") as file:
                    digests.append(hashlib.file_digest(file, "sha256").hexdigest())
            # several files of one input: the hash of their hashes
            whole = digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()
            hashes[role] = {"source": source, "sha256": whole}
    return hashes


def _files(source: str, role: str) -> list[Path]:
    found = catalog.resolve(source)
    if isinstance(found, Path):
        return sorted(p for p in found.rglob("*") if p.is_file()) if found.is_dir() else [found]
    if role in {file.role for file in found.files}:
        return [catalog.path(found, role)]
    return [catalog.path(found, file.role) for file in found.files]


def _labels(data: DataConfig) -> tuple[Regulon, list[str], dict[str, Any]]:
    found = catalog.resolve(data.labels)
    columns = None
    if isinstance(found, Path):
        path = found
    elif "Label" in (roles := {file.role: file for file in found.files}):  # a GENELink folder
        path = catalog.path(found, "Label").parent
    elif "labels" in roles:
        path, columns = catalog.path(found, "labels"), roles["labels"].columns
    else:
        raise InputError(f"data set {data.labels!r} holds no labels", fix="`grnpyg data list` shows which do")
    regulon = read_regulon(path, columns=columns, confidence=data.confidence, listed_tfs=data.listed_tfs)
    sentences = [f"Labels {data.labels}: {' '.join(regulon.counts.lines())}"]
    identifiers: dict[str, Any] = {}
    if data.id_map is not None:
        regulon, mapped = apply_map(regulon, IdMap.read(_single(data.id_map)))
        sentences += mapped.lines()
        identifiers["id_map"] = mapped.to_dict()
    if data.tfs is not None:
        check_tfs(regulon.table, read_tf_list(_single(data.tfs)), where=data.labels)
    namespaces = detect((*regulon.sources_all, *regulon.targets_all))
    if not data.allow_mixed_ids:
        namespaces.require_one(data.labels)
    sentences += namespaces.lines()
    return regulon, sentences, identifiers | {"labels": namespaces.to_dict()}


def _single(source: str) -> Path:
    found = catalog.resolve(source)
    return found if isinstance(found, Path) else catalog.path(found, found.files[0].role)


def _expression(data: DataConfig, regulon: Regulon) -> AnnData:
    assert data.expression is not None
    found = catalog.resolve(data.expression)
    genes_in, sep, obs = data.genes_in, None, _single(data.obs) if data.obs else None
    if isinstance(found, Path):
        path = found
    else:
        path = catalog.path(found, "expression")
        files = {file.role: file for file in found.files}
        genes_in, sep = files["expression"].genes or genes_in, files["expression"].sep
        if obs is None and "obs" in files:
            obs = catalog.path(found, "obs")
    return read_expression(
        path,
        layer=data.layer,
        use_raw=data.use_raw,
        backed=data.backed,
        genes_in=genes_in,
        known_genes={*regulon.sources_all, *regulon.targets_all},
        obs=obs,
        sep=sep,
    )


def _log_values(
    adata: AnnData, data: DataConfig, features: FeatureConfig, regulon: Regulon
) -> tuple[AnnData, list[str]]:
    """Log values of the genes that the regulon names, and what was done."""
    state = normalisation.detect(adata, where=data.expression)
    genes = {*regulon.sources_all, *regulon.targets_all}
    said = [
        f"Expression {data.expression}: {adata.n_obs:,} cells x {adata.n_vars:,} genes. "
        f"{normalisation.describe(state)}"
    ]
    if features.n_top_genes is not None:
        genes &= set(highly_variable(normalisation.to_log(adata, state), features.n_top_genes))
        said.append(
            f"Of the {features.n_top_genes:,} most variable genes the labels name {len(genes):,}; "
            "the others count as not measured."
        )
        if not genes:
            raise InputError("none of the most variable genes is in the labels", where="features.n_top_genes")
    log = normalisation.to_log(adata, state, genes=genes)
    if data.min_cells:
        if state == "scaled":
            raise InputError("min_cells cannot be counted in scaled values", where=data.expression)
        seen = np.asarray((log.X > 0).sum(axis=0)).ravel()
        log = log[:, seen >= data.min_cells].copy()
        if log.n_vars == 0:
            raise InputError(
                f"no gene of the labels is found in {data.min_cells} cells", where=data.expression
            )
        rare = int((seen < data.min_cells).sum())
        said.append(f"{rare:,} genes found in fewer than {data.min_cells} cells count as not measured.")
    return log, said


def _graph(
    regulon: Regulon, table: pd.DataFrame | None, *, drop: bool
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
    return build_grn(edges, table, tfs=tfs, genes=genes), dropped


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
