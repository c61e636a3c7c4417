"""Precision at k: values by hand, every order of tied pairs, and resamples against repeated lists."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grnpyg.metrics.bootstrap import multiplicities
from grnpyg.metrics.early import bootstrap_precision, precision_at

PAIRS = st.lists(st.tuples(st.booleans(), st.integers(0, 3)), min_size=1, max_size=6)


def test_by_hand() -> None:
    label = np.array([True, False, True, False, True])
    score = np.array([5.0, 4.0, 3.0, 3.0, 1.0])
    found = precision_at(label, score, (1, 2, 3, 4, 5))
    # the third place is the positive or the negative of score 3, each with probability one half
    assert found == pytest.approx({1: 1.0, 2: 0.5, 3: 1.5 / 3, 4: 0.5, 5: 0.6})


def test_more_pairs_than_there_are_have_no_precision() -> None:
    assert math.isnan(precision_at(np.array([True]), np.array([0.0]), (2,))[2])


@given(PAIRS)
def test_it_is_the_mean_over_every_order_of_tied_pairs(pairs: list[tuple[bool, int]]) -> None:
    label = np.array([positive for positive, _ in pairs])
    score = np.array([value for _, value in pairs], float)
    ks = range(1, len(pairs) + 1)
    orders = [list(order) for order in itertools.permutations(range(len(pairs)))]
    orders = [order for order in orders if (np.diff(score[order]) <= 0).all()]
    for k, value in precision_at(label, score, tuple(ks)).items():
        assert value == pytest.approx(np.mean([label[order[:k]].mean() for order in orders]))


@settings(max_examples=50, deadline=None)  # the first call compiles
@given(st.integers(0, 1000), st.integers(1, 4), st.booleans())
def test_a_resample_is_the_list_with_its_pairs_repeated(seed: int, levels: int, shuffled: bool) -> None:
    rng = np.random.default_rng(seed)
    tf, gene = (ids.ravel() for ids in np.meshgrid(np.arange(4), np.arange(5), indexing="ij"))
    label, score = rng.random(20) < 0.4, rng.integers(levels, size=20).astype(float)
    weights = multiplicities(4, 6, seed, "tf"), multiplicities(5, 6, seed, "gene")
    ks = (1, 3, 10, 30)
    order = rng.permutation(20) if shuffled else np.arange(20)
    found = bootstrap_precision(tf[order], gene[order], label[order], score[order], *weights, ks)
    assert found.shape == (6, 4)
    for b in range(6):
        times = weights[0][tf, b] * weights[1][gene, b]
        expected = precision_at(label.repeat(times), score.repeat(times), ks)
        assert found[b] == pytest.approx(list(expected.values()), nan_ok=True)


def test_a_constant_score_has_the_prevalence_at_every_k() -> None:
    label = np.arange(40) < 10
    assert precision_at(label, np.zeros(40), (1, 7, 40)) == pytest.approx({1: 0.25, 7: 0.25, 40: 0.25})
