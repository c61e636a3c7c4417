"""Do the probabilities of a run hold on its held-out edges, at their natural share among all pairs?"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from grnpyg.core.errors import unknown
from grnpyg.core.seeding import numpy_generator
from grnpyg.data.graph import num_nodes
from grnpyg.evaluation.methods import model_of
from grnpyg.evaluation.probability import VALIDATION, fitted_probability, unknown_probability
from grnpyg.evaluation.unknown_pairs import excluded_codes, unknown_pairs
from grnpyg.metrics.held_out_odds import shift_to
from grnpyg.metrics.reliability import ABOVE, ReliabilityBins, folds
from grnpyg.models.scorer import Scorer
from grnpyg.runs import Run

TFS_PER_BLOCK = 32
Claim = Callable[[NDArray[Any]], NDArray[np.float64]]


@dataclass(frozen=True)
class Reliability:
    """Claims beside what came true.

    Attributes:
        judge: what says which pairs are edges.
        expected: edges that the claims add up to.
        edges: edges that the judge names.
        pairs: how many were judged.
        table: of `ReliabilityBins.table`.
        summary: of `ReliabilityBins.summary`.
    """

    judge: str
    expected: float
    edges: int
    pairs: int
    table: pd.DataFrame
    summary: dict[str, float]

    def sentence(self) -> str:
        """The summary in words."""
        own = self.summary
        if not own["pairs"]:
            return f"{self.judge}: no pair has a probability above {ABOVE:g}"
        return (
            f"{self.judge}: {own['pairs']:,.0f} pairs above p = {ABOVE:g}, {own['expected']:,.0f} edges "
            f"expected, {own['hits']:,.0f} found; expected calibration error {own['ece']:.3f} "
            f"({own['ece_of_chance']:.3f} if every claim held)"
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers that JSON can hold."""
        return {
            "judge": self.judge,
            "expected": self.expected,
            "edges": self.edges,
            "pairs": self.pairs,
            "above": {"probability": ABOVE, **self.summary},
            "bins": self.table.to_dict("records"),
        }


def run_reliability(run: Run, subset: str) -> Reliability:
    """Judge the probabilities of a run by the edges of a held-out subset among all pairs that are unknown.

    The share of edges is the natural one: all edges of the subset, all unknown pairs of its universe. On
    the validation, which the probabilities are fitted on, each fifth of the edges is judged by a fit on the
    other four; an unknown pair is judged by all five and counts a fifth each time. On other subsets the fit
    is that of the whole validation, told how many edges the subset has, so that the shape is judged and not
    the number.

    Args:
        run: from `Run.load`.
        subset: `validation`, `test`, ...

    Raises:
        InputError: no such subset, or no probabilities can be fitted.
    """
    split = run.split
    if subset not in split.held_out:
        raise unknown("subset", subset, split.held_out, where=run.path)
    model, edges = model_of(run, known_edges=False), split.positives[subset]
    number = int(edges.size(1))
    if subset == VALIDATION:
        claims = _crossed(run, model)
    else:
        claims = [(_told(run, model, subset), np.ones(number, dtype=bool))]
    bins, scores = ReliabilityBins(), model.score(edges)
    for claim, judged in claims:
        bins.add(claim(scores[judged]), np.ones(int(judged.sum()), dtype=bool))
    pairs = 0
    for block in unknown_scores(run, model, subset):
        pairs += block.size
        for claim, _ in claims:
            bins.add(claim(block), np.zeros(block.size, dtype=bool), 1 / len(claims))
    judge = f"{subset} edges" + (", by fits on the others" if subset == VALIDATION else "")
    return Reliability(judge, float(bins.claimed.sum()), number, pairs + number, bins.table(), bins.summary())


def _told(run: Run, model: Scorer, subset: str) -> Claim:
    """The probabilities of a run, told how many edges a subset has among its own pairs."""
    pairs, edges = unknown_pairs(run.split, subset, run.config.data_seed), run.split.positives[subset]
    fit = unknown_probability(run, model=model)
    scores = np.concatenate([model.score(pairs.pairs), model.score(edges)])
    weight = np.append(pairs.weight, np.ones(edges.size(1)))
    return replace(fit, shift=shift_to(fit.log_odds(scores), weight, edges.size(1)))


def _crossed(run: Run, model: Scorer) -> list[tuple[Claim, NDArray[np.bool_]]]:
    """Claims, each with the fifth of the validation edges that it was not fitted on."""
    pairs, edges = unknown_pairs(run.split, VALIDATION, run.config.data_seed), run.split.positives[VALIDATION]
    scores, held_out = model.score(pairs.pairs), model.score(edges)
    fold = folds(len(held_out), numpy_generator(run.config.data_seed, "probability", "folds"))
    claims = list[tuple[Claim, NDArray[np.bool_]]]()
    for number in np.unique(fold):
        judged = fold == number
        fit = fitted_probability(scores, pairs, held_out[~judged], run.split.known.size(1))
        natural = math.log(len(held_out) / fit.held_out)  # as many edges as the whole validation has
        claims.append((replace(fit, shift=natural), judged))
    return claims


def unknown_scores(run: Run, model: Scorer, subset: str) -> Iterator[NDArray[Any]]:
    """Yield the scores of all unknown pairs of a subset's universe, some TFs at a time.

    Args:
        run: from `Run.load`.
        model: what the run hands out.
        subset: a held-out subset.
    """
    tf, gene = run.split.universe(subset)
    known, num_genes = excluded_codes(run.split), num_nodes(run.graph)[1]
    for tfs in torch.as_tensor(tf).split(TFS_PER_BLOCK):
        codes = (tfs[:, None] * num_genes + gene[None, :]).numpy().ravel()
        yield model.score_all(tfs, gene).ravel()[~np.isin(codes, known)]
