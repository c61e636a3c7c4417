"""Base class of controls: remove from a graph what a score is supposed to come from."""

from __future__ import annotations

from torch_geometric.data import HeteroData

from grnpyg.core.registry import Registry
from grnpyg.splits.link_split import LinkSplit


class Control:
    """Base of all controls.

    A subclass changes the labels before the split, the features once all pairs are drawn, or the graph on
    which the held-out pairs are scored.
    """

    def before_split(self, data: HeteroData, seed: int) -> HeteroData:
        """A changed copy of the whole graph, before the split."""
        return data

    def before_training(self, data: HeteroData, seed: int) -> HeteroData:
        """A changed copy of the graph for training and scoring; the evaluation pairs stay."""
        return data

    def before_scoring(self, split: LinkSplit, seed: int) -> HeteroData:
        """A changed copy of the message graph on which evaluation pairs are scored."""
        return split.graph


controls: Registry[Control] = Registry("control", Control)
