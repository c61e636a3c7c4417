"""Bootstrap: weights against scikit-learn, resamples against repeated lists, intervals against the truth."""

from __future__ import annotations

import math

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm
from sklearn.metrics import average_precision_score, roc_auc_score
from threadpoolctl import threadpool_limits

from grnpyg.core.errors import InputError
from grnpyg.metrics.bootstrap import (
    bootstrap_pairs,
    bootstrap_ranking,
    interval,
    multiplicities,
    weighted_areas,
    weighted_median,
)
from grnpyg.metrics.ranking import RankingSet, ranking_metrics

Pairs = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
Items = list[tuple[bool, int, list[int]]]


def ranked(n: int, m: int, seed: int = 0, shift: float = 1.0) -> tuple[RankingSet, np.ndarray]:
    """Random cells, some filtered, scores rounded so that many are tied; ids not in order."""
    rng = np.random.default_rng(seed)
    label, candidate = rng.random((n, m)) < 0.2, rng.random((n, m)) < 0.9
    scores = np.round(rng.normal(size=(n, m)) + shift * label, 1)
    ids = rng.permutation(n) * 2, rng.permutation(m) + 3
    return RankingSet(*ids, label, candidate, "random cells"), scores


def crossed(seed: int, gene_sd: float, tfs: int = 30, genes: int = 40) -> Pairs:
    """Half of all pairs; a gene is positive for every TF or for none, and has an effect on all its scores."""
    rng = np.random.default_rng(seed)
    tf, gene = np.divmod(rng.permutation(tfs * genes)[: tfs * genes // 2], genes)
    label = (rng.random(genes) < 0.5)[gene]
    return tf, gene, label, label + gene_sd * rng.normal(size=genes)[gene] + rng.normal(size=tf.size)


items: st.SearchStrategy[Items] = st.lists(
    st.tuples(st.booleans(), st.integers(-3, 3), st.lists(st.integers(0, 3), min_size=2, max_size=2)),
    min_size=2,
    max_size=25,
)


@settings(deadline=None, max_examples=100)
@given(items)
@pytest.mark.slow
def test_weighted_areas_equal_scikit_learn(drawn: Items) -> None:
    """Multiplicity 0 included; a class of weight 0 has no area."""
    label, score, weight = (np.array(column) for column in zip(*drawn, strict=True))
    auroc, ap = weighted_areas(label, score.astype(float), weight)
    for b in range(2):
        kept = weight[:, b] > 0
        if len(set(label[kept])) < 2:
            assert math.isnan(auroc[b])
            assert math.isnan(ap[b])
            continue
        assert auroc[b] == pytest.approx(roc_auc_score(label, score, sample_weight=weight[:, b]))
        assert ap[b] == pytest.approx(average_precision_score(label, score, sample_weight=weight[:, b]))
        repeated = np.repeat(np.arange(len(label)), weight[:, b])
        assert auroc[b] == pytest.approx(roc_auc_score(label[repeated], score[repeated]))


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(st.integers(-5, 5), st.integers(0, 3)), min_size=1, max_size=12))
def test_the_weighted_median_is_the_median_of_the_repeated_list(drawn: list[tuple[int, int]]) -> None:
    values, weight = (np.array(column)[:, None] for column in zip(*drawn, strict=True))
    values = np.where(weight > 0, values, np.nan)  # what does not count may be undefined
    repeated = np.repeat(values, weight[:, 0])
    expected = np.median(repeated) if repeated.size else np.nan
    assert weighted_median(values, weight) == pytest.approx([expected], nan_ok=True)


def test_a_resample_of_pairs_by_hand() -> None:
    """Two TFs: a resample holds TF 0 twice, TF 1 twice, or each once."""
    tf, gene = np.array([0, 0, 1, 1]), np.array([3, 4, 3, 4])
    label, score = np.array([1, 0, 1, 0]), np.array([4.0, 3, 1, 2])
    samples = bootstrap_pairs(tf, gene, label, {"a": score}, resamples=400, seed=0, two_way=False)["a"]
    # TF 0 alone is perfect, TF 1 alone reversed, both: 4 > 3, 4 > 2, 1 < 3, 1 < 2
    values, counts = np.unique(samples["auroc"], return_counts=True)
    assert values.tolist() == [0.0, 0.5, 1.0]
    assert counts == pytest.approx([100, 200, 100], abs=40)
    both = samples["auroc"] == 0.5
    assert samples.loc[both, "ap"].to_numpy() == pytest.approx((1 + 2 / 4) / 2)
    two_way = bootstrap_pairs(tf, gene, label, {"a": score}, resamples=400, seed=0)["a"]
    # gene 3 holds the positives and gene 4 the negatives: half of the resamples draw one gene twice
    assert interval(two_way["auroc"].to_numpy()).left_out == pytest.approx(200, abs=40)


