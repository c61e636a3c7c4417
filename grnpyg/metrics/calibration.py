"""Calibration: turn raw logits into probabilities at a given prior, and measure their calibration."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import expit
from scipy.stats import binomtest
from sklearn.isotonic import IsotonicRegression

from grnpyg.core.errors import InputError, unknown
from grnpyg.metrics.classification import Array
from grnpyg.metrics.strata import quantile_bins

BINS = 15
Probability = NDArray[np.float64]


class Calibrator(ABC):
    """A non-decreasing map from logit to probability, fitted on pairs that the model did not train on.

    The probability is for the share of positives in the fitted pairs, see `shift_prior`.
    """

    def fit(self, logit: Array, label: Array) -> None:
        """Fit on (num_pairs,) logits and labels, 1 = positive.

        Raises:
            InputError: all pairs are of one class.
        """
        positive_share(label)
        self._fit(logit.astype(np.float64), label > 0.5)

    @abstractmethod
    def _fit(self, logit: Probability, positive: NDArray[np.bool_]) -> None: ...

    @abstractmethod
    def probability(self, logit: Array) -> Probability:
        """(num_pairs,) logits -> (num_pairs,) probabilities of regulation."""

    def parameters(self) -> dict[str, float]:
        """The named fitted parameters."""
        return {}


class Uncalibrated(Calibrator):
    """The sigmoid of the logit: the meaning of a logit in the training loss. Nothing is fitted."""

    def _fit(self, logit: Probability, positive: NDArray[np.bool_]) -> None:
        pass

    def probability(self, logit: Array) -> Probability:
        """See `Calibrator.probability`."""
        values: Probability = expit(logit.astype(np.float64))
        return values


class TemperatureScaling(Calibrator):
    """sigmoid(logit / T), T > 0 (Guo et al. 2017, section 4.2): corrects over-confidence, keeps ranks.

    T minimises the mean negative log-likelihood, between 1/1000 and 1000 times the root mean square of the
    logits. It is at the lower bound if the logits separate the classes, and at the upper one if they rank
    them the wrong way round. Logit 0 stays probability one half, so a bias stays too and shows in the ECE,
    for example if training and validation have different ratios of negatives.
    """

    def _fit(self, logit: Probability, positive: NDArray[np.bool_]) -> None:
        scale = math.sqrt(float(np.mean(logit**2))) or 1.0
        right = np.where(positive, logit, -logit) / scale

        def loss(log_temperature: float) -> float:
            return float(np.logaddexp(0, -right * math.exp(-log_temperature)).mean())

        border = math.log(1000)
        found = minimize_scalar(loss, bounds=(-border, border), method="bounded", options={"xatol": 1e-8})
        self.temperature = scale * math.exp(found.x)

    def probability(self, logit: Array) -> Probability:
        """See `Calibrator.probability`."""
        values: Probability = expit(logit.astype(np.float64) / self.temperature)
        return values

    def parameters(self) -> dict[str, float]:
        """The temperature T."""
        return {"temperature": self.temperature}


class IsotonicCalibration(Calibrator):
    """The non-decreasing step map of least squared error (Zadrozny & Elkan 2002), linear between its points.

    It may tie different logits. It gives exactly 1 above the highest negative of the fit and exactly 0 below
    the lowest positive. No prior changes these values, so at a low prior the 1 is far too confident.
    """

    def _fit(self, logit: Probability, positive: NDArray[np.bool_]) -> None:
        self.model = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip")
        self.model.fit(logit, positive.astype(np.float64))

    def probability(self, logit: Array) -> Probability:
        """See `Calibrator.probability`."""
        values: Probability = self.model.predict(logit.astype(np.float64))
        return values


calibrators: dict[str, type[Calibrator]] = {
    "isotonic": IsotonicCalibration,
    "none": Uncalibrated,
    "temperature": TemperatureScaling,
}


def positive_share(label: Array) -> float:
    """Share of positives.

    Raises:
        InputError: the pairs are of one class, or there is none.
    """
    positives = int((label > 0.5).sum())
    if not 0 < positives < len(label):
        raise InputError(
            f"calibration needs positive and negative pairs, not {positives} of {len(label)} positive",
            fix="use a candidate set with both",
        )
    return positives / len(label)


def shift_prior(probability: Array, from_prior: float, to_prior: float) -> Probability:
    """Convert probabilities from a share of positives `from_prior` to a share `to_prior`.

    Odds are multiplied by the ratio of the prior odds (Elkan 2001, theorem 2; Saerens, Latinne & Decaestecker
    2002). This is exact if only the share of positives differs, not the pairs within a class. 0 and 1 stay.

    Raises:
        InputError: a prior that is not between 0 and 1.
        ValueError: a probability outside [0, 1].
    """
    factor = _odds("to_prior", to_prior) / _odds("from_prior", from_prior)
    return _times_odds(_checked(probability), factor)


def prior_weights(label: Array, prior: float) -> NDArray[np.float64]:
    """(num_pairs,) weights under which the share `prior` is positive; one value per class, mean 1.

    Raises:
        InputError: a prior that is not between 0 and 1, or pairs of one class.
    """
    _odds("prior", prior)  # refuses an invalid prior
    share = positive_share(label)
    return np.where(label > 0.5, prior / share, (1 - prior) / (1 - share))


def brier(label: Array, probability: Array, weight: Array | None = None) -> float:
    """Brier score, the mean of (probability - label)^2; range [0, 1], lower is better.

    A constant probability equal to the share of positives s scores s (1 - s). nan if there is no pair.
    """
    error = (_checked(probability) - (label > 0.5)) ** 2
    return float(np.average(error, weights=weight)) if error.size else math.nan


def expected_calibration_error(
    label: Array, probability: Array, bins: int = BINS, weight: Array | None = None
) -> float:
    """Mean gap between predicted and observed share of positives; range [0, 1], lower is better.

    sum over bins of (weight of the bin) x |mean probability - share of positives| (Naeini et al. 2015), with
    adaptive bins (Nguyen & O'Connor 2015): equal numbers of pairs, with equal probabilities in one bin.
    Weights enter the means and the weights of the bins, not their borders. Sampling noise adds to it, so a
    perfect model is not at 0. nan if there is no pair.

    Args and errors: see `reliability`.
    """
    table = reliability(label, probability, bins, weight)
    gap = (table["predicted"] - table["observed"]).abs()
    return float((table["weight"] * gap).sum()) if len(table) else math.nan


def reliability(
    label: Array, probability: Array, bins: int = BINS, weight: Array | None = None
) -> pd.DataFrame:
    """Data of a reliability diagram, in the bins of `expected_calibration_error`.

    Args:
        label: (num_pairs,) 1 = positive.
        probability: (num_pairs,) of the positive class, not of the predicted one.
        bins: desired number; ties may leave fewer.
        weight: (num_pairs,) one value per class, as from `prior_weights`; default: equal weights.

    Returns:
        One row per bin, lowest first: predicted (mean probability), observed (share of positives), low, high
        (95 % Wilson interval of observed), count (pairs), weight (share of the whole). With weights the
        interval is that of the unweighted share, its odds multiplied like those of the share itself: wide
        where a bin of many positives has few negatives.

    Raises:
        ValueError: weights that differ within a class, or a probability outside [0, 1].
    """
    probability, positive = _checked(probability), label > 0.5
    weight = np.ones(probability.size) if weight is None else weight
    by_class = [np.unique(weight[side]) for side in (positive, ~positive)]
    if any(values.size > 1 for values in by_class):
        raise ValueError("weights must be one value per class")
    factor = float(by_class[0][0] / by_class[1][0]) if all(values.size for values in by_class) else 1.0
    _, number = np.unique(quantile_bins(probability, bins), return_inverse=True)  # without the empty ones
    count, total = np.bincount(number), np.bincount(number, weight)
    intervals = [
        binomtest(int(positives), int(pairs)).proportion_ci(0.95, method="wilson")
        for positives, pairs in zip(np.bincount(number, positive), count, strict=True)
    ]
    ends = _times_odds(np.array([(i.low, i.high) for i in intervals]).reshape(-1, 2), factor)
    return pd.DataFrame(
        {
            "predicted": np.bincount(number, weight * probability) / total,
            "observed": np.bincount(number, weight * positive) / total,
            "low": ends[:, 0],
            "high": ends[:, 1],
            "count": count,
            "weight": total / total.sum(),
        }
    )


@dataclass(frozen=True)
class Held:
    """Calibration of probabilities on test pairs.

    Attributes:
        ece: expected calibration error.
        brier: Brier score.
        reliability: the table of that function.
    """

    ece: float
    brier: float
    reliability: pd.DataFrame

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers that JSON can hold; `reliability` as a list of bins."""
        return {"ece": self.ece, "brier": self.brier, "reliability": self.reliability.to_dict("records")}


@dataclass(frozen=True)
class CalibrationReport:
    """Report on a calibration: probabilities on test pairs, before and after, at a prior.

    Attributes:
        method: a name in `calibrators`.
        parameters: name -> fitted number.
        prior: share of true regulations among the pairs that will be scored.
        validation_prior: share of positives in validation.
        before: of the plain sigmoid.
        after: of the calibrated probability, moved from `validation_prior` to `prior`.
        bins: bins of the reliability tables.
    """

    method: str
    parameters: Mapping[str, float]
    prior: float
    validation_prior: float
    before: Held
    after: Held
    bins: int = BINS

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers that JSON can hold."""
        return {
            "method": self.method,
            "parameters": dict(self.parameters),
            "prior": self.prior,
            "validation_prior": self.validation_prior,
            "bins": self.bins,
            "before": self.before.to_dict(),
            "after": self.after.to_dict(),
        }


def calibrate(
    method: str,
    validation_logit: Array,
    validation_label: Array,
    test_logit: Array,
    test_label: Array,
    *,
    prior: float,
    offset: float = 0.0,
) -> CalibrationReport:
    """Fit on validation pairs, give probabilities at `prior`, and report their calibration on test pairs.

    Test pairs are weighted so that `prior` of them are positive.

    Args:
        method: a name in `calibrators`.
        validation_logit: (num_validation,).
        validation_label: (num_validation,) 1 = positive.
        test_logit: (num_test,).
        test_label: (num_test,).
        prior: share of true regulations among the pairs that will be scored, in (0, 1).
        offset: added to every logit before the fit: log(k) for a model trained with k negatives per positive,
            minus the same for the validation pairs. A temperature alone cannot move the logit of even odds.

    Raises:
        InputError: unknown method, prior outside (0, 1), or a set with one class.
    """
    if method not in calibrators:
        raise unknown("calibration", method, calibrators)
    calibrator = calibrators[method]()
    calibrator.fit(validation_logit + offset, validation_label)
    share = positive_share(validation_label)
    weight = prior_weights(test_label, prior)

    def held(probability: Probability) -> Held:
        return Held(
            expected_calibration_error(test_label, probability, BINS, weight),
            brier(test_label, probability, weight),
            reliability(test_label, probability, BINS, weight),
        )

    return CalibrationReport(
        method,
        calibrator.parameters(),
        prior,
        share,
        before=held(Uncalibrated().probability(test_logit)),
        after=held(shift_prior(calibrator.probability(test_logit + offset), share, prior)),
    )


def _times_odds(probability: Probability, factor: float) -> Probability:
    """p / (1 - p) times `factor`, as a probability; written so that 0 and 1 stay exact."""
    return probability * factor / (probability * factor + (1 - probability))


def _odds(name: str, prior: float) -> float:
    if not 0 < prior < 1:
        raise InputError(
            f"{prior} is not a valid prior", where=name, fix="use a share between 0 and 1, ends excluded"
        )
    return prior / (1 - prior)


def _checked(probability: Array) -> Probability:
    values: Probability = probability.astype(np.float64)
    if not ((values >= 0) & (values <= 1)).all():
        raise ValueError("probabilities lie in [0, 1]; logits go through a Calibrator first")
    return values
