from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from negatives.tables import drawn_pairs, everything_as_training, excluded, free_codes, hub_split
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching
from sklearn.metrics.pairwise import cosine_similarity
from strategies import graphs
from torch import Tensor
from torch_geometric.data import HeteroData

from grnpyg.core.seeding import numpy_generator
from grnpyg.data.graph import GENE, REGULATES, TF, num_nodes, pair_codes
from grnpyg.metrics.classification import auroc
from grnpyg.negatives import HardNegatives, NegativeSampler, UniformNegatives, evaluation_sets
from grnpyg.negatives.hard import SILENT, _choose
from grnpyg.negatives.heuristics import pagerank, three_paths, unit_vectors
from grnpyg.splits import ColdStartSplit, LinkSplit
from grnpyg.splits.messages import with_messages
from grnpyg.testing import small_graph
from grnpyg.testing.rules import equal

HARD = HardNegatives()
HUBS = hub_split()


def adjacency(data: HeteroData) -> csr_array:
    tf, gene = data[REGULATES].edge_index.numpy()
    return csr_array((np.ones(tf.size), (tf, gene)), shape=num_nodes(data))


@settings(deadline=None, max_examples=50)
@given(graphs())
def test_three_paths_are_the_paths_counted_one_by_one(data: HeteroData) -> None:
    edges = adjacency(data).toarray()
    by_tf, by_gene = edges.sum(axis=1), edges.sum(axis=0)
    weights = np.zeros(edges.shape)
    for start, through in np.argwhere(edges):
        for other in np.flatnonzero(edges[:, through]):
            for end in np.flatnonzero(edges[other]):
                weights[start, end] += 1 / (by_gene[through] * by_tf[other])
    np.testing.assert_allclose(three_paths(adjacency(data)), weights, rtol=1e-6)


@settings(deadline=None, max_examples=50)
@given(graphs())
def test_pagerank_is_where_the_restarting_walk_settles(data: HeteroData) -> None:
    """From the TF as it is, and from the gene by the degrees of the two ends."""
    num_tfs, num_genes = num_nodes(data)
    edges = adjacency(data).toarray()
    whole = np.block([[np.zeros((num_tfs, num_tfs)), edges], [edges.T, np.zeros((num_genes, num_genes))]])
    degree = whole.sum(axis=1)
    step = whole / np.maximum(degree, 1)[:, None]
    settled = start = np.eye(num_tfs + num_genes)
    for _ in range(200):
        settled = 0.15 * start + 0.85 * settled @ step
    shares = pagerank(adjacency(data))
    np.testing.assert_allclose(shares, settled[:num_tfs, num_tfs:], rtol=1e-5, atol=1e-9)
    from_gene = shares * degree[:num_tfs, None] / np.maximum(degree[num_tfs:], 1)
    np.testing.assert_allclose(from_gene, settled[num_tfs:, :num_tfs].T, rtol=1e-5, atol=1e-9)
    assert np.array_equal(shares > 0, settled[:num_tfs, num_tfs:] > 0)


def test_unit_vectors_give_centred_cosines() -> None:
    x = numpy_generator(0, "x").standard_normal((8, 3)).astype(np.float32) + 5
    measured = np.arange(8) != 2
    unit = unit_vectors(x, measured)
    rows = x[measured].astype(np.float64)
    expected = cosine_similarity(rows - rows.mean(axis=0))
    np.testing.assert_allclose((unit @ unit.T)[np.ix_(measured, measured)], expected, atol=1e-12)
    assert not unit[2].any()
    assert not unit_vectors(x[:, :0], measured).any()
    assert not unit_vectors(x, np.zeros(8, dtype=bool)).any()


def chosen(scores: list[list[float]], free: list[int], num: int, pool: int) -> Counter[int]:
    counts: Counter[int] = Counter()
    for seed in range(200):
        rows = [np.array(row, dtype=np.float32) for row in scores]
        mask = np.array(free, dtype=bool)
        counts.update(_choose(rows, mask, num, pool, np.random.default_rng(seed)).tolist())
    return counts


NONE = float(SILENT)


