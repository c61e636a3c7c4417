"""Negatives with the TFs of the positives, so that the degree of a TF is uninformative."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from torch import Tensor

from grnpyg.core.seeding import numpy_generator
from grnpyg.negatives.base import NegativeSampler, negatives
from grnpyg.negatives.candidates import Candidates, per_positive
from grnpyg.splits.link_split import LinkSplit


@negatives.register("same_tf")
class SameTFNegatives(NegativeSampler):
    """For every positive draw a gene of the universe for the same TF, uniformly and without replacement.

    Each TF keeps its share of the pairs, so a score of the TF alone has AUROC .5. The degree of the gene is
    still informative. A TF with too few free genes gives fewer negatives; no other TF makes up for them.
    """

    exact: ClassVar[bool] = False

    def draw(self, split: LinkSplit, subset: str, excluded: Tensor, num: int, seed: int) -> Tensor:
        """See `NegativeSampler.draw`."""
        rng = numpy_generator(seed, "negatives", "same_tf")
        candidates = Candidates.of(split, subset, excluded)
        rows, _ = candidates.positions(split.positives[subset])
        wanted = np.bincount(np.repeat(rows, per_positive(rows.size, num, rng)))
        drawn = []
        for row in np.flatnonzero(wanted):
            genes = np.flatnonzero(candidates.free[row])
            genes = rng.choice(genes, min(genes.size, wanted[row]), replace=False, shuffle=False)
            drawn.append((np.full_like(genes, row), genes))
        return candidates.pairs(*np.concatenate(drawn, axis=1))