@pytest.mark.slow
def test_resamples_of_the_ranking_are_metrics_of_repeated_tfs_and_genes() -> None:
    """Each TF's genes and then the TFs are listed as often as drawn, and scored by scikit-learn."""
    shown, scores = ranked(8, 15)
    samples = bootstrap_ranking(shown, {"a": scores}, resamples=30, seed=3, min_positives=2)["a"]
    counted = [i for i in np.argsort(shown.tf) if shown.positives[i].sum() >= 2]
    tf_weight = multiplicities(len(counted), 30, 3, "tf")
    gene_weight = multiplicities(15, 30, 3, "gene")[np.argsort(np.argsort(shown.gene))]
    left_out = 0
    for b in range(30):
        auroc, ratio = [], []
        for i, times in zip(counted, tf_weight[:, b], strict=True):
            drawn = np.repeat(np.arange(15), gene_weight[:, b] * shown.candidate[i])
            label, score = shown.label[i, drawn], scores[i, drawn]
            left_out += len(set(label)) < 2
            if len(set(label)) == 2:
                auroc += [roc_auc_score(label, score)] * times
                ratio += [average_precision_score(label, score) / label.mean()] * times
        assert samples["per_tf_auroc"][b] == pytest.approx(np.mean(auroc))
        assert samples["ap_ratio"][b] == pytest.approx(np.median(ratio))
    assert 0 < len(counted) < 8
    assert left_out


def test_resamples_centre_on_the_metric() -> None:
    shown, scores = ranked(40, 80)
    samples = bootstrap_ranking(shown, {"a": scores}, resamples=400, seed=1)["a"]
    metrics = ranking_metrics(shown, scores)
    assert samples["per_tf_auroc"].mean() == pytest.approx(metrics["per_tf_auroc"], abs=0.005)
    assert samples["ap_ratio"].mean() == pytest.approx(metrics["ap_ratio"], rel=0.05)
    assert samples["per_tf_auroc"].std() > 0.005


def test_every_score_equal_is_chance_in_each_resample() -> None:
    shown, scores = ranked(10, 30)
    samples = bootstrap_ranking(shown, {"tied": np.zeros_like(scores)}, resamples=50, seed=0)["tied"]
    assert (samples["per_tf_auroc"] == 0.5).all()
    assert samples["ap_ratio"].to_numpy() == pytest.approx(1)
    perfect = bootstrap_ranking(shown, {"labels": shown.label.astype(float)}, resamples=50, seed=0)["labels"]
    assert (perfect["per_tf_auroc"] == 1).all()


@pytest.mark.parametrize("two_way", [True, False])
def test_the_interval_covers_a_known_auroc(two_way: bool) -> None:
    """AUROC = Phi(1 / sqrt(2 (gene variance + 1))). Drawing TFs only takes the genes for given: too short."""
    gene_sd, covered = 2.0, 0
    truth = norm.cdf(1 / math.sqrt(2 * (gene_sd**2 + 1)))
    for i in range(40):
        *pairs, score = crossed(i, gene_sd)
        samples = bootstrap_pairs(*pairs, {"a": score}, resamples=300, seed=i, two_way=two_way)["a"]
        low, high, _ = interval(samples["auroc"].to_numpy())
        covered += low <= truth <= high
    assert covered >= 35 if two_way else covered <= 20


def test_rows_share_their_resamples() -> None:
    """Equal rows differ by exactly nothing, and a row does not depend on which others stand beside it."""
    tf, gene, label, score = crossed(0, 1.0)
    near = score + 0.01 * np.random.default_rng(0).normal(size=score.size)
    rows = {"a": score, "a again": score.copy(), "near": near}
    samples = bootstrap_pairs(tf, gene, label, rows, resamples=200, seed=5)
    assert samples["a"].equals(samples["a again"])
    alone = bootstrap_pairs(tf, gene, label, {"a": score}, resamples=200, seed=5)["a"]
    assert samples["a"].equals(alone)
    paired = (samples["a"] - samples["near"])["auroc"].std()
    other = bootstrap_pairs(tf, gene, label, {"near": near}, resamples=200, seed=6)["near"]
    assert paired < 0.1 * (samples["a"] - other)["auroc"].std()
    shown, scores = ranked(10, 30)
    ranking = bootstrap_ranking(shown, {"a": scores, "b": scores.copy()}, resamples=50, seed=5)
    assert ranking["a"].equals(ranking["b"])


