"""Claims beside hit rates, by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binomtest

from grnpyg.core.seeding import numpy_generator
from grnpyg.metrics.reliability import ReliabilityBins


def counted(probability: list[float], hit: list[bool]) -> ReliabilityBins:
    bins = ReliabilityBins()
    bins.add(np.array(probability), np.array(hit))
    return bins


def test_a_bin_holds_its_lower_edge_and_the_last_one_its_upper() -> None:
    table = counted([0.05, 0.0999, 0.1, 1.0], [True, False, False, True]).table()
    assert table["low"].tolist() == [0.05, 0.1, 0.9]
    assert table["pairs"].tolist() == [2, 1, 1]
    assert table["hits"].tolist() == [1, 0, 1]
    assert table["claimed"].tolist() == pytest.approx([0.07495, 0.1, 1.0])


def test_the_interval_is_that_of_wilson() -> None:
    own = counted([0.15] * 40, [True] * 7 + [False] * 33).table().iloc[0]
    exact = binomtest(7, 40).proportion_ci(0.95, method="wilson")
    assert (own["hit_low"], own["hit_high"]) == pytest.approx((exact.low, exact.high))


def test_the_error_counts_pairs_above_the_edge_alone() -> None:
    """Below .05 nearly all pairs lie, where any claim is nearly right."""
    bins = counted([0.01] * 1000 + [0.2] * 10 + [0.4] * 30, [True] * 1000 + [False] * 10 + [True] * 30)
    summary = bins.summary()
    assert (summary["pairs"], summary["hits"]) == (40, 30)
    assert summary["ece"] == pytest.approx((10 * 0.2 + 30 * 0.6) / 40)


def test_blocks_and_weights_add_up() -> None:
    rng = numpy_generator(0, "reliability")
    probability = rng.random(500)
    hit = rng.random(500) < probability
    whole, parts = counted(list(probability), list(hit)), ReliabilityBins()
    for part in np.array_split(np.arange(500), 7):
        for _ in range(2):
            parts.add(probability[part], hit[part], 0.5)
    np.testing.assert_allclose(whole.table(), parts.table())


def test_true_claims_have_the_error_of_chance() -> None:
    rng, found = numpy_generator(1, "reliability"), []
    for _ in range(200):
        probability = rng.uniform(0.05, 1, 400)
        found.append(counted(list(probability), list(rng.random(400) < probability)).summary())
    mean, chance = (np.mean([own[key] for own in found]) for key in ("ece", "ece_of_chance"))
    assert mean == pytest.approx(chance, rel=0.15)


def test_no_pair_above_has_no_error() -> None:
    assert math.isnan(counted([0.01], [False]).summary()["ece"])
