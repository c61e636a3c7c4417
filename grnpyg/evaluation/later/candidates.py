"""What is ranked: every pair of a run's nodes that its labels do not name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch_geometric.data import HeteroData

from grnpyg.core.errors import InputError
from grnpyg.core.seeding import derive
from grnpyg.data.graph import ENCODED_BY, GENE, REGULATES, TF, num_nodes
from grnpyg.evaluation.other_labels import OtherLabels
from grnpyg.metrics.ranking import RankingSet, ranking_set
from grnpyg.negatives import negatives
from grnpyg.splits import LabelledPairs, LinkSplit
from grnpyg.splits.messages import with_messages

LATER = "later"  # the subset of the edges to be found


@dataclass(frozen=True)
class LaterSet:
    """The pairs that are ranked, and those of them that the later database reports.

    Attributes:
        known: a split that trains on all known edges and holds nothing out; methods are fitted on it.
        found: the same with the new edges as the subset `later`, only for drawing matched negatives.
        ranked: all TFs x all genes of the graph; no candidates are known edges, a TF with its own gene, and
            pairs left out.
        sign: (n, m) of the positives, 0 elsewhere.
        left_out: pairs left out because another database reports them.
    """

    known: LinkSplit
    found: LinkSplit
    ranked: RankingSet
    sign: NDArray[np.int8]
    left_out: int

    @property
    def degree(self) -> Mapping[str, NDArray[np.int64]]:
        """Node type -> (num_nodes,) number of known edges."""
        edges, sizes = self.known.positives["train"], num_nodes(self.known.graph)
        return {
            kind: torch.bincount(edges[end], minlength=sizes[end]).numpy()
            for end, kind in enumerate((TF, GENE))
        }

    def degree_matched(self, seed: int) -> LabelledPairs:
        """The positives with as many unlabelled pairs in which every TF and gene is as frequent.

        Args:
            seed: of the run's data.

        Raises:
            InputError: no pair fits the scheme.
        """
        excluded = torch.from_numpy(np.argwhere(~self.ranked.candidate).T.copy())
        drawn = negatives.build("degree_matched").sample(
            self.found, LATER, 1.0, derive(seed, LATER, "degree_matched"), taken=excluded
        )
        return LabelledPairs.join(self.found.positives[LATER], drawn)


def later_set(graph: HeteroData, later: OtherLabels, elsewhere: OtherLabels | None = None) -> LaterSet:
    """The pairs to rank: all TFs and genes of the graph, with or without a known edge, as `predict` does.

    Args:
        graph: all nodes and known edges of a run.
        later: the database that judges.
        elsewhere: a database whose other pairs are left out, as they may be true.

    Raises:
        InputError: the later database holds no edge that is not known.
    """
    if not later.counts["new"]:
        raise InputError(
            f"all of its {later.counts['inside']:,} edges between nodes of the run are labels of the run: "
            f"nothing is left to be found (an end of its {later.counts['outside']:,} others is no node)",
            where=f"--later {later.source}",
            fix="give a later or another database than the one that the run was trained on",
        )
    edges, own = graph[REGULATES].edge_index, graph[ENCODED_BY].edge_index
    new = torch.from_numpy(~later.known)
    positives = later.pairs[:, new]
    tf, gene = (torch.arange(size) for size in num_nodes(graph))
    filtered = torch.cat([edges, own], dim=1)
    name = f"{tf.numel():,} TFs x {gene.numel():,} genes without the labels of the run"
    ranked = ranking_set(tf.numpy(), gene.numpy(), positives.numpy(), filtered.numpy(), gene.numel(), name)
    left_out = 0
    if elsewhere is not None:
        out = np.zeros_like(ranked.candidate)
        out[*elsewhere.pairs.numpy()] = True
        out &= ranked.negatives
        left_out = int(out.sum())
        ranked.candidate[out] = False
    sign = np.zeros(ranked.label.shape, np.int8)
    sign[*positives.numpy()] = later.sign[~later.known]
    known = _split(graph, {"train": edges}, {})
    found = _split(graph, {"train": edges, LATER: positives}, {LATER: (tf, gene)})
    return LaterSet(known, found, ranked, sign, left_out)


def _split(
    graph: HeteroData, positives: dict[str, Tensor], universes: dict[str, tuple[Tensor, Tensor]]
) -> LinkSplit:
    edges = positives["train"]
    warm = {TF: edges[0].unique(), GENE: edges[1].unique()}
    empty = torch.empty(2, 0, dtype=torch.long)
    return LinkSplit(with_messages(graph, edges), positives, warm, 0, empty, universes=universes)
