"""What a control is: a graph without the one thing that a score is supposed to come from."""

from __future__ import annotations

from torch_geometric.data import HeteroData

from grnpyg.core.registry import Registry
from grnpyg.splits.link_split import LinkSplit


class Control:
    """A subclass changes the labels before the split, the features once all pairs are drawn, or the graph on
    which the held-out pairs are scored.
    """

    def before_split(self, data: HeteroData, seed: int) -> HeteroData:
        """The whole graph that everything is made from; a changed copy."""
        return data

    def before_training(self, data: HeteroData, seed: int) -> HeteroData:
        """The graph that a model is trained and scored on, with the evaluation pairs of the unchanged one."""
        return data

    def before_scoring(self, split: LinkSplit, seed: int) -> HeteroData:
        """The message graph on which the model scores evaluation pairs; a changed copy."""
        return split.graph


controls: Registry[Control] = Registry("control", Control)
