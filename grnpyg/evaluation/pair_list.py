"""A list of scored pairs that another tool wrote, as a method: its network stands in the same tables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from torch import Tensor
from torch_geometric.data import HeteroData

from grnpyg.core.errors import InputError, examples
from grnpyg.data.graph import GENE, TF, num_nodes
from grnpyg.data.names.namespaces import without_version
from grnpyg.data.pair_scores import read_pair_scores
from grnpyg.models.scorer import Scorer
from grnpyg.splits.link_split import LabelledPairs, LinkSplit

AT_A_TIME = 1 << 22  # pairs looked up at a time


class PairList:
    """Score pairs by the list of another tool, such as arboreto, pySCENIC, CellOracle or geneRNIB.

    score = the rank of the pair's score in the list, 1 for the lowest; 0 for a pair that is not listed, so
    that missing pairs are tied at the bottom. Names are settled as those of labels are.

    Args:
        source: a file that `grnpyg.data.pair_scores.read_pair_scores` reads, or a table in memory.
        columns: which column holds the source, the target or the weight, where the names do not tell.

    Raises:
        InputError: it cannot be read.

    Example:
        >>> table = pd.DataFrame({"TF": ["STAT1"], "target": ["IRF1"], "importance": [12.5]})
        >>> PairList(table).scores.kind
        'score: importance'
    """

    gives_logits = False
    seed = 0
    parameters = None
    macs_per_pair = 0

    def __init__(
        self, source: str | Path | pd.DataFrame, *, columns: Mapping[str, str] | None = None
    ) -> None:
        self.scores = read_pair_scores(source, columns)

    def fit(self, split: LinkSplit, pairs: LabelledPairs) -> None:
        """Find the list's pairs among those of the graph; known edges are not looked at.

        Raises:
            InputError: none of them joins a TF and a gene of the graph.
        """
        self.match(split.graph)

    def match(self, graph: HeteroData) -> None:
        """See `fit`."""
        names = {kind: list(graph[kind].name) for kind in (TF, GENE)}
        table = self.scores.renamed_to(sorted({*names[TF], *names[GENE]}))
        tf, gene = (_ids(table[end], names[kind]) for end, kind in (("source", TF), ("target", GENE)))
        inside = (tf >= 0) & (gene >= 0)
        if not inside.any():
            raise InputError(
                f"none of its {len(table):,} pairs joins a TF and a gene of the run (it names "
                f"{examples(table['source'].unique())}; the run {examples(names[TF])})",
                where=self.scores.where,
                fix="give a network of the same species with the same kind of identifiers; if the first "
                "column is the gene, name both with columns source=..., target=...",
            )
        self.sizes = num_nodes(graph)
        codes = tf[inside] * self.sizes[1] + gene[inside]
        best = pd.Series(table["rank"].to_numpy()[inside]).groupby(codes).max()
        self.codes, self.ranks = best.index.to_numpy(np.int64), best.to_numpy(float)
        self.named = tuple(np.unique(end[end >= 0]).size for end in (tf, gene))

    def score(self, edge_label_index: Tensor) -> NDArray[np.float64]:
        """See `grnpyg.models.scorer.Scorer.score`."""
        tf, gene = edge_label_index.numpy()
        return self._look_up(tf * self.sizes[1] + gene)

    def score_all(self, tf_index: Tensor, gene_index: Tensor) -> NDArray[np.float64]:
        """See `grnpyg.models.scorer.Scorer.score_all`."""
        tf, gene = tf_index.numpy(), gene_index.numpy()
        table = np.empty((len(tf), len(gene)))
        step = max(1, AT_A_TIME // max(1, len(gene)))
        for start in range(0, len(tf), step):
            table[start : start + step] = self._look_up(
                tf[start : start + step, None] * self.sizes[1] + gene[None, :]
            )
        return table

    def _look_up(self, codes: NDArray[Any]) -> NDArray[np.float64]:
        at = np.minimum(np.searchsorted(self.codes, codes), len(self.codes) - 1)
        return np.where(self.codes[at] == codes, self.ranks[at], 0.0)

    def _listed(self, pairs: LabelledPairs) -> dict[str, float]:
        """Shares of evaluation pairs, of the positive and of the negative ones, that the list names."""
        found, positive = self.score(pairs.edge_label_index) > 0, pairs.edge_label.numpy() > 0.5
        masks = {"pairs": np.ones_like(positive), "positives": positive, "negatives": ~positive}
        return {
            name: float(found[mask].mean()) if mask.any() else float("nan") for name, mask in masks.items()
        }

    def facts(self, sets: Mapping[str, Mapping[str, LabelledPairs]]) -> dict[str, Any]:
        """JSON-ready: where the list is from, and how much of a graph and of evaluation pairs it names.

        Args:
            sets: subset -> setting -> pairs.
        """
        listed = {
            subset: {setting: self._listed(pairs) for setting, pairs in own.items()}
            for subset, own in sets.items()
        }
        return {
            "source": self.scores.where,
            "score": self.scores.kind,
            "rows": len(self.scores.table),
            "in_graph": len(self.codes),
            "tfs": self.named[0] / self.sizes[0],
            "genes": self.named[1] / self.sizes[1],
            "listed": listed,
        }


def with_lists(
    methods: Mapping[str, Scorer], lists: Mapping[str, PairList], graph: HeteroData
) -> dict[str, Scorer]:
    """The methods of an evaluation and, after them, networks of other tools, found in a graph.

    Raises:
        InputError: a name that a method has already, or a list without a pair of the graph.
    """
    if taken := sorted(set(methods) & set(lists)):
        raise InputError(f"the name {taken[0]} belongs to another method", where="--with", fix="--name OTHER")
    for one in lists.values():
        one.match(graph)
    return {**methods, **lists}


def _ids(names: pd.Series[str], nodes: list[str]) -> NDArray[np.int64]:
    """(num_names,) node of each name, exactly or without an Ensembl version; -1 for none."""
    exact = pd.Index(nodes).get_indexer(pd.Index(names))
    bases = pd.Series(range(len(nodes)), [without_version(node) for node in nodes])
    bases = bases[~bases.index.duplicated()]
    by_base = bases.reindex([without_version(name) for name in names]).fillna(-1).to_numpy(np.int64)
    found: NDArray[np.int64] = np.where(exact >= 0, exact, by_base)
    return found
