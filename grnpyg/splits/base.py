"""Base class of splitters, which divide the known edges of a graph."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path

from torch_geometric.data import HeteroData

from grnpyg.core.registry import Registry
from grnpyg.splits import leakage
from grnpyg.splits.link_split import LinkSplit


class Splitter(ABC):
    """Divides the known edges of a graph; the parameters of a subclass are its options."""

    @abstractmethod
    def divide(self, data: HeteroData, seed: int) -> LinkSplit:
        """Make the split. Call `split` instead, which also checks it for leaks."""

    def files(self) -> dict[str, Path]:
        """The files that the split is read from, by role; a run records their SHA-256."""
        return {}

    def split(self, data: HeteroData, seed: int) -> LinkSplit:
        """Divide the known edges and check that nothing leaks.

        Args:
            data: the whole graph, from `build_graph`.
            seed: the same seed gives the same split.

        Raises:
            InputError: a subset would be empty.
            LeakageError: the subclass broke an invariant.
        """
        result = self.divide(data, seed)
        leakage.check(result)
        return result


splits: Registry[Splitter] = Registry("split", Splitter)
