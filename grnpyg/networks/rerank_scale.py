"""Two kinds of scores in one order: those of a second run above all others, and their probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from grnpyg.core.errors import InputError
from grnpyg.data.graph import pair_codes
from grnpyg.evaluation.probability import VALIDATION, UnknownProbability, fitted_probability
from grnpyg.evaluation.unknown_pairs import unknown_pairs
from grnpyg.models.scorer import TrainedModel
from grnpyg.networks.candidates import Codes
from grnpyg.runs import Run


@dataclass(frozen=True)
class Scale:
    """How scores of both runs stand in one order.

    Attributes:
        lowest: the lowest score that the second run gave a candidate.
        shift: what is taken from scores of the first run, so that the highest is below `lowest` by 1.
        limit: (num_tfs,) the score of the first run from which on a pair of the TF is a candidate.
    """

    lowest: float
    shift: float
    limit: NDArray[np.float64]

    def reranked(self, scores: NDArray[Any]) -> NDArray[np.bool_]:
        """(n,) which scores on the scale are those of the second run."""
        found: NDArray[np.bool_] = scores >= self.lowest
        return found

    def score(self, retriever: TrainedModel, reranker: TrainedModel, pairs: Tensor) -> NDArray[np.float64]:
        """(2, n) pairs -> (n,) scores on the scale, also of pairs that are no candidates of the network."""
        first = retriever.score(pairs).astype(np.float64)
        chosen = first >= self.limit[pairs[0].numpy()]
        result = first - self.shift
        if chosen.any():
            result[chosen] = reranker.score(pairs[:, torch.from_numpy(chosen)])
        return result


def limits(
    first: NDArray[Any], codes: Codes, shape: tuple[int, int], *, of_each: bool
) -> NDArray[np.float64]:
    """(num_tfs,) the lowest scores of the first run that made candidates, see `Scale`.

    Args:
        first: (n,) its scores of the candidates.
        codes: (n,) the candidates.
        shape: (num_tfs, num_genes).
        of_each: they are the best of each TF; else the best of all, with one limit.
    """
    result = np.full(shape[0], np.inf)
    np.minimum.at(result, codes // shape[1], first.astype(np.float64))
    return result if of_each else np.full(shape[0], result.min(initial=np.inf))


def probability_on(
    scale: Scale,
    runs: tuple[Run, Run],
    models: tuple[TrainedModel, TrainedModel],
    new_edges: float | None,
    prior: float | None,
) -> UnknownProbability:
    """Probabilities of scores on the scale, see `grnpyg.evaluation.probability`.

    They are fitted on the validation edges of the second run that are no training edges of the first one.

    Args:
        scale: of both.
        runs: the retrieving and the reranking one.
        models: theirs, for pairs that are not known.
        new_edges: expected among the unknown pairs; None: a fifth of the known edges.
        prior: the same as a share of the unknown pairs.

    Raises:
        InputError: there are too few such edges, or the number of new edges cannot be.
    """
    split = runs[1].split
    held_out = split.positives.get(VALIDATION, torch.empty(2, 0, dtype=torch.long))
    seen = pair_codes(split.graph, runs[0].split.positives["train"])
    held_out = held_out[:, ~torch.isin(pair_codes(split.graph, held_out), seen)]
    pairs = unknown_pairs(split, VALIDATION, runs[1].config.data_seed)
    scores, of_edges = (scale.score(*models, some) for some in (pairs.pairs, held_out))
    try:
        return fitted_probability(scores, pairs, of_edges, split.known.size(1), new_edges, prior)
    except InputError as error:
        raise InputError(error.what, where=error.where or runs[1].path, fix=error.fix) from None
