"""Every metric that the library emits is described, and lies where its description says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grnpyg.metrics.classification import classification_metrics
from grnpyg.metrics.effective_rank import entropy_rank, participation_ratio, spectrum
from grnpyg.metrics.gains import ADDITIVE, DEGREES
from grnpyg.metrics.info import METRICS
from grnpyg.metrics.method_table import set_metrics
from grnpyg.metrics.ranking import RankingSet, per_tf, ranking_metrics
from grnpyg.metrics.retention import retention

NOT_METRICS = {"tf", "counted"}  # columns of the per-TF table that name and mark a row


def emitted(seed: int, positives: float, values: int) -> list[tuple[str, float]]:
    """Every (name, value) from one random matrix with `values` different scores."""
    rng = np.random.default_rng(seed)
    label, candidate = rng.random((4, 9)) < positives, rng.random((4, 9)) < 0.8
    scores = 40.0 * rng.integers(-values, values + 1, label.shape)
    shown = RankingSet(np.arange(4), np.arange(9), label, candidate, "random cells")
    table = per_tf(shown, scores)
    columns = [(name, value) for name in table if name not in NOT_METRICS for value in table[name]]
    rows = {name: rng.integers(0, 5, label.size) for name in (*DEGREES, ADDITIVE)}
    tf, gene = np.argwhere(np.ones_like(label)).T
    own = set_metrics(tf, gene, label.ravel(), {"model": scores.ravel(), **rows}, {"model"})["model"]
    metrics = ranking_metrics(shown, scores) | dict(own)
    singular = spectrum(np.abs(scores) + 1)
    ranks = {"participation_ratio": participation_ratio(singular), "entropy_rank": entropy_rank(singular)}
    compressed = retention(label.ravel(), scores.ravel(), rng.integers(0, 5, label.size))
    return columns + list((metrics | ranks | compressed).items())


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.1, 0.4, 1.0]), st.integers(0, 3))
def test_every_metric_is_described_and_in_its_range(seed: int, positives: float, values: int) -> None:
    for name, value in emitted(seed, positives, values):
        low, high = METRICS[name].range
        assert np.isnan(value) or low <= value <= high, name


def test_nothing_is_described_that_does_not_exist() -> None:
    assert {name for name, _ in emitted(0, 0.4, 3)} == set(METRICS)


def test_the_key_is_the_name_and_every_field_says_something() -> None:
    for key, info in METRICS.items():
        assert key == info.name
        assert all((info.chance, info.ties, info.description.endswith(".")))


@pytest.mark.parametrize("name", ["auroc", "ap", "accuracy", "per_tf_auroc", "auroc_all", "ap_all", "mrr"])
def test_a_better_ranking_scores_higher(name: str) -> None:
    """The labels as scores against the opposite of the labels."""
    label = np.array([[1, 1, 1, 0, 0, 0, 0], [0, 1, 0, 1, 0, 1, 0]])
    shown = RankingSet(np.arange(2), np.arange(7), label > 0, np.ones((2, 7), bool), "two TFs")
    best, worst = (
        ranking_metrics(shown, logit) | classification_metrics(label.ravel(), logit.ravel())
        for logit in (2.0 * label - 1, 1 - 2.0 * label)
    )
    assert (best[name] > worst[name]) == METRICS[name].higher_is_better
    assert best[name] == METRICS[name].range[1]
