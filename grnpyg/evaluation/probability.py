"""What a score says of an unknown pair: how likely it is one of the edges that are found next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from grnpyg.core.errors import InputError
from grnpyg.evaluation.methods import model_of
from grnpyg.evaluation.unknown_pairs import UnknownPairs, unknown_pairs
from grnpyg.metrics.held_out_odds import HeldOutOdds, shift_to
from grnpyg.models.scorer import Scorer
from grnpyg.runs import Run
from grnpyg.splits import LinkSplit

VALIDATION = "validation"
GROWTH = 0.2  # new edges per known edge, unless the user says otherwise: as many as the usual split holds out


@dataclass(frozen=True)
class UnknownProbability:
    """A function from scores (n,) to probabilities (n,) of unknown pairs.

    Attributes:
        log_odds: from scores to log odds, fitted on held-out edges against all unknown pairs.
        shift: added to them, so that the probabilities of all unknown pairs add up to `new_edges`.
        new_edges: edges that are expected among the unknown pairs.
        unknown: how many unknown pairs there are, both ends in the validation's universe.
        known: edges of the labels.
        held_out: validation edges of the fit.
        scores: (m,) of the unknown pairs, or of a sample.
        weight: (m,) of these.
    """

    log_odds: HeldOutOdds
    shift: float
    new_edges: float
    unknown: int
    known: int
    held_out: int
    scores: NDArray[np.float64]
    weight: NDArray[np.float64]

    def __call__(self, score: NDArray[Any]) -> NDArray[np.float64]:
        """(n,) scores -> (n,) probabilities."""
        values: NDArray[np.float64] = expit(self.log_odds(score) + self.shift)
        return values

    def expecting(self, new_edges: float) -> UnknownProbability:
        """The same for another number of new edges.

        Raises:
            InputError: not between 0 and the number of unknown pairs.
        """
        shift = shift_to(self.log_odds(self.scores), self.weight, new_edges)
        return replace(self, shift=shift, new_edges=new_edges)

    @property
    def prior(self) -> float:
        """Share of the unknown pairs that are expected to be edges."""
        return self.new_edges / self.unknown

    def sentence(self) -> str:
        """What a probability means, in words."""
        share = self.new_edges / self.known
        return (
            f"probability: of 100 unknown pairs with p = .20, about 20 are expected to be edges if curators "
            f"of the same kind find {self.new_edges:,.0f} new edges among {self.unknown:,} unknown pairs "
            f"(prior {self.prior:.2g}; {share:.0%} of the {self.known:,} known edges; change it with "
            f"--new-edges N)"
        )

    def to_dict(self) -> dict[str, float]:
        """`new_edges prior unknown_pairs known_edges held_out`."""
        return {
            "new_edges": self.new_edges,
            "prior": self.prior,
            "unknown_pairs": self.unknown,
            "known_edges": self.known,
            "held_out": self.held_out,
        }


def unknown_probability(
    run: Run, *, new_edges: float | None = None, prior: float | None = None, model: Scorer | None = None
) -> UnknownProbability:
    """The probabilities of a run for pairs that its labels do not name.

    Only one thing can be learned from labels: how much more often a score is that of a held-out edge than
    that of an unknown pair. It is fitted on the validation edges, against all unknown pairs or a weighted
    sample of them. If the edges that curators find next are like the held-out ones (selected completely at
    random, Elkan & Noto 2008), the probability follows from how many they find. That number cannot be learned
    from one set of labels, so it is stated.

    Args:
        run: from `Run.load`.
        new_edges: edges expected among the unknown pairs; None: a fifth of the known edges.
        prior: the same as a share of the unknown pairs.
        model: what the run hands out, where it is at hand.

    Raises:
        InputError: both are given, one of them is out of range, or the run has too few validation edges.
    """
    method = model_of(run, known_edges=False) if model is None else model
    return split_probability(run.split, method, run.config.data_seed, new_edges, prior, where=run.path)


def split_probability(
    split: LinkSplit,
    model: Scorer,
    seed: int,
    new_edges: float | None = None,
    prior: float | None = None,
    *,
    where: object = None,
) -> UnknownProbability:
    """The probabilities of a method that was fitted on a split, see `unknown_probability`.

    Args:
        split: gives the validation edges and the unknown pairs.
        model: fitted on its training edges.
        seed: of the sample of unknown pairs.
        new_edges: expected among the unknown pairs; None: a fifth of the known edges.
        prior: the same as a share of the unknown pairs.
        where: for messages.

    Raises:
        InputError: see `unknown_probability`.
    """
    check_new_edges(new_edges, prior)
    if VALIDATION not in split.held_out:
        raise InputError(
            "the split has no validation edges to learn probabilities from",
            where=where,
            fix="train with `--set split.val_ratio=0.05`",
        )
    pairs = unknown_pairs(split, VALIDATION, seed)
    held_out, scores = model.score(split.positives[VALIDATION]), model.score(pairs.pairs)
    try:
        return fitted_probability(scores, pairs, held_out, split.known.size(1), new_edges, prior)
    except InputError as error:
        raise InputError(error.what, where=error.where or where, fix=error.fix) from None


def fitted_probability(
    scores: NDArray[Any],
    pairs: UnknownPairs,
    held_out: NDArray[Any],
    known: int,
    new_edges: float | None = None,
    prior: float | None = None,
) -> UnknownProbability:
    """Fit the probabilities, see `unknown_probability`.

    Args:
        scores: (m,) of the unknown pairs.
        pairs: these pairs, with their weights.
        held_out: (n,) scores of held-out edges.
        known: edges of the labels.
        new_edges: expected among the unknown pairs; None: a fifth of `known`.
        prior: the same as a share of the unknown pairs.

    Raises:
        InputError: see `HeldOutOdds.fit` and `shift_to`.
    """
    odds = HeldOutOdds()
    odds.fit(held_out, scores, pairs.weight)
    wanted = known * GROWTH if new_edges is None else new_edges
    wanted = wanted if prior is None else prior * pairs.total
    made = UnknownProbability(
        odds, 0.0, wanted, pairs.total, known, len(held_out), scores.astype(np.float64), pairs.weight
    )
    return made.expecting(wanted)


def check_new_edges(new_edges: float | None, prior: float | None) -> None:
    """Check the two ways to say how many edges are expected, before any work is done.

    Raises:
        InputError: both are given, or one is out of range.
    """
    if new_edges is not None and prior is not None:
        raise InputError(
            "--new-edges and --prior say the same thing", where="--prior", fix="give one of them"
        )
    if prior is not None and not (isinstance(prior, (int, float)) and 0 < prior < 1):
        raise InputError(f"{prior} is no prior", where="--prior", fix="use a share between 0 and 1")
    if new_edges is not None and not (isinstance(new_edges, (int, float)) and new_edges > 0):
        raise InputError(f"{new_edges} new edges", where="--new-edges", fix="use a number above 0")
