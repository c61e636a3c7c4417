"""A rule for the sign of new edges, chosen on known signs that are held out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from grnpyg.core.seeding import numpy_generator
from grnpyg.networks.sign_evidence import Floats, SignEvidence

CANDIDATES = {"TF": (0,), "TF and gene": (0, 1), "TF, gene and similar TFs": (0, 1, 2)}
CLEAR = 0.8  # probability from which a sign is given
FOLDS = 5
LEAST = 20  # edges of each sign, below which nothing is learned


@dataclass(frozen=True, eq=False)
class SignRule:
    """The probability that an edge activates, and the sign where that is clear.

    A logistic regression on `SignEvidence`. Which of its numbers it reads (`CANDIDATES`) is chosen by the log
    loss on known signs that are held out; if none is better there than the share of activating edges, the
    rule gives that share for every pair, and so no sign. A sign that is right in less than `CLEAR` of the
    held-out edges to which it is given, such as repression where hardly any edge represses, is not given.

    Attributes:
        evidence: the known signs.
        reads: name of the candidate; None: nothing beats the share of activating edges.
        share: of activating edges among those of known sign.
        weights: (1 + numbers,) of the logistic regression, the intercept first.
        gives: the signs that it gives.
    """

    evidence: SignEvidence
    reads: str | None
    share: float
    weights: Floats
    gives: tuple[int, ...]

    @classmethod
    def fit(
        cls, tf: NDArray[Any], gene: NDArray[Any], sign: NDArray[Any], shape: tuple[int, int]
    ) -> SignRule:
        """Learn from edges of known sign, and choose what to read on some that are held out.

        Args:
            tf, gene: (num_edges,) ends of each edge.
            sign: (num_edges,) 1 or -1.
            shape: numbers of TFs and genes.
        """
        evidence = SignEvidence(tf, gene, sign, shape)
        up = sign > 0
        share = float(up.mean()) if up.size else float("nan")
        if min(up.sum(), (~up).sum()) < LEAST:
            return cls(evidence, None, share, np.zeros(0), ())
        reads, gives = _chosen(tf, gene, sign, shape)
        if reads is None:
            return cls(evidence, None, share, np.zeros(0), ())
        return cls(evidence, reads, share, fitted(evidence, tf, gene, sign)[reads], gives)

    def probability(self, tf: NDArray[Any], gene: NDArray[Any]) -> Floats:
        """(num_pairs,) probability that an edge between them, if there is one, activates."""
        if self.reads is None:
            return np.full(len(tf), self.share)
        return probability_of(self.reads, self.weights, self.evidence.of_pairs(tf, gene))

    def sign(self, tf: NDArray[Any], gene: NDArray[Any]) -> NDArray[np.int8]:
        """(num_pairs,) 1 or -1 where it is clear, else 0, see `clear_signs`."""
        if not self.gives:
            return np.zeros(len(tf), np.int8)
        sign = clear_signs(self.probability(tf, gene), self.share)
        return np.where(np.isin(sign, self.gives), sign, 0).astype(np.int8)


def clear_signs(probability: Floats, share: float) -> NDArray[np.int8]:
    """1 or -1 where a sign has a probability of `CLEAR`, and more than its share of all edges; else 0.

    The second condition keeps a rule silent that only repeats that most edges activate.

    Args:
        probability: (n,) of activation.
        share: of activating edges.
    """
    up = (probability >= CLEAR) & (probability > share)
    down = (1 - probability >= CLEAR) & (probability < share)
    return up.astype(np.int8) - down.astype(np.int8)


def folds_of(count: int, *purpose: str | int) -> NDArray[np.int64]:
    """(count,) fold of each edge, of `FOLDS` folds of equal size; the same in each run."""
    return numpy_generator(0, "signs", *purpose).permutation(count) % FOLDS


def fitted(
    evidence: SignEvidence, tf: NDArray[Any], gene: NDArray[Any], sign: NDArray[Any]
) -> dict[str, Floats]:
    """The weights of every candidate, fitted on the edges of the evidence, (1 + numbers,) each."""
    numbers, found = evidence.of_edges(tf, gene, sign), {}
    for name, columns in CANDIDATES.items():
        one = LogisticRegression(C=10.0).fit(numbers[:, columns], sign > 0)
        found[name] = np.concatenate([one.intercept_, one.coef_[0]])
    return found


def probability_of(reads: str, weights: Floats, numbers: Floats) -> Floats:
    """(num_pairs,) probability of activation by a candidate, from all evidence (num_pairs, 3)."""
    found: Floats = expit(weights[0] + numbers[:, CANDIDATES[reads]] @ weights[1:])
    return found


def _chosen(
    tf: NDArray[Any], gene: NDArray[Any], sign: NDArray[Any], shape: tuple[int, int]
) -> tuple[str | None, tuple[int, ...]]:
    """The candidate with the least log loss on edges that are held out, and the signs that it tells there."""
    fold, up = folds_of(len(sign), "choice"), sign > 0
    found: dict[str | None, Floats] = {name: np.full(len(sign), up.mean()) for name in (None, *CANDIDATES)}
    for held in range(FOLDS):
        rest, out = fold != held, fold == held
        evidence = SignEvidence(tf[rest], gene[rest], sign[rest], shape)
        numbers = evidence.of_pairs(tf[out], gene[out])
        for name, weights in fitted(evidence, tf[rest], gene[rest], sign[rest]).items():
            found[name][out] = probability_of(name, weights, numbers)
    losses = {name: log_loss(up, probability) for name, probability in found.items()}
    best = min(losses, key=lambda name: losses[name])
    if best is None:
        return None, ()
    given = clear_signs(found[best], float(up.mean()))
    told = [(one, sign[given == one] == one) for one in (1, -1)]
    return best, tuple(one for one, right in told if len(right) >= LEAST and right.mean() >= CLEAR)
