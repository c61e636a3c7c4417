"""Random scores: the negative control of an evaluation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pandas.util import hash_array
from torch import Tensor

from grnpyg.core.seeding import derive
from grnpyg.models.baselines.base import Baseline, baselines
from grnpyg.splits.link_split import LabelledPairs, LinkSplit

SEED = derive(0, "random baseline")  # part of the score, so that it is the same in every run


@baselines.register("random")
class RandomScore(Baseline):
    """score = a hash of the two ids, uniform on [0, 1), independent of the data.

    Its AUROC is .5 in expectation: a value far from it shows an error in the evaluation.
    """

    def fit(self, split: LinkSplit, pairs: LabelledPairs) -> None:
        """There is nothing to learn."""

    @property
    def parameters(self) -> int:
        """See `Baseline.parameters`."""
        return 0

    @property
    def macs_per_pair(self) -> int:
        """See `Baseline.macs_per_pair`: a hash needs none."""
        return 0

    def score(self, edge_label_index: Tensor) -> NDArray[np.float64]:
        """See `Baseline.score`."""
        tf, gene = edge_label_index.numpy().astype(np.uint64)
        hashed = hash_array((tf << np.uint64(32) | gene) ^ np.uint64(SEED))
        # the 53 bits that a float64 holds, so that no score is rounded up to 1
        scores: NDArray[np.float64] = (hashed >> np.uint64(11)).astype(np.float64) * 2.0**-53
        return scores
