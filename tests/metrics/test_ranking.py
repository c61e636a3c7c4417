"""Full ranking: numbers by hand, and against scikit-learn and PyG's retrieval metrics."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import auc, average_precision_score, precision_recall_curve, roc_auc_score
from torch_geometric.metrics import LinkPredHitRatio, LinkPredMAP, LinkPredMRR

from grnpyg.core.errors import InputError
from grnpyg.metrics.ranking import HITS_AT, RankingSet, Ties, per_tf, ranking_metrics, ranking_set

Case = tuple[RankingSet, np.ndarray]


def one_tf(label: list[int], candidate: list[int] | None = None) -> RankingSet:
    shown = np.ones(len(label), bool) if candidate is None else np.array(candidate, bool)
    return RankingSet(np.array([7]), np.arange(len(label)), np.array([label], bool), shown[None], "one TF")


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A few TFs and genes, many ties, some cells filtered."""
    n, m = draw(st.integers(1, 5)), draw(st.integers(2, 12))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    label, candidate = rng.random((n, m)) < draw(st.sampled_from([0.2, 0.5])), rng.random((n, m)) < 0.8
    scores = rng.integers(-3, 4, (n, m)).astype(draw(st.sampled_from([np.float32, np.float64])))
    name = "random cells"
    return RankingSet(rng.permutation(50)[:n], rng.permutation(50)[:m], label, candidate, name), scores


@pytest.mark.parametrize(
    ("label", "score", "auroc", "ap", "rank"),
    [
        ([1, 1, 0, 0], [4, 3, 2, 1], 1.0, 1.0, [1, 1]),  # perfect: the other positive is not in the way
        ([1, 1, 0, 0], [1, 2, 3, 4], 0.0, (1 / 3 + 2 / 4) / 2, [3, 3]),  # reversed
        ([1, 1, 0, 0], [5, 5, 5, 5], 0.5, 0.5, [2, 2]),  # all tied: behind half of the two negatives
        ([1, 0, 1, 0], [4, 3, 2, 1], 0.75, (1 + 2 / 3) / 2, [1, 2]),
        ([1, 1, 0], [2, 1, 1], 0.75, (1 + 2 / 3) / 2, [1, 1.5]),  # one pair tied
        ([1, 0, 0, 0, 0], [3, 3, 3, 4, 1], (1 + 0.5 * 2) / 4, 1 / 4, [3]),
    ],
)
def test_one_tf_by_hand(
    label: list[int], score: list[float], auroc: float, ap: float, rank: list[float]
) -> None:
    (row,) = per_tf(one_tf(label), np.array([score], float)).to_dict("records")
    positives, prevalence = sum(label), sum(label) / len(label)
    expected = {"tf": 7, "positives": positives, "candidates": len(label), "auroc": auroc, "ap": ap}
    expected |= {"counted": positives >= 3, "prevalence": prevalence, "ap_ratio": ap / prevalence}
    expected |= {"expected_ap": expected_by_enumeration(sum(label), score)}
    expected |= {"mrr": np.mean([1 / r for r in rank])}
    expected |= {f"hits_at_{k}": np.mean([r <= k for r in rank]) for k in HITS_AT}
    assert row == pytest.approx(expected)


def expected_by_enumeration(positives: int, score: Sequence[float]) -> float:
    """Mean AP over every way to label this number of the candidates."""
    num = len(score)
    return float(
        np.mean(
            [
                average_precision_score(np.isin(np.arange(num), chosen), score)
                for chosen in itertools.combinations(range(num), positives)
            ]
        )
    )


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 4), min_size=3, max_size=8), st.data())
def test_expected_ap_is_the_mean_over_all_labellings(score: list[int], data: st.DataObject) -> None:
    """Ties included: the rule by which tied pairs enter is that of AP itself."""
    positives = data.draw(st.integers(1, len(score) - 1))
    label = [1] * positives + [0] * (len(score) - positives)
    (row,) = per_tf(one_tf(label), np.array([score], float)).to_dict("records")
    assert row["expected_ap"] == pytest.approx(expected_by_enumeration(positives, score))


