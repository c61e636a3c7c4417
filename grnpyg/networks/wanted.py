"""Which pairs of a network are asked for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from grnpyg.core.arguments import require_list, require_whole
from grnpyg.core.errors import InputError
from grnpyg.data.graph import GENE, TF
from grnpyg.networks.candidates import Candidates


class Filter(Protocol):
    """Says which pairs may stay, by their scores."""

    def __call__(self, each: NDArray[Any], known: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """(num_runs, n, m) scores and (n, m) known edges -> (n, m)."""


@dataclass(frozen=True)
class Wanted:
    """Which pairs of a network are asked for. Places are counted before anything but `new` cuts.

    Args:
        top: the best so many of those that are left.
        per_tf: the best so many of each TF.
        tf: names of TFs; none: all.
        gene: names of genes; none: all.
        new: leave known edges out.
        min_probability: leave pairs below it out.
        with_known: keep every known edge beside the new ones, which alone `top` and `per_tf` count.

    Raises:
        InputError: a number that is not positive, a probability outside 0 to 1, or a single name for a list.
    """

    top: int | None = None
    per_tf: int | None = None
    tf: Collection[str] = ()
    gene: Collection[str] = ()
    new: bool = False
    min_probability: float | None = None
    with_known: bool = False

    def __post_init__(self) -> None:
        for name in ("top", "per_tf"):
            count = getattr(self, name)
            if isinstance(count, int) and not isinstance(count, bool) and count < 1:
                raise InputError(f"{count} pairs asked for", where=name, fix="ask for 1 or more")
            if count is not None:
                require_whole(count, name, 1)
        for name in ("tf", "gene"):
            require_list(getattr(self, name), name)
        least = self.min_probability
        if least is not None and not (isinstance(least, (int, float)) and 0 <= least <= 1):
            raise InputError(
                f"{least!r} is no probability", where="min_probability", fix="use a number from 0 to 1"
            )

    def ids(self, candidates: Candidates) -> tuple[NDArray[np.intp] | None, NDArray[np.intp] | None]:
        """The TFs and the genes that are asked for; None for all.

        Raises:
            InputError: an unknown name.
        """
        tf = candidates.ids(TF, self.tf, "tf") if len(self.tf) else None
        return tf, candidates.ids(GENE, self.gene, "gene") if len(self.gene) else None

    @property
    def cut(self) -> bool:
        """Whether the number of pairs has a limit that does not grow with the number of genes."""
        return any((self.top, self.per_tf, len(self.tf), len(self.gene)))


def least_probability(probabilities: Sequence[Any], least: float) -> Filter:
    """Pairs whose mean probability over the runs is at least so large."""

    def keep(each: NDArray[Any], known: NDArray[np.bool_]) -> NDArray[np.bool_]:
        shape = each.shape[1:]
        kept: NDArray[np.bool_] = mean_probability(probabilities, each.reshape(len(each), -1)) >= least
        return kept.reshape(shape)

    return keep


def mean_probability(probabilities: Sequence[Any], each: NDArray[Any]) -> NDArray[np.float64]:
    """(num_runs, n) scores -> (n,) mean of what each run's own function makes of its scores."""
    parts = [of_run(scores.astype(np.float64)) for of_run, scores in zip(probabilities, each, strict=True)]
    total: NDArray[np.float64] = np.sum(parts, axis=0) / len(parts)
    return total
