from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import pearsonr, rankdata

from grnpyg.core.seeding import numpy_generator
from grnpyg.metrics.classification import auroc, average_precision
from grnpyg.metrics.strata import degree_spearman, degree_strata, quantile_bins, strata_metrics

values = st.lists(st.integers(0, 6), min_size=1, max_size=60)


@settings(deadline=None, max_examples=100)
@given(values, st.integers(1, 8), st.randoms(use_true_random=False))
def test_bins_keep_ties_together_and_follow_the_values(value: list[int], bins: int, random) -> None:
    array = np.array(value)
    number = quantile_bins(array, bins)
    order = np.argsort(array, kind="stable")
    assert (np.diff(number[order]) >= 0).all()
    assert set(number.tolist()) <= set(range(bins))
    for v in set(value):  # where the middle of the run lies
        middle = ((array < v).sum() + (array == v).sum() / 2) / len(value)
        assert number[array == v][0] == pytest.approx(middle * bins - 0.5, abs=0.5 + 1e-9)
    assert all(np.unique(number[array == v]).size == 1 for v in set(value))
    moved = list(range(len(value)))
    random.shuffle(moved)
    assert quantile_bins(array[moved], bins).tolist() == number[moved].tolist()


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 60), st.integers(1, 9))
def test_distinct_values_fill_the_bins_evenly(size: int, bins: int) -> None:
    counts = np.bincount(quantile_bins(np.arange(size) ** 3, bins), minlength=bins)
    assert counts.size == bins
    assert counts.max() - counts.min() <= 1


def test_golden_strata() -> None:
    assert degree_strata(np.array([9, 1, 5, 2, 7, 4])).tolist() == [2, 0, 1, 0, 2, 1]
    # 6 of 9 are tied: the middle of the run lies in the second third, and all of it goes there
    assert degree_strata(np.array([1, 2, 2, 2, 2, 2, 2, 3, 3])).tolist() == [0, 1, 1, 1, 1, 1, 1, 2, 2]
    assert degree_strata(np.array([4, 4, 4, 4, 8])).tolist() == [1, 1, 1, 1, 2]  # the low third is empty
    assert degree_strata(np.array([4, 4, 4, 4, 4, 4, 7, 8, 9])).tolist() == [1] * 6 + [2] * 3
    assert degree_strata(np.full(5, 3)).tolist() == [1] * 5
    assert degree_strata(np.array([])).tolist() == []


def test_metrics_of_each_stratum_equal_those_of_its_pairs_alone() -> None:
    rng = numpy_generator(0, "strata")
    label, score = rng.integers(0, 2, 90).astype(np.float32), rng.integers(0, 9, 90).astype(float)
    strata = rng.integers(0, 3, 90)
    table = strata_metrics(label, score, strata)
    assert list(table.columns) == ["stratum", "auroc", "ap", "positives", "negatives"]
    assert table["stratum"].tolist() == [0, 1, 2]
    for row in table.itertuples():
        mine = strata == row.stratum
        assert row.auroc == auroc(label[mine], score[mine])
        assert row.ap == average_precision(label[mine], score[mine])
        assert (row.positives, row.positives + row.negatives) == (label[mine].sum(), mine.sum())


def test_a_stratum_with_one_class_has_no_auroc_but_is_listed() -> None:
    table = strata_metrics(np.array([1, 1, 1, 0]), np.array([1.0, 2, 4, 3]), np.array([0, 0, 1, 1]))
    assert math.isnan(table["auroc"][0])
    assert math.isnan(table["ap"][0])
    assert table["auroc"][1] == 1.0
    assert table[["positives", "negatives"]].to_numpy().tolist() == [[2, 0], [1, 1]]
    assert len(strata_metrics(np.array([]), np.array([]), np.array([]))) == 0


def test_a_score_that_is_degree_falls_to_chance_within_narrow_strata() -> None:
    """Positives have the larger degrees, and nothing else tells them apart."""
    rng = numpy_generator(0, "degree")
    degree = rng.integers(1, 60, 20_000)
    label = (rng.random(20_000) < degree / 60).astype(int)
    whole = auroc(label, degree)
    means = [strata_metrics(label, degree, degree_strata(degree, n))["auroc"].mean() for n in (3, 20)]
    assert whole > 0.8
    assert whole > means[0] > means[1]
    assert means[1] == pytest.approx(0.5, abs=0.05)


def test_spearman_is_the_pearson_correlation_of_mean_ranks() -> None:
    rng = numpy_generator(0, "spearman")
    degree = rng.integers(1, 8, 50)
    score = degree + rng.normal(size=50).round()
    expected = pearsonr(rankdata(score), rankdata(degree)).statistic
    assert degree_spearman(score, degree) == pytest.approx(expected)
    assert degree_spearman(np.exp(degree.astype(float)), degree) == pytest.approx(1)
    assert degree_spearman(np.array([1.0, 2, 3, 4]), np.array([1, 3, 2, 4])) == pytest.approx(1 - 6 * 2 / 60)


@pytest.mark.parametrize(
    ("score", "degree"), [([1, 1, 1], [1, 2, 3]), ([1, 2, 3], [4, 4, 4]), ([1], [1]), ([], [])]
)
def test_spearman_of_a_constant_is_nan(score: list[float], degree: list[float]) -> None:
    assert math.isnan(degree_spearman(np.array(score), np.array(degree)))
