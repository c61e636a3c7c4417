"""Cold start: test TFs and genes without a training edge, in separate subsets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor
from torch_geometric.data import HeteroData

from grnpyg.core.errors import InputError
from grnpyg.core.seeding import torch_generator
from grnpyg.data.graph import GENE, REGULATES, TF
from grnpyg.splits.alternatives import Alternative, TooFewError, options
from grnpyg.splits.base import Splitter, splits
from grnpyg.splits.link_split import LinkSplit
from grnpyg.splits.messages import with_messages
from grnpyg.splits.transductive import TransductiveSplit, ways

COLD_TF, COLD_GENE, COLD_BOTH = "test_cold_tf", "test_cold_gene", "test_cold_both"


@splits.register("cold_start")
class ColdStartSplit(Splitter):
    """Hold out nodes first, then edges between the remaining nodes; there are four test subsets.

    Subsets: `train`, `validation` and `test` (both ends seen), `test_cold_tf` (unseen TF, seen gene),
    `test_cold_gene` and `test_cold_both`. Each has its own universe, and they are never pooled. A node whose
    edges all lead to held-out nodes is held out as well, so that every known edge is in one subset. The
    protocol is that of Leovonzko 2026 (20 % of the TFs and of the genes), with a validation subset.

    Args:
        tf_ratio: share of the TFs held out.
        gene_ratio: share of the genes held out.
        val_ratio: share of the edges between seen nodes for validation.
        test_ratio: share of the edges between seen nodes for the test.
        folds: divide TFs and genes into this many folds and hold out one; 0 uses the ratios instead.
        fold: which fold to hold out, from 0.
    """

    def __init__(
        self,
        *,
        tf_ratio: float = 0.2,
        gene_ratio: float = 0.2,
        val_ratio: float = 0.15,
        test_ratio: float = 0.15,
        folds: int = 0,
        fold: int = 0,
    ) -> None:
        if not (0 < tf_ratio < 1 and 0 < gene_ratio < 1):
            raise InputError(
                f"tf_ratio {tf_ratio} and gene_ratio {gene_ratio} must lie between 0 and 1",
                where="split cold_start",
            )
        if folds and not (folds >= 2 and 0 <= fold < folds):
            raise InputError(
                f"fold {fold} of {folds} does not exist",
                where="split cold_start",
                fix="folds from 2, fold from 0 to folds - 1",
            )
        self.ratios = {TF: tf_ratio, GENE: gene_ratio}
        self.folds, self.fold = folds, fold
        self.between_seen = TransductiveSplit(val_ratio=val_ratio, test_ratio=test_ratio)

    def alternatives(self) -> Iterable[Alternative]:
        """Other shares of held-out nodes, or numbers of folds, then the transductive split."""
        own: dict[str, Any] = {
            "val_ratio": self.between_seen.val_ratio,
            "test_ratio": self.between_seen.test_ratio,
        }
        for ratios in ({}, {"val_ratio": 0.3, "test_ratio": 0.3}):
            for folds in (5, 4, 3, 2) if self.folds else ():
                by_fold: dict[str, Any] = {"folds": folds, "fold": min(self.fold, folds - 1)}
                yield options(**by_fold, **ratios), ColdStartSplit(**by_fold, **own | ratios)
            no_folds = {"folds": 0} if self.folds else {}
            for share in (0.2, 0.3, 0.4, 0.5, 0.1):
                shares: dict[str, Any] = {"tf_ratio": share, "gene_ratio": share}
                yield options(**no_folds, **shares, **ratios), ColdStartSplit(**shares, **own | ratios)
        yield from ways(TransductiveSplit(), name="transductive")

    def divide(self, data: HeteroData, seed: int) -> LinkSplit:
        """See `Splitter.split`."""
        edges = data[REGULATES].edge_index
        seen = {kind: ~self._held_out(data, kind, seed) for kind in (TF, GENE)}
        kept = edges[:, seen[TF][edges[0]] & seen[GENE][edges[1]]]
        if kept.size(1) < 3:
            raise TooFewError(
                f"only {kept.size(1)} known edges are left between the nodes that are not held out",
                where="split cold_start",
            )
        inner = self.between_seen.divide(with_messages(data, kept), seed)
        warm, cold = inner.warm, {kind: inner.cold(kind) for kind in (TF, GENE)}
        universes = {
            COLD_TF: (cold[TF], warm[GENE]),
            COLD_GENE: (warm[TF], cold[GENE]),
            COLD_BOTH: (cold[TF], cold[GENE]),
        }
        positives = dict(inner.positives)
        for subset, universe in universes.items():
            positives[subset] = edges[
                :, torch.isin(edges[0], universe[0]) & torch.isin(edges[1], universe[1])
            ]
            if positives[subset].size(1) == 0:
                raise TooFewError(
                    f"the {subset} subset of the split is empty ({edges.size(1)} edges in all)",
                    where="split cold_start",
                )
        messages = with_messages(data, positives["train"])
        return LinkSplit(
            messages, positives, warm, inner.moved_back, edges.new_empty(2, 0), universes=universes
        )

    def _held_out(self, data: HeteroData, kind: str, seed: int) -> Tensor:
        """(num_nodes,) True where a node is held out."""
        num = int(data[kind].num_nodes)
        order = torch.randperm(num, generator=torch_generator(seed, "split", "cold", kind))
        first = int(self.ratios[kind] * num)
        chosen = order[self.fold :: self.folds] if self.folds else order[:first]
        mask = torch.zeros(num, dtype=torch.bool)
        mask[chosen] = True
        return mask