def test_expected_ap_in_closed_form() -> None:
    """Without ties by the harmonic number, with all tied the prevalence."""
    num, positives = 50, 4
    label = [1] * positives + [0] * (num - positives)
    harmonic = sum(1 / i for i in range(1, num + 1))
    expected = ((positives - 1) / (num - 1) * (num - harmonic) + harmonic) / num
    (distinct,) = per_tf(one_tf(label), np.arange(num, dtype=float)[None]).to_dict("records")
    (tied,) = per_tf(one_tf(label), np.zeros((1, num))).to_dict("records")
    assert distinct["expected_ap"] == pytest.approx(expected)
    assert tied["expected_ap"] == pytest.approx(positives / num)
    assert expected / (positives / num) > 1.5  # what `ap_ratio` calls better than chance


def test_ap_over_chance_of_random_scores_is_one_and_ap_ratio_is_not() -> None:
    """The random row of the symbol labels has an AP ratio of 1.25 to 1.33."""
    rng = np.random.default_rng(0)
    label = rng.random((400, 500)) < 0.01 * rng.integers(1, 6, size=(400, 1))
    every = np.ones(label.shape, bool)
    shown = RankingSet(np.arange(400), np.arange(500), label, every, "random")
    for scores in (rng.random(label.shape), rng.integers(0, 9, label.shape).astype(float)):
        found = [ranking_metrics(shown, rng.permuted(scores, axis=1))["ap_over_chance"] for _ in range(20)]
        assert abs(np.mean(found) - 1) < 4 * np.std(found) / 20**0.5
        assert np.std(found) < 0.05
    metrics = ranking_metrics(shown, rng.random(label.shape))
    assert metrics["ap_ratio"] > 1.1
    assert metrics["ap_all_over_chance"] == pytest.approx(1, abs=0.05)


def test_tie_rules_by_hand() -> None:
    """One negative above, three tied: ranks 2, 3.5 and 5."""
    score = np.array([[2, 3, 2, 2, 2, 1]], float)
    rules: dict[Ties, float] = {"optimistic": 2, "realistic": 3.5, "pessimistic": 5}
    for ties, rank in rules.items():
        metrics = ranking_metrics(one_tf([1, 0, 0, 0, 0, 0]), score, ties=ties)
        assert metrics["mrr"] == pytest.approx(1 / rank)
        assert metrics["hits_at_3"] == (rank <= 3)
        assert metrics["auroc_all"] == pytest.approx((1 + 3 / 2) / 5)  # has a rule of its own


def test_k_beyond_the_candidates_finds_everything() -> None:
    metrics = ranking_metrics(one_tf([1, 0, 0, 0]), np.array([[1, 2, 3, 4]], float))
    assert [metrics[f"hits_at_{k}"] for k in HITS_AT] == [0, 0, 1, 1]  # rank 4 of 4


def test_early_precision_by_hand() -> None:
    """k = 3 positives among 8: the third score is tied with one more, so four enter and two are found."""
    label, score = [1, 1, 0, 0, 1, 0, 0, 0], [5, 4, 5, 4, -1, 0, -2, -9]
    metrics = ranking_metrics(one_tf(label), np.array([score], float))
    assert metrics["epr"] == pytest.approx((2 / 4) / (3 / 8))
    # a large negative logit is not a strong edge, and a score of 0 is not an absent one
    assert ranking_metrics(one_tf([1, 0, 0]), np.array([[0.0, -8, -9]]))["epr"] == pytest.approx(3)
    assert ranking_metrics(one_tf([1, 0, 0]), np.array([[0.0, 0, 0]]))["epr"] == pytest.approx(1)


@settings(deadline=None, max_examples=100)
@given(cases())
@pytest.mark.slow
def test_every_area_equals_scikit_learn(case: Case) -> None:
    shown, scores = case
    table = per_tf(shown, scores).set_index("tf")
    for tf, label, candidate, score in zip(shown.tf, shown.label, shown.candidate, scores, strict=True):
        label, score = label[candidate], score[candidate]
        assert (tf in table.index) == (len(set(label)) == 2)
        if tf in table.index:
            ap = average_precision_score(label, score)
            assert table.loc[tf, "auroc"] == pytest.approx(roc_auc_score(label, score))
            assert table.loc[tf, "ap"] == pytest.approx(ap)
            assert table.loc[tf, "ap_ratio"] == pytest.approx(ap / label.mean())
    metrics, label, score = (
        ranking_metrics(shown, scores),
        shown.label[shown.candidate],
        scores[shown.candidate],
    )
    if len(set(label)) < 2:
        assert math.isnan(metrics["auroc_all"])
        return
    precision, recall, _ = precision_recall_curve(label, score)
    assert metrics["auroc_all"] == pytest.approx(roc_auc_score(label, score))
    assert metrics["ap_all"] == pytest.approx(average_precision_score(label, score))
    assert metrics["auprc_ratio"] == pytest.approx(auc(recall, precision) / label.mean())
    early = score >= np.sort(score)[::-1][label.sum() - 1]
    assert metrics["epr"] == pytest.approx(label[early].mean() / label.mean())


