"""The bounds against every choice of hidden positives, and against a simulation that knows the truth."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grnpyg.core.errors import InputError
from grnpyg.core.seeding import numpy_generator
from grnpyg.metrics.classification import auroc
from grnpyg.metrics.positive_unlabelled import PRIORS, pu_bounds, pu_cutoff_bounds

Case = tuple[list[int], list[int], int]  # scores of labelled, scores of unlabelled, hidden


@st.composite
def small(draw: st.DrawFn) -> Case:
    scores = st.integers(-2, 2)
    labelled = draw(st.lists(scores, min_size=1, max_size=4))
    unlabelled = draw(st.lists(scores, min_size=2, max_size=7))
    return labelled, unlabelled, draw(st.integers(0, len(unlabelled) - 1))


def arrays(case: Case) -> tuple[np.ndarray, np.ndarray]:
    labelled, unlabelled, _ = case
    return np.array([1] * len(labelled) + [0] * len(unlabelled)), np.array(labelled + unlabelled, float)


def every_truth(case: Case) -> list[np.ndarray]:
    """All true labels with that number of hidden positives."""
    label, _ = arrays(case)
    truths = []
    for chosen in itertools.combinations(np.flatnonzero(label == 0), case[2]):
        truth = label.copy()
        truth[list(chosen)] = 1
        truths.append(truth)
    return truths


@settings(deadline=None, max_examples=60)
@given(small())
@pytest.mark.slow
def test_auroc_bounds_are_the_least_and_greatest_of_all_choices(case: Case) -> None:
    label, score = arrays(case)
    row = pu_bounds(label, score, [case[2] / len(case[1])]).iloc[0]
    values = [auroc(truth, score) for truth in every_truth(case)]
    assert row["hidden"] == case[2]
    assert (row["auroc_low"], row["auroc_high"]) == pytest.approx((min(values), max(values)))
    assert row["auroc"] == pytest.approx(auroc(label, score))


@settings(deadline=None, max_examples=60)
@given(small(), st.integers(-3, 2))
def test_cutoff_bounds_are_the_least_and_greatest_of_all_choices(case: Case, threshold: int) -> None:
    label, score = arrays(case)
    row = pu_cutoff_bounds(label, score, [threshold], [case[2] / len(case[1])]).iloc[0]
    called = score > threshold
    found = [int(truth[called].sum()) for truth in every_truth(case)]
    total = len(case[0]) + case[2]
    assert (row["recall_low"], row["recall_high"]) == pytest.approx((min(found) / total, max(found) / total))
    if called.any():
        bounds = min(found) / called.sum(), max(found) / called.sum()
        assert (row["precision_low"], row["precision_high"]) == pytest.approx(bounds)
        assert row["precision"] == pytest.approx(label[called].mean())
    else:
        assert math.isnan(row["precision_low"])
    assert row["called"] == called.sum()


@settings(deadline=None, max_examples=15)
@given(small(), st.randoms(use_true_random=False))
@pytest.mark.slow
def test_the_order_of_the_pairs_never_matters(case: Case, random) -> None:
    label, score = arrays(case)
    moved = list(range(len(label)))
    random.shuffle(moved)
    for one, other in (
        (pu_bounds(label, score), pu_bounds(label[moved], score[moved])),
        (pu_cutoff_bounds(label, score, [0]), pu_cutoff_bounds(label[moved], score[moved], [0])),
    ):
        assert other.to_numpy(float) == pytest.approx(one.to_numpy(float), nan_ok=True)


def test_golden_values() -> None:
    """Labelled 4 and 2 over unlabelled 3, 1, 0, -1: measured 7 of 8. One of four hidden, so 3 negatives.

    Top (3): positives 4, 3, 2 over 1, 0, -1 are all right. Bottom (-1): 4 beats 3, 1, 0; 2 beats two of them;
    -1 none: 5 of 9. SCAR: (7/8 - 1/8) / (3/4) = 1. A call above 1.5 takes 4, 3, 2.
    """
    label, score = np.array([1, 1, 0, 0, 0, 0]), np.array([4.0, 2, 3, 1, 0, -1])
    row = pu_bounds(label, score, [0.25]).iloc[0]
    assert (row["auroc"], row["auroc_low"], row["auroc_high"]) == pytest.approx((7 / 8, 5 / 9, 1))
    assert row["auroc_scar"] == pytest.approx(1)
    assert row["scar_consistent"]
    cut = pu_cutoff_bounds(label, score, [1.5], [0.25]).iloc[0]
    assert (cut["precision"], cut["precision_scar"]) == pytest.approx((2 / 3, 1))
    assert (cut["precision_low"], cut["precision_high"]) == pytest.approx((2 / 3, 1))
    assert (cut["recall"], cut["recall_low"], cut["recall_high"]) == pytest.approx((1, 2 / 3, 1))


def simulated(scar: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Truth, label, score, share of hidden positives; without SCAR the easy ones are labelled."""
    rng = numpy_generator(0, "pu", scar)
    truth = np.repeat([1, 0], [1000, 9000])
    score = rng.normal(size=10_000) + 1.2 * truth
    chance = np.full(1000, 0.5) if scar else (score[:1000] > 1.2) * 0.9 + 0.05
    label = np.zeros(10_000, int)
    label[:1000] = rng.random(1000) < chance
    return truth, label, score, float(truth[label == 0].mean())


