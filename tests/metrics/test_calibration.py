"""Golden values by hand and from scikit-learn, and the properties that a calibration must have."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit
from scipy.stats import binomtest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss

from grnpyg.core.errors import InputError
from grnpyg.core.seeding import numpy_generator
from grnpyg.metrics.calibration import (
    IsotonicCalibration,
    TemperatureScaling,
    brier,
    calibrate,
    calibrators,
    expected_calibration_error,
    positive_share,
    prior_weights,
    reliability,
    shift_prior,
)

Cases = list[tuple[int, float]]
cases = st.lists(
    st.tuples(st.integers(0, 1), st.integers(-20, 20).map(float)), min_size=2, max_size=30
).filter(lambda rows: len({label for label, _ in rows}) == 2)
priors = st.floats(1e-4, 1 - 1e-4)


def arrays(rows: Cases) -> tuple[np.ndarray, np.ndarray]:
    label, value = zip(*rows, strict=True)
    return np.array(label, np.float32), np.array(value)


def simulated(size: int, factor: float, prior: float, purpose: str) -> tuple[np.ndarray, np.ndarray]:
    """Labels and logits that are `factor` times the true log odds at 1:1; classes are N(+-1, 1)."""
    rng = numpy_generator(0, "calibration", purpose)
    label = (rng.random(size) < prior).astype(np.float32)
    return label, factor * 2 * (rng.normal(size=size) + 2 * label - 1)


@pytest.mark.parametrize("name", sorted(calibrators))
@settings(deadline=None, max_examples=40)
@given(rows=cases)
def test_every_calibrator_is_monotone_and_gives_probabilities(name: str, rows: Cases) -> None:
    label, value = arrays(rows)
    calibrator = calibrators[name]()
    calibrator.fit(value, label)
    probability = calibrator.probability(np.linspace(-50, 50, 301))
    assert ((probability >= 0) & (probability <= 1)).all()
    assert (np.diff(probability) >= 0).all()
    assert json.dumps(calibrator.parameters())
    order = np.arange(len(label))[::-1]
    again = calibrators[name]()
    again.fit(value[order].astype(np.float32), label[order])
    assert again.probability(np.linspace(-50, 50, 301)) == pytest.approx(probability, abs=1e-4)


@pytest.mark.parametrize("factor", [1.0, 5.0, 0.2, 1e4])
def test_temperature_is_one_over_the_slope_of_a_logistic_regression(factor: float) -> None:
    label, value = simulated(4000, factor, 0.5, "temperature")
    calibrator = TemperatureScaling()
    calibrator.fit(value, label)
    regression = LogisticRegression(C=np.inf, fit_intercept=False, tol=1e-10, max_iter=1000)
    regression.fit(value[:, None] / factor, label)
    assert calibrator.temperature == pytest.approx(factor / regression.coef_[0, 0], rel=1e-4)
    assert calibrator.temperature == pytest.approx(factor, rel=0.1)  # the truth
    assert calibrator.parameters() == {"temperature": calibrator.temperature}


def test_temperature_stays_finite_where_the_likelihood_has_no_minimum() -> None:
    for value, end in ((np.array([-2.0, 2.0]), 2e-3), (np.array([2.0, -2.0]), 2e3), (np.zeros(2), None)):
        calibrator = TemperatureScaling()
        calibrator.fit(value, np.array([0, 1]))
        assert 0 < calibrator.temperature < math.inf
        if end:
            assert calibrator.temperature == pytest.approx(end, rel=0.01)
        else:
            assert calibrator.probability(value).tolist() == [0.5, 0.5]


def test_isotonic_pools_violators_and_clips_outside() -> None:
    """1 at logit 2 and 0 at logit 3 are pooled to one half."""
    calibrator = IsotonicCalibration()
    calibrator.fit(np.array([1.0, 2, 3, 4]), np.array([0, 1, 0, 1]))
    assert calibrator.probability(np.array([-9.0, 1, 1.5, 2, 3, 4, 9])) == pytest.approx(
        [0, 0, 0.25, 0.5, 0.5, 1, 1]
    )


def test_the_plain_sigmoid_fits_nothing() -> None:
    calibrator = calibrators["none"]()
    calibrator.fit(np.array([0.0, 1]), np.array([1, 0]))
    assert calibrator.probability(np.array([-1e4, 0, 2], np.float32)) == pytest.approx([0, 0.5, expit(2.0)])


def test_prior_shift_by_hand() -> None:
    """Even odds at 1:1 are odds of 1:99 at one in a hundred."""
    shifted = shift_prior(np.array([0, 0.5, 0.9, 1]), 0.5, 0.01)
    assert shifted == pytest.approx([0, 0.01, 9 / (9 + 99), 1])
    assert (shifted[0], shifted[-1]) == (0, 1)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.floats(1e-6, 1 - 1e-6), min_size=1, max_size=9), priors, priors)
def test_prior_shift_goes_back_and_is_bayes_rule(values: list[float], one: float, other: float) -> None:
    probability = np.sort(values)
    shifted = shift_prior(probability, one, other)
    wanted = logit(probability) + logit(other) - logit(one)
    rounding = 1e-6 + 4 * np.finfo(float).eps * np.exp(np.abs(wanted).max())  # few digits are left close to 1
    assert shift_prior(shifted, other, one) == pytest.approx(probability, rel=rounding)
    assert logit(shifted) == pytest.approx(wanted, abs=rounding)
    assert (np.diff(shifted) >= 0).all()
    assert shift_prior(probability, one, one) == pytest.approx(probability)


@pytest.mark.parametrize("prior", [0, 1, -0.5, 2, math.nan])
def test_a_prior_lies_between_the_ends(prior: float) -> None:
    label = np.array([0, 1])
    for call in (
        lambda: shift_prior(np.array([0.5]), prior, 0.5),
        lambda: shift_prior(np.array([0.5]), 0.5, prior),
        lambda: prior_weights(label, prior),
        lambda: calibrate("none", label, label, label, label, prior=prior),
    ):
        with pytest.raises(InputError, match="not a valid prior"):
            call()


def test_one_class_cannot_be_calibrated() -> None:
    both = np.array([0, 1])
    for label in (np.ones(3), np.zeros(3), np.array([])):
        for call in (
            lambda label=label: positive_share(label),
            lambda label=label: prior_weights(label, 0.5),
            lambda label=label: TemperatureScaling().fit(label, label),
            lambda label=label: calibrate("none", both, both, label, label, prior=0.1),
        ):
            with pytest.raises(InputError, match="positive and negative"):
                call()


@settings(deadline=None, max_examples=40)
@given(cases, priors)
def test_weights_make_the_prior_and_have_mean_one(rows: Cases, prior: float) -> None:
    label, _ = arrays(rows)
    weight = prior_weights(label, prior)
    assert np.average(label, weights=weight) == pytest.approx(prior)
    assert weight.mean() == pytest.approx(1)


@settings(deadline=None, max_examples=40)
@given(cases, priors, st.randoms(use_true_random=False))
def test_brier_equals_scikit_learn_and_order_never_matters(rows: Cases, prior: float, random) -> None:
    label, value = arrays(rows)
    probability, weight = expit(value / 5), prior_weights(label, prior)
    moved = list(range(len(label)))
    random.shuffle(moved)
    for w in (None, weight):
        expected = brier_score_loss(label, probability, sample_weight=w, pos_label=1)
        assert brier(label, probability, w) == pytest.approx(expected)
        ece = expected_calibration_error(label, probability, 4, w)
        shuffled = label[moved], probability[moved]
        weights = None if w is None else w[moved]
        assert brier(*shuffled, weights) == pytest.approx(expected)
        assert expected_calibration_error(*shuffled, 4, weights) == pytest.approx(ece)
        assert 0 <= ece <= 1


def test_ece_by_hand() -> None:
    """Two bins of three: |.2 - 1/3| and |.8 - 2/3|, each half of the whole."""
    label = np.array([0, 1, 0, 1, 1, 0])
    probability = np.array([0.1, 0.2, 0.3, 0.7, 0.8, 0.9])
    assert expected_calibration_error(label, probability, 2) == pytest.approx(2 / 15)
    assert expected_calibration_error(label, probability, 1) == pytest.approx(0)
    assert expected_calibration_error(label, probability, 6) == pytest.approx(
        np.abs(label - probability).mean()
    )
    assert expected_calibration_error(np.array([1, 0]), np.array([0.0, 1.0])) == 1
    assert math.isnan(expected_calibration_error(np.array([]), np.array([])))
    assert math.isnan(brier(np.array([]), np.array([])))


def test_ece_is_zero_where_every_bin_is_right_at_either_prior() -> None:
    """1 of 5 positive at .2 and 3 of 5 at .6; reweighted, the shifted probabilities are right as well."""
    label = np.array([1, 0, 0, 0, 0, 1, 1, 1, 0, 0])
    probability = np.repeat([0.2, 0.6], 5)
    assert expected_calibration_error(label, probability) == pytest.approx(0, abs=1e-12)
    assert reliability(label, probability)["count"].tolist() == [5, 5]  # of 15 bins
    weight = prior_weights(label, 0.01)
    at_prior = shift_prior(probability, 0.4, 0.01)
    assert expected_calibration_error(label, at_prior, weight=weight) == pytest.approx(0, abs=1e-12)
    assert expected_calibration_error(label, probability, weight=weight) > 0.1


def test_reliability_by_hand() -> None:
    label, probability = np.array([1, 0, 0, 0, 1, 1]), np.array([0.2] * 4 + [0.9, 0.7])
    table = reliability(label, probability, 2)
    assert table["predicted"].tolist() == pytest.approx([0.2, 0.8])
    assert table["observed"].tolist() == pytest.approx([0.25, 1])
    assert table["count"].tolist() == [4, 2]
    assert table["weight"].tolist() == pytest.approx([4 / 6, 2 / 6])
    z2 = 1.959964**2  # Wilson's formula for 1 of 4
    middle, half = (0.25 + z2 / 8) / (1 + z2 / 4), math.sqrt(z2 * (0.1875 / 4 + z2 / 64)) / (1 + z2 / 4)
    assert (table["low"][0], table["high"][0]) == pytest.approx((middle - half, middle + half), abs=1e-6)


def test_the_interval_follows_the_weights() -> None:
    """20 positives and no negative say little about a deployment with 999 negatives for each positive."""
    label, probability = np.repeat([1, 0, 1], [20, 15, 5]), np.repeat([0.9, 0.1], 20)
    table = reliability(label, probability, 2, prior_weights(label, 25 / 40))
    plain = reliability(label, probability, 2)
    assert table.to_numpy() == pytest.approx(plain.to_numpy())  # the prior of the set itself
    rare = reliability(label, probability, 2, prior_weights(label, 0.001))
    for column in ("observed", "low", "high"):
        assert rare[column].tolist() == pytest.approx(
            shift_prior(plain[column].to_numpy().clip(0, 1), 25 / 40, 0.001).tolist()
        )
    interval = binomtest(20, 20).proportion_ci(method="wilson")
    assert plain["low"][1] == pytest.approx(interval.low)
    assert rare["low"][1] < 0.01
    assert rare["observed"][1] == 1
    with pytest.raises(ValueError, match="one value per class"):
        reliability(label, probability, 2, np.arange(40.0))


def test_logits_are_not_taken_for_probabilities() -> None:
    label = np.array([0, 1])
    for value in (np.array([-1.0, 0.5]), np.array([0.5, math.nan])):
        for measure in (brier, expected_calibration_error, reliability):
            with pytest.raises(ValueError, match="probabilities lie in"):
                measure(label, value)
        with pytest.raises(ValueError, match="probabilities lie in"):
            shift_prior(value, 0.5, 0.1)


@pytest.mark.parametrize("method", ["temperature", "isotonic"])
def test_calibration_at_a_low_prior_gets_close_to_the_truth(method: str) -> None:
    """Validation and test at 1:1, logits five times too sure, deployment at one in a hundred."""
    validation = simulated(20_000, 5, 0.5, "validation")
    test = simulated(20_000, 5, 0.5, "test")
    report = calibrate(method, *validation[::-1], *test[::-1], prior=0.01)
    assert report.before.ece > 0.15
    assert report.after.ece < 0.01
    assert report.after.brier < 0.0099 < report.before.brier  # .0099: the prior for every pair
    assert report.validation_prior == pytest.approx(validation[0].mean())
    content = report.to_dict()
    assert json.loads(json.dumps(content)) == content
    best = calibrate("none", validation[1] / 5, validation[0], test[1] / 5, test[0], prior=0.01)
    assert report.after.brier == pytest.approx(best.after.brier, rel=0.02)


def test_the_report_says_what_was_done() -> None:
    label, value = simulated(300, 1, 0.3, "report")
    report = calibrate("none", value, label, value, label, prior=float(label.mean()))
    assert report.after.ece == pytest.approx(report.before.ece)
    weight = prior_weights(label, float(label.mean()))
    assert report.before.brier == pytest.approx(brier(label, expit(value), weight))
    assert (report.method, report.parameters, report.bins) == ("none", {}, 15)
    assert [row["count"] for row in report.to_dict()["after"]["reliability"]] == [20] * 15
    with pytest.raises(InputError, match=r"unknown calibration 'isotonik'.*Did you mean 'isotonic'"):
        calibrate("isotonik", value, label, value, label, prior=0.1)
