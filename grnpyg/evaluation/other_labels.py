"""The edges that another database reports, as pairs of a run's graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch_geometric.data import HeteroData

from grnpyg.core.data_config import DataConfig
from grnpyg.core.errors import InputError, examples, warn
from grnpyg.data.graph import ENCODED_BY, GENE, REGULATES, TF, pair_codes
from grnpyg.data.labels import read_labels, renaming
from grnpyg.data.matching.settle import settle
from grnpyg.data.names.namespaces import without_version

LEAST_SHARE = 0.1  # of the TFs or genes of a database that the graph knows: below, that is said


@dataclass(frozen=True)
class OtherLabels:
    """Edges of another database whose both ends are nodes of a graph.

    Attributes:
        source: what was read.
        pairs: (2, E) TF and gene ids, distinct, without a TF and its own gene.
        sign: (E,) 1 activation, -1 repression, 0 unknown.
        known: (E,) True where the labels of the graph name the edge, too.
        counts: `edges` of the database; of these `tf_missing`, `gene_missing` (both: counted twice) and
            `outside` (at least one end is no node), `inside`; of the latter `known` and `new`.
    """

    source: str
    pairs: Tensor
    sign: NDArray[np.int64]
    known: NDArray[np.bool_]
    counts: dict[str, int]

    @property
    def has_signs(self) -> bool:
        """Whether the database tells activation from repression."""
        return bool((self.sign < 0).any())

    def line(self) -> str:
        """The counts in a sentence."""
        c = self.counts
        return (
            f"{self.source}: {c['edges']:,} edges, {c['outside']:,} left out because an end is no node of "
            f"the graph ({c['tf_missing']:,} by the TF, {c['gene_missing']:,} by the gene); of the other "
            f"{c['inside']:,} the labels of the run name {c['known']:,}, {c['new']:,} are new"
        )

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {"labels": self.source, **self.counts}


def read_other_labels(
    graph: HeteroData,
    data: DataConfig,
    source: str,
    *,
    confidence: Sequence[str] | None = None,
    where: str = "--later",
) -> OtherLabels:
    """Read the edges of another database and find them among the pairs of a graph.

    Names are settled by the rules of the run's labels (spelling, former names, Ensembl versions). A complex
    stays one name, and so is left out: a row about NFKB does not say which of its members is meant.

    Args:
        graph: all nodes and known edges of a run.
        data: how the run read its own labels.
        source: a catalogue name or a file.
        confidence: levels to keep.
        where: the option, for messages.

    Raises:
        InputError: the labels cannot be read, or none of their edges lies in the graph.
    """
    changes = {
        **{"labels": source, "confidence": None if confidence is None else tuple(confidence)},
        **{"tfs": None, "tfs_action": "require", "columns": None, "min_weight": None, "id_map": None},
        **{"listed_tfs": False, "allow_mixed_ids": True},
    }
    own = data.model_copy(update=changes)
    names = {kind: list(graph[kind].name) for kind in (TF, GENE)}
    regulon = read_labels(own, complexes=False).regulon
    nodes, use = sorted({*names[TF], *names[GENE]}), renaming(own)
    regulon, _ = settle(regulon, nodes, use, where=source, there="the run", fix=None)
    table = regulon.table
    ends = [_ids(table[end].tolist(), names[kind]) for end, kind in (("source", TF), ("target", GENE))]
    inside = (ends[0] >= 0) & (ends[1] >= 0)
    if not inside.any():
        raise InputError(
            f"none of its {len(table):,} edges joins a TF and a gene of the run (it names "
            f"{examples(table['source'].unique())}; the run {examples(names[TF])})",
            where=f"{where} {source}",
            fix="give labels of the same species with the same kind of identifiers",
        )
    _say_missing(ends, table[["source", "target"]].to_numpy(), source)
    pairs = torch.from_numpy(np.stack([end[inside] for end in ends]))
    weight = table["weight"].to_numpy(float)
    sign = table["sign"].to_numpy() if "sign" in table else np.sign(weight) * bool((weight < 0).any())
    codes = pair_codes(graph, pairs).numpy()
    first = np.unique(codes, return_index=True)[1]  # Ensembl versions may have made two edges one
    first = first[~np.isin(codes[first], pair_codes(graph, graph[ENCODED_BY].edge_index).numpy())]
    known = np.isin(codes[first], pair_codes(graph, graph[REGULATES].edge_index).numpy())
    counts = {
        "edges": len(table),
        "tf_missing": int((ends[0] < 0).sum()),
        "gene_missing": int((ends[1] < 0).sum()),
        "outside": int((~inside).sum()),
        "inside": first.size,
        "known": int(known.sum()),
        "new": int((~known).sum()),
    }
    return OtherLabels(source, pairs[:, first], sign[inside][first].astype(np.int64), known, counts)


def _ids(names: Sequence[str], nodes: Sequence[str]) -> NDArray[np.int64]:
    """(num_names,) node of each name, exactly or without an Ensembl version; -1 for none."""
    at = {name: i for i, name in enumerate(nodes)}
    bases: dict[str, int] = {}
    for i, name in enumerate(nodes):
        bases.setdefault(without_version(name), i)
    return np.array([at.get(name, bases.get(without_version(name), -1)) for name in names], np.int64)


def _say_missing(ends: Sequence[NDArray[np.int64]], names: NDArray[Any], source: str) -> None:
    for what, found, own in zip(("TFs", "genes"), ends, names.T, strict=True):
        there, all_ = len(set(own[found >= 0])), len(set(own))
        if there < LEAST_SHARE * all_:
            warn(
                f"only {there:,} of its {all_:,} {what} are nodes of the run",
                where=source,
                fix="check that both are of one species and name genes alike",
            )