@settings(deadline=None, max_examples=50)
@given(cases())
def test_ranks_equal_a_count_of_negatives(case: Case) -> None:
    """Mean over positives: the reciprocal ranks of all TFs in one list."""
    shown, scores = case
    ranks = [
        1 + sum(others > scores[i, j]) + sum(others == scores[i, j]) / 2
        for i, j in np.argwhere(shown.label & shown.candidate)
        if (others := scores[i, ~shown.label[i] & shown.candidate[i]]).size
    ]
    metrics = ranking_metrics(shown, scores)
    if not ranks:
        assert math.isnan(metrics["mrr"])
        return
    assert metrics["mrr"] == pytest.approx(np.mean([1 / rank for rank in ranks]))
    for k in HITS_AT:
        assert metrics[f"hits_at_{k}"] == pytest.approx(np.mean([rank <= k for rank in ranks]))


@settings(deadline=None, max_examples=50)
@given(cases(), st.integers(0, 2**32 - 1))
def test_filtered_cells_never_matter(case: Case, seed: int) -> None:
    """Neither their score nor their label."""
    shown, scores = case
    rng = np.random.default_rng(seed)
    label = np.where(shown.candidate, shown.label, rng.random(scores.shape) < 0.5)
    other = np.where(shown.candidate, scores, rng.choice([9.0, -9.0, np.nan, np.inf], scores.shape))
    changed = RankingSet(shown.tf, shown.gene, label, shown.candidate, shown.name)
    assert ranking_metrics(changed, other) == pytest.approx(ranking_metrics(shown, scores), nan_ok=True)


@settings(deadline=None, max_examples=50)
@given(cases(), st.integers(0, 2**32 - 1))
def test_the_order_of_tfs_and_genes_does_not_matter(case: Case, seed: int) -> None:
    shown, scores = case
    rng = np.random.default_rng(seed)
    rows, columns = (rng.permutation(size) for size in scores.shape)
    cells = np.ix_(rows, columns)
    ids = shown.tf[rows], shown.gene[columns]
    moved = RankingSet(*ids, shown.label[cells], shown.candidate[cells], shown.name)
    expected = ranking_metrics(shown, scores)
    assert ranking_metrics(moved, scores[cells]) == pytest.approx(expected, nan_ok=True)


def test_pyg_agrees_where_it_measures_the_same() -> None:
    """PyG's MRR and hits look at a TF's first positive only, so they are the same with one positive each."""
    rng = np.random.default_rng(0)
    n, m = 20, 60
    scores = rng.permutation(n * m).reshape(n, m).astype(float)
    order = torch.from_numpy(np.argsort(-scores, axis=1))
    for positives in (1, 4):
        label = np.argsort(rng.random((n, m)), axis=1) < positives
        shown = RankingSet(np.arange(n), np.arange(m), label, np.ones((n, m), bool), "all")
        table, truth = per_tf(shown, scores), torch.from_numpy(np.argwhere(label).T)

        def pyg(metric: torch.nn.Module, truth: torch.Tensor = truth) -> float:
            metric.update(order, truth)
            return float(metric.compute())

        assert table["ap"].mean() == pytest.approx(pyg(LinkPredMAP(k=m)), rel=1e-5)
        if positives == 1:
            metrics = ranking_metrics(shown, scores)
            assert metrics["mrr"] == pytest.approx(pyg(LinkPredMRR(k=m)), rel=1e-5)
            for k in HITS_AT:
                assert metrics[f"hits_at_{k}"] == pytest.approx(pyg(LinkPredHitRatio(k=k)))


