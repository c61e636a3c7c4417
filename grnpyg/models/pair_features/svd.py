"""The numbers of `spectral` as they were before they were made stable."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from grnpyg.models.pair_features.base import pair_features
from grnpyg.models.pair_features.spectral import Spectral


@pair_features.register("svd", version=2)
class SVDScores(Spectral):
    """`spectral` with the degrees as they are, and with ties cut where they fall: use `spectral`.

    Where the edges have more connected parts than a rank, rounding decides which parts the last two numbers
    describe; for pairs of the others they are near 0. Tables that were measured with it name it.
    """

    beyond: ClassVar[int] = 0

    def weight(self, degree: NDArray[np.float32]) -> NDArray[np.float32]:
        """See `Spectral.weight`."""
        weight: NDArray[np.float32] = np.maximum(degree, 1) ** np.float32(-0.5)
        return weight

    def first(self, squares: NDArray[Any], rank: int) -> int:
        """See `Spectral.first`."""
        return max(0, len(squares) - rank)
