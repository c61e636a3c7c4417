"""Probabilities of a run's logits, fitted on its validation pairs and moved to a stated prior."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grnpyg.data.graph import REGULATES, num_nodes
from grnpyg.errors import InputError, unknown
from grnpyg.evaluation.calibration import calibrate, calibrators, positive_share, shift_prior
from grnpyg.evaluation.late_regimes import regime_sets
from grnpyg.evaluation.scoring import model_scores, scoring_graph
from grnpyg.runs import Run
from grnpyg.splits import LabelledPairs
from grnpyg.splits.split_file import Evaluation

REGIME = "uniform"  # validation pairs like those of a whole network


def density(run: Run, part: str) -> float:
    """Share of the part's known edges among its candidates."""
    tf, gene = run.split.universe(part)
    return run.split.positives[part].size(1) / (tf.numel() * gene.numel())


def offset(run: Run, label: NDArray[Any]) -> float:
    """What moves a logit from the training ratio of negatives to that of the validation pairs."""
    share = positive_share(label)
    return math.log(run.config.negatives.ratio) - math.log((1 - share) / share)


def calibrated(run: Run, method: str, prior: float | None) -> Callable[[NDArray[Any]], NDArray[np.float64]]:
    """A function from logits (n,) to probabilities (n,), fitted on the validation pairs of `uniform`.

    Args:
        run: from `Run.load`.
        method: a name in `calibrators`.
        prior: share of true edges among the pairs that are scored; None: the density of the known network.

    Raises:
        InputError: unknown method, prior outside (0, 1), or no validation pairs.
    """
    if method not in calibrators:
        raise unknown("calibration", method, calibrators, where="--calibrate")
    validation = regime_sets(run, REGIME).get("validation")
    if validation is None:
        raise InputError("the split has no validation part to fit a calibration on", where=run.path)
    label = validation.edge_label.numpy()
    share, moved = positive_share(label), offset(run, label)
    calibrator = calibrators[method]()
    calibrator.fit(run.model.score(run.split.graph, validation.edge_label_index).numpy() + moved, label)
    num_tfs, num_genes = num_nodes(run.graph)
    to = run.graph[REGULATES].num_edges / (num_tfs * num_genes) if prior is None else prior
    shift_prior(np.array([share]), share, to)  # a prior that is none is refused before any work

    def probability(logit: NDArray[Any]) -> NDArray[np.float64]:
        return shift_prior(calibrator.probability(logit + moved), share, to)

    return probability


def calibration_report(
    run: Run, regime: str, part: str, sets: dict[str, LabelledPairs], method: str, prior: float
) -> dict[str, Any]:
    """Fitted on a regime's validation pairs, shown on its pairs of the part; see `calibrate`."""
    both: Evaluation = {regime: {name: sets[name] for name in ("validation", part)}}
    logit = model_scores(run.model, scoring_graph(run.split, run.config), both)[regime]
    label = {name: sets[name].edge_label.numpy() for name in ("validation", part)}
    return calibrate(
        method,
        logit["validation"],
        label["validation"],
        logit[part],
        label[part],
        prior=prior,
        offset=offset(run, label["validation"]),
    )
