"""What turns the scores of a run into probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from grnpyg.core.errors import InputError, warn
from grnpyg.evaluation.probability import split_probability, unknown_probability
from grnpyg.evaluation.run_calibration import calibrated
from grnpyg.models.scorer import Scorer
from grnpyg.networks.table import Probability
from grnpyg.runs import Run
from grnpyg.splits import LinkSplit


def probability_of(
    run: Run, calibrate: str | None, prior: float | None, new_edges: float | None, *, needed: bool = False
) -> Probability:
    """A function from the scores (n,) of a run to probabilities (n,).

    Args:
        run: from `Run.load`.
        calibrate: a name in `grnpyg.metrics.calibration.calibrators`; None: `unknown_probability`.
        prior: share of the unknown pairs that are edges.
        new_edges: the same as a number, without `calibrate`.
        needed: refuse a run that has too few validation edges; else its probabilities are nan, and that is
            said.

    Raises:
        InputError: no probability can be fitted, though it is needed.
    """
    if calibrate is not None:
        if new_edges is not None:
            raise InputError(
                "--new-edges is for the usual probabilities", where="--calibrate", fix="give --prior instead"
            )
        return calibrated(run, calibrate, prior)
    try:
        return unknown_probability(run, new_edges=new_edges, prior=prior)
    except InputError as error:
        if needed:
            raise
        warn(f"no probabilities: {error.what}", where=error.where, fix=error.fix)
        return _nan


def probability_of_split(split: LinkSplit, model: Scorer, seed: int) -> Probability:
    """The same for a method in memory; nan, and said, where there are too few validation edges.

    Args:
        split: that the method was fitted on.
        model: the method.
        seed: of the sample of unknown pairs.
    """
    try:
        return split_probability(split, model, seed)
    except InputError as error:
        warn(f"no probabilities: {error.what}", where=error.where, fix=error.fix)
        return _nan


def _nan(score: NDArray[Any]) -> NDArray[np.float64]:
    return np.full(score.shape, np.nan)
