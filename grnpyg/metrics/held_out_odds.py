"""From a score to the odds that a pair is a held-out edge, among all pairs that the labels do not name."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize
from scipy.special import expit

from grnpyg.core.errors import InputError
from grnpyg.metrics.classification import Array

SEGMENTS = 10  # at most
EDGES_PER_SEGMENT = 10  # at least
RIDGE = 0.3
APART = 1e-9  # of the range of scores: corners that are nearer are one, or their segment would be a cliff
FEWEST = 10  # held-out edges: fewer say too little of any curve
BLOCK = 1 << 18  # pairs at a time
Numbers = NDArray[np.float64]


class HeldOutOdds:
    """log odds(score) of "held-out edge" against "unknown pair": piecewise linear, never falling.

    The corners are quantiles of the scores of the held-out edges, so that each of ten segments holds a tenth
    of them (fewer segments where that is less than ten edges); the fit is weighted maximum likelihood
    (logistic) with rises >= 0 and a small ridge on the differences of neighbouring rises. Above the highest
    held-out edge the curve is flat: nothing was measured there. Any score will do, a logit or not. A straight
    line (Platt 1999) claims too little at the top of such lists, where scores saturate.
    """

    def fit(self, held_out: Array, unknown: Array, weight: Array) -> None:
        """Fit the curve.

        Args:
            held_out: (n,) scores of edges that were kept from the model.
            unknown: (m,) scores of unknown pairs, or of a sample of them.
            weight: (m,) how many unknown pairs each of the sample stands for.

        Raises:
            InputError: fewer than `FEWEST` held-out edges, no unknown pair, or a score that is not finite.
        """
        edges, pairs = held_out.astype(np.float64), unknown.astype(np.float64)
        if len(edges) < FEWEST or not len(pairs):
            raise InputError(
                f"probabilities need {FEWEST} held-out edges and some unknown pairs, "
                f"not {len(edges)} and {len(pairs)}",
                fix="hold out more validation edges (`--set split.val_ratio=0.1`)",
            )
        if not (np.isfinite(edges).all() and np.isfinite(pairs).all()):
            raise InputError("scores that are not finite have no probability")
        segments = min(SEGMENTS, len(edges) // EDGES_PER_SEGMENT)
        values = np.concatenate([edges, pairs])
        corners = np.quantile(edges, np.linspace(0, 1, segments + 1))
        apart = max(APART * float(np.ptp(values)), float(np.finfo(np.float32).tiny))
        self.corners = corners[np.diff(corners, prepend=-np.inf) > apart]
        total = float(weight.sum())
        start = math.log(len(edges) / total)
        if len(self.corners) == 1:  # one score for all: it says nothing
            self.rises, self.base = np.zeros(0), start
            return
        sign = np.where(np.arange(len(values)) < len(edges), 1.0, -1.0)
        weights = np.concatenate([np.ones(len(edges)), weight])
        places = self._places(values)

        def loss(at: Numbers) -> tuple[float, Numbers]:
            margin = sign * (places @ at[:-1] + at[-1])
            bends = np.diff(at[:-1])
            slope = -sign * weights * expit(-margin)
            ridge = np.zeros(len(at) - 1)
            ridge[:-1] -= bends
            ridge[1:] += bends
            value = float(weights @ np.logaddexp(0, -margin)) + RIDGE * float(bends @ bends)
            return value, np.append(places.T @ slope + 2 * RIDGE * ridge, slope.sum())

        rises = len(self.corners) - 1
        bounds = [*[(0.0, None)] * rises, (None, None)]
        first = np.append(np.full(rises, 0.5), start - 3)
        found = minimize(loss, first, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 1000})
        self.rises, self.base = found.x[:-1], float(found.x[-1])

    def __call__(self, score: Array) -> Numbers:
        """(n,) scores -> (n,) log odds, for as many held-out edges and unknown pairs as were fitted."""
        flat = np.full(len(score), self.base)
        if not self.rises.size:
            return flat
        for start in range(0, len(score), BLOCK):
            block = slice(start, start + BLOCK)
            flat[block] += self._places(score[block].astype(np.float64)) @ self.rises
        return flat

    def _places(self, score: Numbers) -> Numbers:
        """(n, segments) the part of each segment that lies below a score; the first one has no lower end."""
        part = (score[:, None] - self.corners[:-1]) / np.diff(self.corners)
        lowest = np.zeros(part.shape[1])
        lowest[0] = -np.inf
        return np.clip(part, lowest, 1.0)


def shift_to(log_odds: Array, weight: Array, expected: float) -> float:
    """What to add to log odds so that the probabilities of all pairs add up to a number of edges.

    For small odds this multiplies them by (edges expected) / (edges held out), the weight of Elkan & Noto
    (2008, section 3). Where theirs would exceed 1, this one stays below.

    Args:
        log_odds: (m,) of unknown pairs, or of a sample of them.
        weight: (m,) how many unknown pairs each of the sample stands for.
        expected: edges to be found among them.

    Raises:
        InputError: not between 0 and the number of pairs.
    """
    total = float(weight.sum())
    if not 0 < expected < total:
        raise InputError(
            f"{expected:g} new edges among {total:,.0f} unknown pairs",
            where="--new-edges",
            fix="use a number above 0 and below the number of unknown pairs",
        )

    def surplus(shift: float) -> float:
        return float(weight @ expit(log_odds + shift)) - expected

    border = 1.0
    while surplus(-border) > 0 or surplus(border) < 0:
        border *= 2
    found: float = brentq(surplus, -border, border, xtol=1e-10)
    return found
