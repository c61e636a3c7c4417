"""Baselines: scores that need no encoder and are fitted on the training pairs only."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from grnpyg.core.registry import Registry
from grnpyg.splits.link_split import LabelledPairs, LinkSplit

BLOCK = 1 << 18  # pairs scored at a time by `score_all`


class Baseline(ABC):
    """Base of all baselines: a `grnpyg.models.scorer.Scorer` with a name in a registry.

    Attributes:
        gives_logits: the scores are logits, so that accuracy and F1 are defined.
        needs: co-expression matrices that the graph must hold, see `grnpyg.data.coexpression`.
        sees_held_out: it reads the held-out edges, as a control of the evaluation.
        seed: for random draws in `fit`; set it before `fit`. Closed forms draw nothing.
        fit_seconds: duration of `fit`, if it was timed.
    """

    gives_logits: ClassVar[bool] = False
    needs: ClassVar[tuple[str, ...]] = ()
    sees_held_out: ClassVar[bool] = False
    seed: int = 0
    fit_seconds: float | None = None

    @abstractmethod
    def fit(self, split: LinkSplit, pairs: LabelledPairs) -> None:
        """Learn from the training positives of the split, or from the training pairs with negatives."""

    @abstractmethod
    def score(self, edge_label_index: Tensor) -> NDArray[np.float64]:
        """Scores of pairs, (2, num_pairs) -> (num_pairs,); higher = more likely an edge."""

    @property
    def parameters(self) -> int | None:
        """How many fitted numbers are read by scoring; None if unknown."""
        return None

    @property
    def macs_per_pair(self) -> int | None:
        """Multiply-accumulates to score one pair after the fit, 0 for a look-up; None if unknown."""
        return None

    def score_all(self, tf_index: Tensor, gene_index: Tensor) -> NDArray[np.float64]:
        """Scores of every pair of these TFs (n,) and genes (m,), (n, m); same values as `score`."""
        num_tfs, num_genes = tf_index.numel(), gene_index.numel()
        table = np.empty((num_tfs, num_genes))
        step = max(1, BLOCK // max(1, num_genes))
        for start in range(0, num_tfs if num_genes else 0, step):
            pairs = torch.cartesian_prod(tf_index[start : start + step], gene_index).t()
            table[start : start + step] = self.score(pairs).reshape(-1, num_genes)
        return table


baselines: Registry[Baseline] = Registry("baseline", Baseline)


def needed_coexpression(names: Iterable[str]) -> tuple[str, ...]:
    """The co-expression matrices that these baselines need, sorted and without duplicates."""
    return tuple(sorted({kind for name in names for kind in baselines.get(name).needs}))
