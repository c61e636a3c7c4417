"""Put the facts of knowledge sources into a graph: edges between similar nodes, and numbers of nodes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch_geometric.data import HeteroData

from grnpyg.core.data_config import KnowledgeConfig
from grnpyg.core.errors import InputError, warn
from grnpyg.core.files import sha256, sha256_of
from grnpyg.core.inputs import Input
from grnpyg.data.graph import GENE, NUMBERS, TF, direct_edges, similar_edges
from grnpyg.data.names.symbols import Species
from grnpyg.knowledge.base import Facts, KnowledgeSource, knowledge
from grnpyg.knowledge.genes import Genes
from grnpyg.knowledge.nearest import Ids, nearest
from grnpyg.knowledge.own_file import LEAST, OwnFile
from grnpyg.knowledge.refused import Overlap, overlap, refuse_copy
from grnpyg.knowledge.specs import labelled
from grnpyg.knowledge.tables import MissingError

if TYPE_CHECKING:
    from anndata import AnnData

# Odds of a shared pair from which an overlap with the labels is said: of numbers of pairs, and of pairs that
# are similar by a file of the user's. By bundled sources, similar pairs are edges 1.2 to 2 times as often.
BEYOND_CHANCE, FAR_BEYOND = 2.0, 5.0


@dataclass(frozen=True)
class Added:
    """What one source gave.

    Attributes:
        edges: edge type -> edge_index (2, num_edges) and edge_weight (num_edges,).
        numbers: node type -> (num_nodes, num_numbers), standardised.
        sentence: for the report.
        details: the same for JSON.
    """

    edges: Mapping[tuple[str, str, str], tuple[Tensor, Tensor]]
    numbers: Mapping[str, NDArray[np.float32]]
    sentence: str
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class KnowledgeExtension:
    """Adds the sources of a config to a graph (see `grnpyg.data.load.Extension`).

    Args:
        config: from `make_config`.
        own: (number of TFs, number of genes): so many nodes of a graph come first, and a model has learned
            from them. Neighbours and the scale of numbers are theirs, also for the other nodes. None: all.
    """

    config: KnowledgeConfig
    own: tuple[int, int] | None = None

    def __call__(
        self, graph: HeteroData, cells: AnnData | None, seed: int, species: Species | None = None
    ) -> tuple[list[str], dict[str, Any]]:
        """Add to the graph in place; sentences, and details by source.

        Raises:
            InputError: a source that is refused, or that is missing where none may be.
        """
        named = sources_of(self.config)
        sentences: list[str] = []
        details: dict[str, Any] = {}
        numbers: dict[str, list[NDArray[np.float32]]] = {TF: [], GENE: []}
        try:
            genes = Genes.of(graph, species)
        except MissingError as error:  # the orthologs of mouse
            self._missing("", error)
            return [], {}
        for label, source in named.items():
            try:
                added = add_source(label, source, graph, genes, cells, self.config.neighbours, seed, self.own)
            except MissingError as error:
                self._missing(label, error)
                details[label] = {"left_out": error.what}
                continue
            for edge_type, (index, weight) in added.edges.items():
                graph[edge_type].edge_index, graph[edge_type].edge_weight = index, weight
            for kind, table in added.numbers.items():
                numbers[kind].append(table)
            sentences.append(added.sentence)
            details[label] = added.details
        for kind, tables in numbers.items():
            if tables:
                graph[kind][NUMBERS] = torch.from_numpy(np.concatenate(tables, axis=1))
        return sentences, details

    def _missing(self, label: str, error: MissingError) -> None:
        """Say that a source is left out, or refuse to go on without it."""
        where = f"knowledge {label}".strip()
        if self.config.missing == "refuse":
            raise InputError(error.what, where=where, fix=error.fix) from None
        warn(f"left out: {error.what}", where=where, fix=error.fix)


def extension(config: KnowledgeConfig | None) -> KnowledgeExtension | None:
    """What `load_grn` takes to add the knowledge of a config; None for none."""
    return None if config is None else KnowledgeExtension(config)


def sources_of(config: KnowledgeConfig) -> dict[str, KnowledgeSource]:
    """The sources of a config by what they are called in the graph.

    Raises:
        InputError: see `grnpyg.knowledge.specs.labelled`.
    """
    return {label: knowledge.build_from(spec) for label, spec in labelled(config).items()}


def knowledge_hashes(config: KnowledgeConfig | None) -> dict[str, Input]:
    """Source and SHA-256 of the files of every source that is here, by role.

    Raises:
        InputError: a file of the user's is missing, or any where none may be.
    """
    hashes: dict[str, Input] = {}
    for label, source in sources_of(config).items() if config is not None else ():
        try:
            files = source.files()
        except MissingError as error:
            if config is not None and config.missing == "refuse":
                raise InputError(error.what, where=f"knowledge {label}", fix=error.fix) from None
            continue
        digests = [sha256(path) for path in files]
        if digests:
            named = source.origin() if not isinstance(source, OwnFile) else str(source.path)
            whole = digests[0] if len(digests) == 1 else sha256_of("".join(digests))
            hashes[f"knowledge {label}"] = {"source": named, "sha256": whole}
    return hashes


def add_source(
    label: str,
    source: KnowledgeSource,
    graph: HeteroData,
    genes: Genes,
    cells: AnnData | None,
    neighbours: int,
    seed: int,
    own: tuple[int, int] | None = None,
) -> Added:
    """What one source says about the nodes of a graph.

    Raises:
        MissingError: its table is not here, or it knows too few of the graph's genes.
        InputError: a file of the user's that cannot be used.
    """
    facts = source.facts(genes, cells, seed)
    num_tfs, num_genes = (genes.tfs.size, genes.genes.size) if own is None else own
    share = _share(source, genes.tfs[:num_tfs], genes.genes[:num_genes], genes.kind, facts, label)
    edges = {}
    if facts.space is not None:
        ends = {"tfs": (TF, genes.tfs, num_tfs), "genes": (GENE, genes.genes, num_genes)}
        for what, (kind, rows, number) in ends.items():
            if what in source.gives:
                near = np.where(np.arange(rows.size) < number, rows, -1)
                edges[similar_edges(kind, label)] = _edges(nearest(facts.space, rows, near, neighbours))
    direct = _direct(source, facts, genes, neighbours)
    found: Overlap | None = None
    if direct is not None:
        found = overlap(graph, direct)
        tf_gene, weight = _edges(direct)
        edges[direct_edges(label)] = tf_gene.flip(0), weight
    if source.own:
        sets = None if facts.sets is None else facts.sets[genes.genes]
        refuse_copy(graph, found if facts.direct is not None else None, sets, where=f"knowledge {label}")
    limit = BEYOND_CHANCE if facts.direct is not None else FAR_BEYOND if source.own else np.inf
    if found is not None and found.odds > limit:
        warn(f"overlaps the labels beyond chance: {found}", where=f"knowledge {label}")
    nodes = ((TF, genes.tfs, num_tfs), (GENE, genes.genes, num_genes))
    numbers = {kind: _standardised(facts, rows, number) for kind, rows, number in nodes}
    count = {f"{kind} {name}": index.size(1) for (kind, name, _), (index, _) in edges.items()}
    said = [f"Knowledge {label} ({source.tier}): {100 * share:.1f} % of the {source.entities} known"]
    said += [*facts.notes, *(f"{number:,} {name} edges" for name, number in count.items())]
    details: dict[str, Any] = {
        "tier": source.tier,
        "known": round(share, 4),
        "edges": count,
        "numbers": list(facts.numbers),
        "notes": list(facts.notes),
    }
    if found is not None:
        details["overlap"] = found.to_dict()
    given = {kind: table for kind, table in numbers.items() if table.shape[1]}
    return Added(edges, given, "; ".join(said) + ".", details)


def _share(source: KnowledgeSource, tfs: Ids, genes: Ids, kind: str, facts: Facts, label: str) -> float:
    """The share of the graph's genes, or of its TFs, that a source knows.

    Raises:
        MissingError: less than a tenth, or InputError of a file of the user's.
    """
    about = np.unique(tfs if source.entities == "TFs" else np.concatenate([tfs, genes]))
    share = float(facts.known[about].mean())
    if share >= LEAST:
        return share
    what = f"knows {100 * share:.1f} % of the graph's {source.entities}, which are named by {kind}"
    fix = "map the labels to symbols with `--id-map FILE`" if kind != "symbol" else None
    if source.own:
        raise InputError(what, where=f"knowledge {label}", fix=fix)
    raise MissingError(what, fix=fix)


def _direct(source: KnowledgeSource, facts: Facts, genes: Genes, neighbours: int) -> Any:
    """(num_tfs, num_genes) sparse numbers of TF-gene pairs: given, or of the TF's own gene and the gene."""
    if facts.direct is not None:
        given = facts.direct[genes.tfs][:, genes.genes].tocsr()
        given = given.multiply(genes.tfs[:, None] != genes.genes).tocsr()
        given.eliminate_zeros()
        return given if given.nnz else None
    if facts.space is None or "direct" not in source.gives:
        return None
    by_tf = nearest(facts.space, genes.tfs, genes.genes, neighbours)
    by_gene = nearest(facts.space, genes.genes, genes.tfs, neighbours)
    return by_tf.maximum(by_gene.T.tocsr()).tocsr()


def _edges(similar: Any) -> tuple[Tensor, Tensor]:
    """Edges (2, n) from the column of a sparse table to its row, and their weights."""
    table = similar.tocsr()
    table.sort_indices()
    row, column = table.tocoo().coords
    index = torch.from_numpy(np.stack([column, row]).astype(np.int64))
    return index, torch.from_numpy(table.data.astype(np.float32))


def _standardised(facts: Facts, rows: Ids, number: int) -> NDArray[np.float32]:
    """(num_nodes, num_numbers), of mean 0 and variance 1 over the known ones of the first `number` nodes.

    It is 0 for nodes that are not known.
    """
    columns = []
    for values in facts.numbers.values():
        column = np.asarray(values, np.float64)[rows]
        there = np.isfinite(column)
        first = column[:number][there[:number]]
        mean, spread = (first.mean(), first.std()) if first.size else (0.0, 0.0)
        columns.append(np.where(there, (column - mean) / (spread or 1.0), 0.0))
    empty = np.empty((rows.size, 0), np.float32)
    return np.stack(columns, axis=1).astype(np.float32) if columns else empty
