"""The known edges as scores: the positive control of an evaluation."""

from __future__ import annotations

from typing import ClassVar

from grnpyg.models.baselines.base import baselines
from grnpyg.models.baselines.table import TableBaseline, edge_table
from grnpyg.splits.link_split import LabelledPairs, LinkSplit


@baselines.register("oracle")
class Oracle(TableBaseline):
    """score = 1 for every known edge, held out or not, else 0.

    Its AUROC is 1: any other value shows a broken evaluation, such as a known edge among the negatives.
    """

    sees_held_out: ClassVar[bool] = True

    def fit(self, split: LinkSplit, pairs: LabelledPairs) -> None:
        """Read all known edges."""
        self.table = edge_table(split, split.known)
