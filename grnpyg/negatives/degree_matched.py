"""Negatives matched to the positives by degree at both ends, so that node degree is uninformative."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from grnpyg.core.seeding import numpy_generator
from grnpyg.negatives.base import NegativeSampler, negatives
from grnpyg.negatives.candidates import Candidates, per_positive
from grnpyg.splits.link_split import LinkSplit

ROUNDS = 200  # of repair; if not all pairs fit, it ends 0 to 3 % below the largest matching
PATIENCE = 20  # rounds without improvement after which the rest is dropped

Positions = NDArray[np.int64]


@negatives.register("degree_matched")
class DegreeMatchedNegatives(NegativeSampler):
    """Draw negatives in which every TF and gene occurs as often as in the positives of the subset.

    This is the configuration model: the genes of the positives, k copies of each at k:1, are permuted over
    their TFs. Pairs that are excluded or repeated then swap genes with others. Pairs that cannot be repaired
    are dropped, so fewer are drawn if hubs are already linked to most of their partners. If none is dropped,
    a score of the TF alone or of the gene alone has AUROC .5, and their product about .5. For the bias that
    this removes see Aiyappa et al. (ICML 2025, arXiv
    2405.14985), in regulatory networks Stock et al. (2025, bioRxiv).
    """

    exact: ClassVar[bool] = False

    def draw(self, split: LinkSplit, subset: str, excluded: Tensor, num: int, seed: int) -> Tensor:
        """See `NegativeSampler.draw`."""
        rng = numpy_generator(seed, "negatives", "degree_matched")
        candidates = Candidates.of(split, subset, excluded)
        row, column = candidates.positions(split.positives[subset])
        copies = np.repeat(np.arange(row.size), per_positive(row.size, num, rng))
        return candidates.pairs(*_match(row[copies], column[copies], candidates.free, rng))


def _match(
    row: Positions, column: Positions, free: NDArray[np.bool_], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Permute the columns over the rows so that the pairs are free and distinct.

    Args:
        row: (num_pairs,) rows of the table.
        column: (num_pairs,) columns.
        free: (n, m) which pairs may be drawn; overwritten.
        rng: source of the permutation and the swaps.

    Returns:
        (2, at most num_pairs) rows and columns.
    """
    num, width, cells = row.size, free.shape[1], free.reshape(-1)
    column = rng.permutation(column)
    code = row * width + column
    good = np.zeros(num, dtype=bool)  # the pair is free and not used by another
    first = np.unique(code, return_index=True)[1]
    good[first] = cells[code[first]]
    cells[code[good]] = False
    idle = 0
    for _ in range(ROUNDS):
        bad = np.flatnonzero(~good)
        if bad.size == 0 or idle == PATIENCE:
            break
        one = np.resize(rng.permutation(bad), num)
        if idle:
            one = np.concatenate([one, rng.permutation(num)])
        ends = np.stack([one, rng.integers(num, size=one.size)])
        new = row[ends] * width + column[ends[::-1]]
        gain = cells[new].sum(axis=0) - good[ends].sum(axis=0)
        # without improvement, also make neutral swaps: they open new ways
        wanted = np.flatnonzero(gain >= (0 if idle else 1))
        wanted = wanted[np.argsort(-gain[wanted], kind="stable")]
        ends, new = ends[:, wanted], new[:, wanted]
        apart = _all_first(ends) & _all_first(new)
        ends, new = ends[:, apart], new[:, apart]
        free_now = cells[new]
        owned = ends[good[ends]]
        cells[row[owned] * width + column[owned]] = True
        column[ends] = column[ends[::-1]]
        cells[new[free_now]] = False
        good[ends] = free_now
        idle = idle + 1 if (~good).sum() == bad.size else 0
    return np.stack([row[good], column[good]])


def _all_first(values: Positions) -> NDArray[np.bool_]:
    """(2, n) -> (n,): True where neither value of a column has occurred before."""
    in_turn = values.T.ravel()
    first = np.zeros(in_turn.size, dtype=bool)
    first[np.unique(in_turn, return_index=True)[1]] = True
    return first[::2] & first[1::2]
