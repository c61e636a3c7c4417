from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from negatives.tables import drawn_pairs, everything_as_training, free_codes, hub_split
from pairwise import pairwise
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow
from strategies import graphs
from torch import Tensor
from torch_geometric.data import HeteroData

from grnpyg.core.errors import InputError
from grnpyg.data.graph import build_graph, num_nodes, pair_codes
from grnpyg.evaluation.negatives_report import reached
from grnpyg.negatives import DegreeMatchedNegatives, UniformNegatives, evaluation_sets, training_pairs
from grnpyg.splits import ColdStartSplit, LinkSplit
from grnpyg.testing import small_graph

MATCHED = DegreeMatchedNegatives()
HUBS = hub_split()


def degrees(pairs: Tensor | list[tuple[int, int]]) -> tuple[Counter[int], Counter[int]]:
    listed = pairs.t().tolist() if isinstance(pairs, Tensor) else pairs
    return Counter(tf for tf, _ in listed), Counter(gene for _, gene in listed)


def largest(split: LinkSplit, part: str, times: int) -> int:
    """How many free pairs can have the positives' degrees, at most: a flow from the TFs to the genes."""
    (num_tfs, num_genes), sides = num_nodes(split.graph), degrees(split.positives[part])
    source, sink = num_tfs + num_genes, num_tfs + num_genes + 1
    edges = [(code // num_genes, num_tfs + code % num_genes, 1) for code in free_codes(split, part)]
    edges += [(source, tf, times * count) for tf, count in sides[0].items()]
    edges += [(num_tfs + gene, sink, times * count) for gene, count in sides[1].items()]
    start, end, capacity = np.array(edges, dtype=np.int32).T
    table = csr_array((capacity, (start, end)), shape=(sink + 1, sink + 1))
    return int(maximum_flow(table, source, sink).flow_value)


@settings(deadline=None, max_examples=80)
@given(graphs(), st.integers(0, 5), st.integers(1, 3))
@pytest.mark.slow
def test_no_node_occurs_more_often_than_among_the_positives(data: HeteroData, seed: int, times: int) -> None:
    split = everything_as_training(data)
    positives = split.positives["train"]
    drawn = drawn_pairs(MATCHED, split, "train", times * positives.size(1), seed)
    for mine, theirs in zip(degrees(drawn), degrees(positives), strict=True):
        assert all(count <= times * theirs[node] for node, count in mine.items())


@settings(deadline=None, max_examples=60)
@given(graphs(), st.integers(0, 5))
def test_small_graphs_are_matched_as_far_as_can_be_but_for_a_pair_or_two(data: HeteroData, seed: int) -> None:
    split = everything_as_training(data)
    drawn = drawn_pairs(MATCHED, split, "train", split.positives["train"].size(1), seed)
    best = largest(split, "train", 1)
    assert best - 2 <= len(drawn) <= best


@pytest.mark.parametrize(
    ("part", "times", "seed"), pairwise(["train", "validation", "test"], [1, 3], range(3))
)
def test_where_there_is_room_both_marginals_are_those_of_the_part(part: str, times: int, seed: int) -> None:
    positives = HUBS.positives[part]
    drawn = drawn_pairs(MATCHED, HUBS, part, times * positives.size(1), seed)
    for mine, theirs in zip(degrees(drawn), degrees(positives), strict=True):
        assert mine == Counter({node: times * count for node, count in theirs.items()})


def test_a_fraction_is_matched_to_a_random_part_of_the_positives() -> None:
    positives = HUBS.positives["test"]
    num = round(1.5 * positives.size(1))
    draws = [drawn_pairs(MATCHED, HUBS, "test", num, seed) for seed in range(2)]
    for drawn in draws:
        assert len(drawn) == num
        for mine, theirs in zip(degrees(drawn), degrees(positives), strict=True):
            assert all(count <= mine[node] <= 2 * count for node, count in theirs.items())
    assert degrees(draws[0]) != degrees(draws[1])


@pytest.mark.parametrize("seed", range(10))
def test_two_edges_leave_one_way_and_it_is_found(seed: int) -> None:
    edges = pd.DataFrame([("a", "x"), ("b", "y")], columns=["source", "target"])
    split = everything_as_training(build_graph(edges))
    assert sorted(drawn_pairs(MATCHED, split, "train", 2, seed)) == [(0, 1), (1, 0)]


def test_a_full_table_gives_nothing_and_says_so() -> None:
    edges = pd.DataFrame([(t, g) for t in "ab" for g in "xyz"], columns=["source", "target"])
    full = everything_as_training(build_graph(edges))
    assert drawn_pairs(MATCHED, full, "train", 6, 0) == []
    # a TF alone among the positives has nobody to swap with, though pairs are free
    edges = pd.DataFrame([("a", "x"), ("a", "y"), ("b", "z")], columns=["source", "target"])
    split = everything_as_training(build_graph(edges))
    alone = replace(split, positives={**split.positives, "test": split.positives["train"][:, :2]})
    with pytest.raises(InputError, match="finds no pair for the test subset"):
        MATCHED.sample(alone, "test", 1.0, 0)


def test_a_hub_with_most_of_its_genes_loses_pairs_but_few_that_could_be_kept() -> None:
    """A dense regulon, where a hub cannot have as many negatives as it has targets."""
    generator = torch.Generator().manual_seed(0)
    share = torch.linspace(0.1, 0.6, 25).unsqueeze(1)
    linked = (torch.rand(25, 300, generator=generator) < share).nonzero().tolist()
    edges = pd.DataFrame([(f"t{tf}", f"g{gene}") for tf, gene in linked], columns=["source", "target"])
    split = everything_as_training(build_graph(edges))
    num = split.positives["train"].size(1)
    drawn, best = len(drawn_pairs(MATCHED, split, "train", num, 0)), largest(split, "train", 1)
    assert best < num
    assert 0.99 * best <= drawn <= best


def test_a_score_of_the_degrees_has_no_edge() -> None:
    """The point of it all: uniform negatives let the degree product score .7 to .8."""
    for part, num in (("test", 1), ("test", 3), ("train", 1)):
        facts = {}
        for sampler in (UniformNegatives(), MATCHED):
            sets = evaluation_sets(HUBS, sampler, num, 0)
            pairs = sets[part] if part == "test" else training_pairs(HUBS, sampler, 1, sets, 0, 0)
            facts[type(sampler)] = reached(HUBS, part, pairs).auroc
        assert facts[UniformNegatives]["degree_product"] > 0.7
        assert abs(facts[DegreeMatchedNegatives]["degree_product"] - 0.5) < 0.03
        for end in ("tf_degree", "gene_degree"):
            assert abs(facts[DegreeMatchedNegatives][end] - 0.5) < 1e-9


def test_unseen_nodes_are_matched_inside_their_own_part() -> None:
    split = ColdStartSplit(tf_ratio=0.4, gene_ratio=0.4).split(small_graph(20, 80), seed=0)
    for part in ("test_cold_tf", "test_cold_gene", "test_cold_both"):
        positives = split.positives[part]
        drawn = drawn_pairs(MATCHED, split, part, positives.size(1), 0)
        for mine, theirs in zip(degrees(drawn), degrees(positives), strict=True):
            assert mine <= theirs
        assert len(drawn) > 0.9 * positives.size(1)


def test_pairs_that_were_taken_are_left_out() -> None:
    first = MATCHED.sample(HUBS, "train", 1, 0)
    second = MATCHED.sample(HUBS, "train", 1, 0, taken=first)
    assert not torch.isin(pair_codes(HUBS.graph, second), pair_codes(HUBS.graph, first)).any()
