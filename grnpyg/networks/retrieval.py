"""Candidates for a second, slower model: the best pairs by a first one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from grnpyg.core.errors import InputError
from grnpyg.metrics.retrieval import count_of
from grnpyg.networks.candidates import Candidates, Codes
from grnpyg.networks.ranking import Best, best_in_rows
from grnpyg.networks.scores import StoredRows, blocks, tracked

WHERE = "--candidates"
FIX = "give a share of all pairs, such as 10%, or a number of genes for each TF, such as 500"


@dataclass(frozen=True)
class Amount:
    """How many pairs become candidates: a share of all, the best ones, or as many for each TF.

    Attributes:
        share: of all pairs, above 0, at most 1; None: `per_tf` says it.
        per_tf: genes of each TF.

    Example:
        >>> Amount.read("10%")
        Amount(share=0.1, per_tf=None)
        >>> Amount.read(500)
        Amount(share=None, per_tf=500)
    """

    share: float | None = None
    per_tf: int | None = None

    @classmethod
    def read(cls, given: str | int) -> Amount:
        """What a user wrote.

        Args:
            given: `10%`, or a whole number of genes for each TF.

        Raises:
            InputError: it is neither, or none or more than all pairs.
        """
        text = str(given).strip()
        try:
            number = float(text.removesuffix("%")) if text.endswith("%") else int(text)
        except ValueError:
            raise InputError(f"{given!r} is no number of candidates", where=WHERE, fix=FIX) from None
        if not 0 < number < float("inf"):
            raise InputError(f"{given} leaves no candidate", where=WHERE, fix=FIX)
        if not text.endswith("%"):
            return cls(per_tf=int(number))
        if number > 100:
            raise InputError(f"{given} is more than all pairs", where=WHERE, fix=FIX)
        return cls(share=number / 100)


def best_candidates(
    scores: StoredRows, candidates: Candidates, amount: Amount, *, progress: bool = False
) -> Codes:
    """(n,) the pairs that become candidates, ascending; of equal scores the first TF and gene come first.

    Args:
        scores: of the first model.
        candidates: which pairs there are.
        amount: how many of them.
        progress: show a bar on stderr.
    """
    num_genes, chosen = candidates.shape[1], []
    best = None if amount.share is None else Best(count_of(amount.share, len(candidates)))
    for start, stop in tracked(blocks(*candidates.shape), "choosing candidates", progress):
        values, there = scores.rows(start, stop), candidates.rows(start, stop)
        if amount.per_tf is not None:
            there = best_in_rows(values, there, amount.per_tf)
        codes = np.flatnonzero(there) + start * num_genes
        if best is None:
            chosen.append(codes)
        else:
            best.add(codes, values[there][None])
    return np.concatenate(chosen) if best is None else np.sort(best.found()[0])
