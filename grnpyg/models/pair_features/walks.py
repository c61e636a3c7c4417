"""Random walks of three steps from the TF to the gene."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from grnpyg.models.pair_features.base import Messages, PairFeature, pair_features
from grnpyg.models.pair_features.numbers import PairNumber, Product


@pair_features.register("walks")
class Walks(PairFeature):
    """Walks TF - gene' - TF' - gene, TF' not the TF: their number, and the probability of such a walk.

    The probability is P3 of Cooper et al. (2014, doi:10.1145/2567948.2579244) without returning walks.
    """

    num_values: ClassVar[int] = 2

    def numbers(self, messages: Messages) -> list[PairNumber]:
        """See `PairFeature.numbers`."""
        step = 1 / np.maximum(messages.tf_degree, 1)
        probability = Product(messages.common(1.0), messages.weighted(tf=step)).scaled(tf=step)
        return [Product(messages.common(), messages.by_gene).log(1.0), probability.log(1e-4)]
