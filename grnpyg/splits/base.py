"""Base class of splitters, which divide the known edges of a graph."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path

from torch_geometric.data import HeteroData

from grnpyg.core.errors import InputError
from grnpyg.core.registry import Registry
from grnpyg.splits import leakage
from grnpyg.splits.alternatives import WORKS, Alternative, TooFewError, advice, nothing_works
from grnpyg.splits.link_split import LinkSplit


class Splitter(ABC):
    """Divides the known edges of a graph; the parameters of a subclass are its options."""

    @abstractmethod
    def divide(self, data: HeteroData, seed: int) -> LinkSplit:
        """Make the split. Call `split` instead, which also checks it for leaks."""

    def alternatives(self) -> Iterable[Alternative]:
        """(what to write, the splitter) to try in turn where the labels are too few for this one."""
        return ()

    def files(self) -> dict[str, Path]:
        """The files that the split is read from, by role; a run records their SHA-256."""
        return {}

    def split(self, data: HeteroData, seed: int) -> LinkSplit:
        """Divide the known edges and check that nothing leaks.

        Args:
            data: the whole graph, from `build_graph`.
            seed: the same seed gives the same split.

        Raises:
            InputError: a subset would be empty; says what would work with these labels.
            LeakageError: the subclass broke an invariant.
        """
        try:
            result = self.divide(data, seed)
        except TooFewError as error:
            works = advice(self.alternatives(), data, seed)
            if works is not None:
                fix = f"{error.fix}; {WORKS} {works}" if error.fix else f"{WORKS} {works}"
            else:
                fix = error.fix or nothing_works(data)
            raise InputError(error.what, where=error.where, fix=fix) from None
        leakage.check(result)
        return result


splits: Registry[Splitter] = Registry("split", Splitter)