def test_the_order_of_pairs_tfs_and_genes_does_not_matter() -> None:
    """To the bit: multiplicities belong to ids, not to positions."""
    rng = np.random.default_rng(0)
    pairs = crossed(0, 1.0)
    order = rng.permutation(pairs[0].size)
    results = [
        bootstrap_pairs(*arrays[:3], {"a": arrays[3]}, resamples=50, seed=0)["a"]
        for arrays in (pairs, tuple(array[order] for array in pairs))
    ]
    assert results[0].equals(results[1])
    shown, scores = ranked(12, 30)
    rows, columns = rng.permutation(12), rng.permutation(30)
    cells = np.ix_(rows, columns)
    moved = RankingSet(
        *(shown.tf[rows], shown.gene[columns], shown.label[cells], shown.candidate[cells], shown.name)
    )
    first = bootstrap_ranking(shown, {"a": scores}, resamples=50, seed=0)["a"]
    assert first.equals(bootstrap_ranking(moved, {"a": scores[cells]}, resamples=50, seed=0)["a"])


def test_filtered_cells_never_matter() -> None:
    shown, scores = ranked(12, 30)
    other = np.where(shown.candidate, scores, np.nan)
    samples = bootstrap_ranking(shown, {"a": scores, "b": other}, resamples=50, seed=0)
    assert samples["a"].equals(samples["b"])


def test_the_number_of_threads_does_not_matter() -> None:
    """To the bit."""
    shown, scores = ranked(60, 200)
    pairs = crossed(0, 1.0)
    results, before = [], numba.get_num_threads()
    for threads in (1, numba.config.NUMBA_NUM_THREADS):
        numba.set_num_threads(threads)
        with threadpool_limits(threads):
            ranking = bootstrap_ranking(shown, {"a": scores}, resamples=200, seed=0)["a"]
            results.append(
                (ranking, bootstrap_pairs(*pairs[:3], {"a": pairs[3]}, resamples=200, seed=0)["a"])
            )
    numba.set_num_threads(before)
    assert results[0][0].equals(results[1][0])
    assert results[0][1].equals(results[1][1])


def test_seeds_differ_and_repeat() -> None:
    shown, scores = ranked(10, 30)
    first, again, other = (
        bootstrap_ranking(shown, {"a": scores}, resamples=20, seed=s)["a"] for s in (0, 0, 1)
    )
    assert first.equals(again)
    assert not first.equals(other)


def test_without_a_tf_that_counts_there_is_no_value() -> None:
    shown, scores = ranked(5, 10)
    samples = bootstrap_ranking(shown, {"a": scores}, resamples=20, seed=0, min_positives=99)["a"]
    assert samples.shape == (20, 2)
    assert samples.isna().all(axis=None)
    assert interval(samples["ap_ratio"].to_numpy()) == pytest.approx((math.nan, math.nan, 20), nan_ok=True)


def test_the_interval_leaves_out_and_counts_nan() -> None:
    values = np.array([*range(101), np.nan, np.nan], float)
    assert interval(values) == pytest.approx((2.5, 97.5, 2))
    assert interval(values, level=0.5) == pytest.approx((25, 75, 2))


@pytest.mark.parametrize("bad", [np.nan, -np.inf])
def test_scores_that_are_not_finite(bad: float) -> None:
    shown, scores = ranked(3, 10)
    with pytest.raises(InputError, match="mine: 1 scores are not finite"):
        bootstrap_pairs(
            *(np.zeros(3, int), np.arange(3), np.array([1, 0, 1]), {"mine": np.array([1, bad, 2])}), seed=0
        )
    with pytest.raises(InputError, match="not finite"):
        bootstrap_ranking(shown, {"mine": np.full_like(scores, bad)}, resamples=2, seed=0)


def test_tfs_and_genes_are_drawn_independently_and_as_many_as_there_are() -> None:
    tf, gene = (multiplicities(50, 200, 0, end) for end in ("tf", "gene"))
    for drawn in (tf, gene):
        assert (drawn.sum(axis=0) == 50).all()
        assert drawn.std() == pytest.approx(1, abs=0.05)  # about Poisson(1)
    assert abs(np.corrcoef(tf.ravel(), gene.ravel())[0, 1]) < 0.05