@pytest.mark.parametrize(
    ("scores", "free", "pool", "hardest"),
    [
        ([[1, 5, 3, 2, 4]], [1, 1, 1, 1, 1], 2, {1, 4}),
        ([[1, 5, 3, 2, 4]], [1, 0, 1, 1, 1], 2, {2, 4}),  # who is not free has no rank
        ([[9, 8, 7, 1, 0], [0, 1, 2, 3, 4]], [1, 1, 1, 1, 1], 2, {0, 4}),  # the best rank counts, not the sum
        ([[NONE, NONE, NONE, NONE, 1], [4, 3, 2, 1, NONE]], [1, 1, 1, 1, 1], 3, {0, 1, 4}),
        ([[2, 2, 2, 1, NONE]], [1, 1, 1, 1, 1], 2, {0, 1, 2}),  # ties are broken at random
        ([[NONE] * 5, [NONE, NONE, NONE, 0.1, NONE]], [1, 1, 1, 1, 1], 1, {3}),
        ([[NONE, NONE, NONE, 0.1, NONE]], [1, 1, 1, 1, 1], 2, {0, 1, 2, 3, 4}),  # the silent are drawn last
        ([[NONE] * 5], [1, 1, 0, 1, 1], 3, {0, 1, 3, 4}),
        ([[3, 2, 1, 0, -1]], [0, 0, 0, 1, 1], 50, {3, 4}),
    ],
)
def test_the_best_rank_makes_the_pool(
    scores: list[list[float]], free: list[int], pool: int, hardest: set[int]
) -> None:
    counts = chosen(scores, free, 1, pool)
    assert set(counts) == hardest
    assert counts.total() == 200
    assert chosen(scores, free, 99, pool).total() == 200 * min(pool, sum(free))
    assert not chosen(scores, [0] * 5, 3, pool)


def test_a_ranked_candidate_goes_before_the_silent_ones() -> None:
    counts = chosen([[NONE, NONE, NONE, 0.1, NONE]], [1] * 5, 2, 2)
    assert counts[3] == 200
    assert all(20 < counts[other] < 80 for other in (0, 1, 2, 4))


def matched(kept: list[tuple[int, int]], pairs: list[tuple[int, int]]) -> int:
    """How many pairs find an entry (end, node) of `kept` that they keep, each entry used once."""
    fits = np.array([[pair[end] == node for end, node in kept] for pair in pairs])
    return int((maximum_bipartite_matching(csr_array(fits), perm_type="column") >= 0).sum())


@settings(deadline=None, max_examples=40)
@given(graphs(), st.integers(0, 5), st.integers(1, 3), st.sampled_from([1, 2, 50]))
def test_every_negative_keeps_one_end_of_a_positive(
    data: HeteroData, seed: int, half: int, pool: int
) -> None:
    """At 2k:1 every positive keeps its TF k times and its gene k times, or as often as there are pairs."""
    split = everything_as_training(data)
    positives = split.positives["train"]
    drawn = drawn_pairs(HardNegatives(pool=pool), split, "train", 2 * half * positives.size(1), seed)
    ends = [(end, node) for pair in positives.t().tolist() for end, node in enumerate(pair)]
    if drawn:
        assert matched(ends * min(half, pool), drawn) == len(drawn)


def test_an_odd_negative_replaces_either_end_in_turn() -> None:
    positives = HUBS.positives["test"].t().tolist()
    (tf, gene), (other_tf, other_gene) = (
        positives[0],
        next(pair for pair in positives if pair[0] != positives[0][0] and pair[1] != positives[0][1]),
    )
    pairs = torch.tensor([[tf, other_tf], [gene, other_gene]])
    two = replace(HUBS, positives={**HUBS.positives, "test": pairs})
    kept = [(0, tf), (1, other_gene)]
    assert matched(kept, drawn_pairs(HARD, two, "test", 2, 0)) == 2
    kept += [(0, tf), (0, other_tf), (1, gene), (1, other_gene)]
    assert matched(kept, drawn_pairs(HARD, two, "test", 6, 0)) == 6


def difficulty(split: LinkSplit, sampler: NegativeSampler, table: NDArray[Any]) -> float:
    """AUROC of a heuristic on the test part: the harder the negatives, the lower."""
    pairs = evaluation_sets(split, sampler, 2, 0)["test"]
    tf, gene = pairs.edge_label_index.numpy()
    return auroc(pairs.edge_label.numpy(), table[tf, gene])


def test_harder_than_uniform_for_the_heuristics_and_the_more_so_the_smaller_the_pool() -> None:
    edges = adjacency(HUBS.graph)
    for table in (three_paths(edges), pagerank(edges)):
        uniform = difficulty(HUBS, UniformNegatives(), table)
        wide, narrow = (difficulty(HUBS, HardNegatives(pool=pool), table) for pool in (50, 5))
        assert narrow < wide < uniform - 0.2


def test_held_out_edges_make_no_difference_and_message_edges_do() -> None:
    """The pairs that must not be drawn stay the same."""
    num = HUBS.positives["validation"].size(1)

    def draw(split: LinkSplit) -> Tensor:
        return HARD.draw(split, "validation", excluded(HUBS), num, 0)

    train = HUBS.positives["train"]
    blind = replace(HUBS, positives={**HUBS.positives, "test": HUBS.positives["test"][:, :1]})
    assert equal(draw(HUBS), draw(blind))
    fewer = replace(HUBS, graph=with_messages(HUBS.graph, train[:, ::2]))
    assert not equal(draw(HUBS), draw(fewer))


def alone(split: LinkSplit, part: str, at: int) -> LinkSplit:
    """The split with one positive of the part only; the others are still excluded by the caller."""
    return replace(split, positives={**split.positives, part: split.positives[part][:, at : at + 1]})


