"""Golden values by hand, and against a count of all pairs that shares no code with the library."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import auc, average_precision_score, f1_score, precision_recall_curve, roc_auc_score

from grnpyg.metrics.classification import (
    accuracy,
    auroc,
    average_precision,
    classification_metrics,
    distinct_scores,
    f1,
    ranking_metrics,
)

Cases = list[tuple[int, float]]


def arrays(cases: Cases) -> tuple[np.ndarray, np.ndarray]:
    label, score = zip(*cases, strict=True)
    return np.array(label, np.float32), np.array(score)


def auroc_by_pairs(cases: Cases) -> float:
    """Share of (positive, negative) pairs in the right order, a tie counting one half."""
    positives = [score for label, score in cases if label]
    negatives = [score for label, score in cases if not label]
    points = [(p > n) + 0.5 * (p == n) for p in positives for n in negatives]
    return sum(points) / len(points)


def ap_by_thresholds(cases: Cases) -> float:
    """Sum of precision x gain of recall over the distinct scores, from the highest down."""
    total, found, seen, area = sum(label for label, _ in cases), 0, 0, 0.0
    for threshold in sorted({score for _, score in cases}, reverse=True):
        tied = [label for label, score in cases if score == threshold]
        found, seen = found + sum(tied), seen + len(tied)
        area += sum(tied) / total * found / seen
    return area


mixed = st.lists(st.tuples(st.integers(0, 1), st.integers(-3, 3).map(float)), min_size=2, max_size=30).filter(
    lambda cases: len({label for label, _ in cases}) == 2
)


@settings(deadline=None, max_examples=100)
@given(mixed)
@pytest.mark.slow
def test_ranking_metrics_equal_a_count_of_pairs_and_scikit_learn(cases: Cases) -> None:
    """Few score values, so nearly every case has ties."""
    label, score = arrays(cases)
    metrics = classification_metrics(label, score)
    assert metrics["auroc"] == pytest.approx(auroc_by_pairs(cases))
    assert metrics["auroc"] == pytest.approx(roc_auc_score(label, score))
    assert metrics["ap"] == pytest.approx(ap_by_thresholds(cases))
    assert metrics["ap"] == pytest.approx(average_precision_score(label, score))
    assert metrics["accuracy"] == pytest.approx(sum((s > 0) == bool(y) for y, s in cases) / len(cases))
    assert metrics["f1"] == pytest.approx(f1_score(label, score > 0, zero_division=0))
    assert metrics["distinct_scores"] == len({score for _, score in cases})
    assert metrics["positives"] == sum(y for y, _ in cases)
    assert metrics["negatives"] == len(cases) - metrics["positives"]


@settings(deadline=None, max_examples=30)
@given(mixed, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_never_matters(cases: Cases, random) -> None:
    """A metric that sorts and breaks ties by position would reward positives listed first."""
    shuffled = list(cases)
    random.shuffle(shuffled)
    assert classification_metrics(*arrays(cases)) == pytest.approx(classification_metrics(*arrays(shuffled)))


@pytest.mark.parametrize(
    ("label", "score", "expected"),
    [
        ([0, 0, 1, 1], [1, 2, 3, 4], (1.0, 1.0)),  # perfect
        ([1, 1, 0, 0], [1, 2, 3, 4], (0.0, (1 / 3 + 2 / 4) / 2)),  # reversed
        ([1, 0, 1, 0], [5, 5, 5, 5], (0.5, 0.5)),  # all tied: chance
        ([1, 0, 0, 0], [5, 5, 5, 5], (0.5, 0.25)),
        ([1, 0, 1, 0], [4, 3, 2, 1], (0.75, (1 + 2 / 3) / 2)),
        ([1, 1, 0], [2, 1, 1], (0.75, 0.5 * 1 + 0.5 * 2 / 3)),  # one pair tied
    ],
)
def test_golden_values(label: list[int], score: list[float], expected: tuple[float, float]) -> None:
    values = np.array(label), np.array(score)
    assert (auroc(*values), average_precision(*values)) == pytest.approx(expected)


def test_one_class_has_no_ranking_but_an_accuracy() -> None:
    score = np.array([-1.0, 2.0, 3.0])
    for label, right, f in ((np.ones(3), 2 / 3, 0.8), (np.zeros(3), 1 / 3, 0.0)):
        metrics = classification_metrics(label, score)
        assert math.isnan(metrics["auroc"])
        assert math.isnan(metrics["ap"])
        assert metrics["accuracy"] == pytest.approx(right)
        assert metrics["f1"] == pytest.approx(f)


def test_the_threshold_is_logit_zero_and_zero_itself_is_negative() -> None:
    label, logit = np.array([1, 1, 0, 0]), np.array([0.3, 0.0, 0.0, 0.4])
    assert accuracy(label, logit) == 0.5
    assert f1(label, logit) == pytest.approx(0.5)  # 1 true positive, 1 false positive, 1 false negative
    assert f1(label, np.full(4, -1.0)) == 0.0


@pytest.mark.parametrize("shift", [1e4, -1e4])
def test_large_logits_do_not_tie(shift: float) -> None:
    """Through a sigmoid in float32, all of these would be 1 (or 0) and AUROC would be chance."""
    label = np.array([0, 1, 0, 1], np.float32)
    logit = np.array([0, 1, 2, 3], np.float32) + np.float32(shift)
    assert auroc(label, logit) == 0.75
    assert distinct_scores(logit) == 4
    assert accuracy(label, logit) == 0.5
    assert average_precision(label, logit) == pytest.approx((1 + 2 / 3) / 2)


@settings(deadline=None, max_examples=100)
@given(mixed)
@pytest.mark.slow
def test_trapezoid_and_early_precision_are_those_of_beeline(cases: Cases) -> None:
    """The area against scikit-learn's curve, the early precision against a count of the pairs at the cut."""
    label, score = arrays(cases)
    metrics = ranking_metrics(label, score)
    precision, recall, _ = precision_recall_curve(label, score)
    assert metrics["auprc"] == pytest.approx(auc(recall, precision))
    assert metrics["auprc_ratio"] == pytest.approx(metrics["auprc"] / label.mean())
    cut = sorted(score, reverse=True)[int(label.sum()) - 1]
    entered = [found for found, value in cases if value >= cut]
    assert metrics["epr"] == pytest.approx(sum(entered) / len(entered) / label.mean())


def test_one_class_has_no_early_precision() -> None:
    metrics = ranking_metrics(np.ones(3), np.arange(3.0))
    assert all(math.isnan(metrics[name]) for name in ("auprc", "auprc_ratio", "epr"))


def test_a_collapsed_model_shows_in_distinct_scores() -> None:
    assert distinct_scores(np.full(100, 0.1)) == 1
    assert distinct_scores(np.array([])) == 0
    assert distinct_scores(np.array([0.0, -0.0])) == 1


def test_scores_without_a_threshold_get_no_accuracy() -> None:
    assert set(ranking_metrics(np.array([0, 1]), np.array([1, 2]))) == {
        *("auroc", "ap", "auprc", "auprc_ratio", "epr", "distinct_scores", "positives", "negatives"),
    }