@pytest.mark.parametrize("scar", [True, False])
def test_the_bounds_contain_the_truth_whichever_positives_are_labelled(scar: bool) -> None:
    truth, label, score, prior = simulated(scar)
    row = pu_bounds(label, score, [prior]).iloc[0]
    assert row["hidden"] == truth.sum() - label.sum()
    assert row["auroc_low"] < auroc(truth, score) < row["auroc_high"]
    cut = pu_cutoff_bounds(label, score, [0.5], [prior]).iloc[0]
    called = score > 0.5
    assert cut["precision_low"] < truth[called].mean() < cut["precision_high"]
    assert cut["recall_low"] < truth[called].sum() / truth.sum() < cut["recall_high"]


def test_the_scar_value_is_the_truth_under_scar_and_not_without_it() -> None:
    truth, label, score, prior = simulated(True)
    row = pu_bounds(label, score, [prior]).iloc[0]
    assert row["auroc_scar"] == pytest.approx(auroc(truth, score), abs=0.01)
    assert row["auroc"] < auroc(truth, score) - 0.01
    cut = pu_cutoff_bounds(label, score, [0.5], [prior]).iloc[0]
    assert cut["precision_scar"] == pytest.approx(truth[score > 0.5].mean(), abs=0.01)
    assert cut["scar_consistent"]
    truth, label, score, prior = simulated(False)
    row = pu_bounds(label, score, [prior]).iloc[0]
    assert row["auroc_scar"] > auroc(truth, score) + 0.03


def test_a_prior_that_the_scores_contradict_is_marked() -> None:
    """A perfect order leaves no unlabelled pair that scores like a labelled one."""
    label, score = np.repeat([1, 0], 50), np.arange(100.0)[::-1]
    table = pu_bounds(label, score, [0, 0.1])
    assert table["auroc_scar"].tolist() == pytest.approx([1, 0.95 / 0.9])
    assert table["scar_consistent"].tolist() == [True, False]
    assert table["auroc_high"].tolist() == [1, 1]
    assert not pu_cutoff_bounds(label, score, [49.5], [0.1])["scar_consistent"][0]


def test_no_hidden_positives_change_nothing() -> None:
    label, score = np.array([1, 0, 1, 0, 0]), np.array([3.0, 1, 1, 2, 0])
    row = pu_bounds(label, score, [0]).iloc[0]
    for column in ("auroc_scar", "auroc_low", "auroc_high"):
        assert row[column] == pytest.approx(auroc(label, score))
    assert pu_bounds(label, score)["prior"].tolist() == list(PRIORS)
    assert pu_cutoff_bounds(label, score, [0, 1])["threshold"].tolist() == [0, 1] * len(PRIORS)


def test_one_class_has_no_auroc() -> None:
    assert pu_bounds(np.zeros(4), np.arange(4.0), [0.0])[["auroc", "auroc_scar"]].isna().all(axis=None)
    assert pu_bounds(np.ones(4), np.arange(4.0), [0.5])["auroc_low"].isna().all()
    assert math.isnan(pu_bounds(np.array([1, 0]), np.arange(2.0), [0.9])["auroc_scar"][0])  # all hidden
    assert math.isnan(pu_cutoff_bounds(np.zeros(2), np.arange(2.0), [0.0], [0.0])["recall"][0])


@pytest.mark.parametrize("prior", [-0.1, 1, 1.5, math.nan])
def test_a_prior_must_be_a_share(prior: float) -> None:
    label, score = np.array([0, 1]), np.array([0.0, 1])
    with pytest.raises(InputError, match="prior"):
        pu_bounds(label, score, [prior])
    with pytest.raises(InputError, match="prior"):
        pu_cutoff_bounds(label, score, [0], [prior])