def test_tfs_with_few_positives_are_listed_but_not_counted() -> None:
    label = np.array([[1, 1, 1, 0], [1, 0, 0, 0], [0, 0, 0, 0], [1, 1, 1, 1]], bool)
    shown = RankingSet(np.arange(4), np.arange(4), label, np.ones((4, 4), bool), "four TFs")
    scores = np.array([[4, 3, 2, 1], [1, 2, 3, 4], [1, 2, 3, 4], [1, 2, 3, 4]], float)
    table = per_tf(shown, scores)
    assert table["tf"].tolist() == [0, 1]  # the others have one class
    assert table["counted"].tolist() == [True, False]
    metrics = ranking_metrics(shown, scores)
    assert (metrics["ranked_tfs"], metrics["per_tf_auroc"]) == (1, 1.0)
    assert metrics["mrr"] == pytest.approx((3 * 1 + 1 / 4) / 4)
    every = ranking_metrics(shown, scores, min_positives=1)
    assert (every["ranked_tfs"], every["per_tf_auroc"]) == (2, 0.5)
    assert every["ap_ratio"] == pytest.approx((4 / 3 + 1) / 2)  # median of two: 1 / .75 and .25 / .25


@settings(deadline=None, max_examples=30)
@given(cases(), st.integers(1, 3))
def test_mean_auroc_and_median_ratio_of_the_counted_tfs(case: Case, min_positives: int) -> None:
    table = per_tf(*case)
    table = table[table["positives"] >= min_positives]
    metrics = ranking_metrics(*case, min_positives=min_positives)
    assert metrics["ranked_tfs"] == len(table)
    if len(table):
        assert metrics["per_tf_auroc"] == pytest.approx(np.mean(table["auroc"]))
        assert metrics["ap_ratio"] == pytest.approx(np.median(table["ap_ratio"]))


@pytest.mark.parametrize("value", [0, 1])
def test_one_class_has_no_ranking(value: int) -> None:
    metrics = ranking_metrics(one_tf([value] * 3), np.zeros((1, 3)))
    assert metrics.pop("ranked_tfs") == 0
    assert all(math.isnan(number) for number in metrics.values())


def test_a_set_from_global_ids() -> None:
    """Ids in any order; a filtered pair outside the universe is passed over."""
    tf, gene = np.array([5, 2]), np.array([9, 0, 4])
    filtered = np.array([[2, 5, 8, 2], [0, 4, 4, 1]])
    shown = ranking_set(tf, gene, np.array([[2, 5, 2], [9, 0, 4]]), filtered, 10, "two warm TFs")
    assert shown.label.tolist() == [[False, True, False], [True, False, True]]
    assert shown.candidate.tolist() == [[True, True, False], [True, False, True]]
    assert (shown.negatives.sum(), shown.name) == (1, "two warm TFs")


def test_a_positive_must_be_a_candidate() -> None:
    tf, gene, filtered = np.array([5, 2]), np.array([9, 0, 4]), np.array([[2], [0]])
    with pytest.raises(InputError, match="mine: 1 positives are filtered out"):
        ranking_set(tf, gene, np.array([[2, 5], [0, 0]]), filtered, 10, "mine")
    for outside in ([3, 0], [2, 1]):
        with pytest.raises(InputError, match="1 positives lie outside"):
            ranking_set(tf, gene, np.array([outside]).T, filtered, 10, "mine")


def test_scores_that_cannot_be_ranked() -> None:
    shown = one_tf([1, 0, 0], [1, 1, 0])
    for bad in (np.nan, np.inf):
        with pytest.raises(InputError, match="1 of 2 candidate pairs have a score that is not finite"):
            ranking_metrics(shown, np.array([[1, bad, 2]]))
    with pytest.raises(InputError, match=r"scores are \(1, 2\), the ranking set is \(1, 3\)"):
        per_tf(shown, np.zeros((1, 2)))


def test_the_digest_tells_sets_apart() -> None:
    shown = one_tf([1, 0, 0])
    assert shown.digest() == one_tf([1, 0, 0]).digest()
    others = [one_tf([0, 1, 0]), one_tf([1, 0, 0], [1, 1, 0])]
    others.append(RankingSet(shown.tf + 1, shown.gene, shown.label, shown.candidate, shown.name))
    others.append(RankingSet(shown.tf, shown.gene + 1, shown.label, shown.candidate, shown.name))
    assert len({other.digest() for other in [shown, *others]}) == 5
