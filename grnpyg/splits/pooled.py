"""The split of the published study, with its leaks, only for reproducing its numbers."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch_geometric.data import HeteroData
from torch_geometric.utils import negative_sampling

from grnpyg.core.config import SPARED
from grnpyg.core.errors import InputError
from grnpyg.core.seeding import forked, torch_generator
from grnpyg.data.graph import ENCODED_BY, GENE, REGULATES, TF, num_nodes
from grnpyg.splits.alternatives import LARGER, Alternative, TooFewError, options
from grnpyg.splits.base import Splitter, splits
from grnpyg.splits.leakage import COLD_IN_UNIVERSE, HELD_OUT_IN_TRAINING
from grnpyg.splits.link_split import LinkSplit
from grnpyg.splits.messages import with_messages
from grnpyg.splits.transductive import TransductiveSplit, ways


@splits.register("pooled")
class PooledSplit(Splitter):
    """Pool the known edges and as many uniform negatives, shuffle, then divide (Leovonzko 2026).

    It breaks three rules of grnpyg, and every run says so. Validation and test sets have nodes without any
    training edge (`cold-in-universe`). The pool holds no known edge as a negative, so that the training
    negatives avoid the edges of the test (`negatives-spare-held-out`). At ratios other than 1:1 the training
    negatives are drawn without regard to these sets (`held-out-in-training`). At 1:1 the training negatives
    are those of the pool, so sampler and `fresh` have no effect. Use `transductive` for your own results.

    Args:
        val_ratio: share of the pool for validation.
        test_ratio: share of the pool for the test.
        acknowledge_leaks: must be set to true.
    """

    leaks = (COLD_IN_UNIVERSE, SPARED, HELD_OUT_IN_TRAINING)

    def __init__(
        self, *, val_ratio: float = 0.15, test_ratio: float = 0.15, acknowledge_leaks: bool = False
    ) -> None:
        if not acknowledge_leaks:
            raise InputError(
                f"this split is known to leak ({', '.join(self.leaks)}) and exists to reproduce a published "
                "number",
                where="split pooled",
                fix="set split.acknowledge_leaks to true, or use the split `transductive`",
            )
        if not (0 < val_ratio < 1 and 0 < test_ratio < 1 and val_ratio + test_ratio < 1):
            raise InputError(
                f"val_ratio {val_ratio} and test_ratio {test_ratio} leave no subset for each",
                where="split pooled",
                fix="both above 0, their sum below 1",
            )
        self.val_ratio, self.test_ratio = val_ratio, test_ratio

    def alternatives(self) -> Iterable[Alternative]:
        """Larger subsets, then the transductive split."""
        for ratio in LARGER:
            given = {"val_ratio": ratio, "test_ratio": ratio}
            yield options(**given), PooledSplit(**given, acknowledge_leaks=True)
        yield from ways(TransductiveSplit(), name="transductive")

    def divide(self, data: HeteroData, seed: int) -> LinkSplit:
        """See `Splitter.split`."""
        edges = data[REGULATES].edge_index
        num = edges.size(1)
        excluded = torch.cat([edges, data[ENCODED_BY].edge_index], dim=1)
        with forked(seed, "split", "negatives"):
            drawn = negative_sampling(
                excluded, num_nodes=num_nodes(data), num_neg_samples=num, method="sparse"
            )
        pool = torch.cat([edges, drawn], dim=1)
        order = torch.randperm(pool.size(1), generator=torch_generator(seed, "split"))
        held_out = [int(ratio * pool.size(1)) for ratio in (self.val_ratio, self.test_ratio)]
        sizes = [pool.size(1) - sum(held_out), *held_out]
        subsets = dict(zip(("train", "validation", "test"), order.split(sizes), strict=True))
        positives = {name: pool[:, rows[rows < num]] for name, rows in subsets.items()}
        negatives = {name: pool[:, rows[rows >= num]] for name, rows in subsets.items()}
        for name in subsets:
            if not positives[name].size(1) or not negatives[name].size(1):
                raise TooFewError(f"the {name} subset of the split lacks a class ({num} edges in all)")
        everything = {kind: torch.arange(int(data[kind].num_nodes)) for kind in (TF, GENE)}
        return LinkSplit(
            with_messages(data, positives["train"]),
            positives,
            everything,
            0,
            edges.new_empty(2, 0),
            negatives,
            self.leaks,
        )
