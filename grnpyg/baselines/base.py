"""Baselines: scores that need no encoder, fitted on the training pairs only."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from grnpyg.registry import Registry
from grnpyg.splits.link_split import LabelledPairs, LinkSplit


class Baseline(ABC):
    """A row beside the models.

    Attributes:
        gives_logits: the scores are logits, so that accuracy and F1 have a meaning.
    """

    gives_logits: ClassVar[bool] = False

    @abstractmethod
    def fit(self, split: LinkSplit, pairs: LabelledPairs) -> None:
        """Learn from the training positives of the split, or from the training pairs with negatives."""

    @abstractmethod
    def score(self, edge_label_index: Tensor) -> NDArray[np.float64]:
        """Scores of pairs, (2, num_pairs) -> (num_pairs,); higher = more likely an edge."""


baselines: Registry[Baseline] = Registry("baseline", Baseline)