def first_choices(split: LinkSplit, part: str, at: int) -> list[list[int]]:
    """With a pool of one: the pair with another gene, then the pair with another TF."""
    drawn = HardNegatives(pool=1).draw(alone(split, part, at), part, excluded(split), 2, 0).t().tolist()
    tf = int(split.positives[part][0, at])
    return sorted(drawn, key=lambda pair: pair[0] != tf)


def best(candidates: list[int], score: dict[int, float]) -> set[int]:
    highest = max(score[node] for node in candidates)
    return {node for node in candidates if score[node] == highest}


def free_ends(split: LinkSplit, part: str, tf: int, gene: int) -> tuple[list[int], list[int]]:
    """Genes that the TF may still have, and TFs that the gene may still have."""
    pairs = [divmod(code, int(split.graph[GENE].num_nodes)) for code in free_codes(split, part)]
    return [g for t, g in pairs if t == tf], [t for t, g in pairs if g == gene]


@pytest.mark.parametrize("at", range(0, 60, 5))
def test_the_hardest_of_all_is_the_first_choice_of_a_heuristic(at: int) -> None:
    edges = adjacency(HUBS.graph)
    paths, shares = three_paths(edges), pagerank(edges)
    from_gene = shares * edges.sum(axis=1).astype(np.float32)[:, None]
    tf, gene = HUBS.positives["test"][:, at].tolist()
    genes, tfs = free_ends(HUBS, "test", tf, gene)
    (kept_tf, new_gene), (new_tf, kept_gene) = first_choices(HUBS, "test", at)
    assert (kept_tf, kept_gene) == (tf, gene)
    by_path, by_share = (best(genes, dict(enumerate(table[tf]))) for table in (paths, shares))
    assert new_gene in by_path | by_share
    by_path, by_share = (best(tfs, dict(enumerate(table[:, gene]))) for table in (paths, from_gene))
    assert new_tf in by_path | by_share


@pytest.mark.parametrize("part", ["test_cold_tf", "test_cold_gene", "test_cold_both"])
def test_without_training_edges_the_one_most_alike_in_expression_comes_first(part: str) -> None:
    """A walk from or to an unseen node ends nowhere."""
    split = ColdStartSplit(tf_ratio=0.4, gene_ratio=0.4).split(small_graph(20, 80), seed=0)
    unit, measured = {}, {}
    for kind in (TF, GENE):
        measured[kind] = split.graph[kind].has_expression.numpy()
        unit[kind] = unit_vectors(split.graph[kind].x.numpy(), measured[kind])
    for at in range(split.positives[part].size(1)):
        tf, gene = split.positives[part][:, at].tolist()
        (kept_tf, new_gene), (new_tf, kept_gene) = first_choices(split, part, at)
        assert (kept_tf, kept_gene) == (tf, gene)
        genes, tfs = free_ends(split, part, tf, gene)
        for kind, free, true, new in ((GENE, genes, gene, new_gene), (TF, tfs, tf, new_tf)):
            if measured[kind][true]:
                cosine = (unit[kind] @ unit[kind][true]).astype(np.float32)
                assert new in best([n for n in free if measured[kind][n]], dict(enumerate(cosine)))


@pytest.mark.parametrize("num_features", [0, 5])
@pytest.mark.slow
def test_where_everything_is_silent_every_free_candidate_is_drawn_in_the_end(num_features: int) -> None:
    """No expression at all, or none of the ends that are replaced, while others have some."""
    data = small_graph(20, 80, num_features)
    split = ColdStartSplit(tf_ratio=0.4, gene_ratio=0.4).split(data, seed=0)
    part = "test_cold_both"
    ends = split.positives[part][:, 0]
    for kind, end in zip((TF, GENE), ends.tolist(), strict=True):
        split.graph[kind].has_expression[end % 2 :: 2] = False
    drawn: Counter[tuple[int, ...]] = Counter()
    for seed in range(300):
        pairs = HardNegatives(pool=1).draw(alone(split, part, 0), part, excluded(split), 2, seed)
        drawn.update(map(tuple, pairs.t().tolist()))
    genes, tfs = free_ends(split, part, *ends.tolist())
    tf, gene = ends.tolist()
    assert set(drawn) == {(tf, other) for other in genes} | {(other, gene) for other in tfs}


def test_a_small_pool_ends_early() -> None:
    positives = HUBS.positives["test"].size(1)
    drawn = HardNegatives(pool=2).sample(HUBS, "test", 10, 0)
    assert drawn.size(1) == 4 * positives


def test_pairs_that_were_taken_are_left_out() -> None:
    first = HARD.sample(HUBS, "test", 4, 0)
    second = HARD.sample(HUBS, "test", 4, 0, taken=first)
    assert not torch.isin(pair_codes(HUBS.graph, second), pair_codes(HUBS.graph, first)).any()
