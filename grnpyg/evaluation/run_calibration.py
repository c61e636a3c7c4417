"""Probabilities of a run's logits, fitted on its validation pairs and moved to a stated prior."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grnpyg.core.errors import InputError, unknown
from grnpyg.data.graph import REGULATES, num_nodes
from grnpyg.evaluation.late_settings import setting_sets
from grnpyg.evaluation.methods import model_of
from grnpyg.evaluation.probability import GROWTH
from grnpyg.metrics.calibration import (
    CalibrationReport,
    calibrate,
    calibrators,
    positive_share,
    shift_prior,
)
from grnpyg.models.baselines import baselines
from grnpyg.models.scorer import Scorer
from grnpyg.runs import Run
from grnpyg.runs.draws import epoch_pairs
from grnpyg.splits import LabelledPairs


def natural_prior(run: Run) -> float:
    """Share of edges among the pairs that are unknown, if a fifth of the known edges can still be found.

    The density of the known edges is not it: these pairs are out, and what they make of the whole says
    nothing of the rest. See `grnpyg.evaluation.probability`.
    """
    num_tfs, num_genes = num_nodes(run.graph)
    known = int(run.graph[REGULATES].num_edges)
    return GROWTH * known / (num_tfs * num_genes - known)


def offset(run: Run, label: NDArray[Any]) -> float:
    """What to add to a logit: from the ratio of negatives in training to that of the validation pairs."""
    pairs = epoch_pairs(run.config, run.split, run.evaluation, epoch=0)
    share = positive_share(label)
    trained = positive_share(pairs.edge_label.numpy())
    return math.log((1 - trained) / trained) - math.log((1 - share) / share)


def check_calibration(run: Run, method: str, prior: float | None) -> None:
    """Check that a calibration is possible, before any work is done.

    Raises:
        InputError: unknown method, prior outside (0, 1), or no validation pairs.
    """
    if method not in calibrators:
        raise unknown("calibration", method, calibrators, where="--calibrate")
    if prior is not None and not (isinstance(prior, (int, float)) and 0 < prior < 1):
        raise InputError(f"{prior} is no prior", where="--prior", fix="use a share between 0 and 1")
    if "validation" not in run.split.held_out:
        raise InputError("the split has no validation subset to fit a calibration on", where=run.path)
    spec = run.config.baseline
    if spec is not None and method != "isotonic" and not baselines.get(spec["name"]).gives_logits:
        raise InputError(
            f"the scores of {run.config.model_name} are not logits",
            where="--calibrate",
            fix="use isotonic, which needs their order only",
        )


def calibrated(run: Run, method: str, prior: float | None) -> Callable[[NDArray[Any]], NDArray[np.float64]]:
    """A function from logits (n,) to probabilities (n,), fitted on uniform (or given) validation pairs.

    Args:
        run: from `Run.load`.
        method: a name in `calibrators`.
        prior: share of true edges among the pairs that are scored; None: see `natural_prior`.

    Raises:
        InputError: unknown method, prior outside (0, 1), or no validation pairs.
    """
    check_calibration(run, method, prior)
    # uniform pairs are like those of a whole network; a published split brings its own pairs
    validation = setting_sets(run, run.split.regime)["validation"]
    label = validation.edge_label.numpy()
    share, moved = positive_share(label), offset(run, label)
    calibrator = calibrators[method]()
    calibrator.fit(model_of(run).score(validation.edge_label_index) + moved, label)
    to = natural_prior(run) if prior is None else prior

    def probability(logit: NDArray[Any]) -> NDArray[np.float64]:
        return shift_prior(calibrator.probability(logit + moved), share, to)

    return probability


def calibration_report(
    run: Run, model: Scorer, subset: str, sets: dict[str, LabelledPairs], method: str, prior: float
) -> CalibrationReport:
    """Fit on a setting's validation pairs and report on its pairs of the subset, see `calibrate`.

    Args:
        run: from `Run.load`.
        model: the run's model.
        subset: that is reported.
        sets: subset -> candidate set of one setting.
        method: a name in `calibrators`.
        prior: share of true edges among the pairs that will be scored.
    """
    logit = {name: model.score(sets[name].edge_label_index) for name in ("validation", subset)}
    label = {name: sets[name].edge_label.numpy() for name in ("validation", subset)}
    return calibrate(
        method,
        logit["validation"],
        label["validation"],
        logit[subset],
        label[subset],
        prior=prior,
        offset=offset(run, label["validation"]),
    )
