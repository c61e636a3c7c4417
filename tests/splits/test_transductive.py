from __future__ import annotations

from typing import Literal

import pandas as pd
import pytest
import torch
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from strategies import graphs
from torch import Tensor
from torch_geometric.data import HeteroData

from grnpyg.core.errors import InputError
from grnpyg.data.graph import ENCODED_BY, GENE, REGULATED_BY, REGULATES, TF, build_graph, pair_codes
from grnpyg.splits import LinkSplit, TransductiveSplit, leakage, splits
from grnpyg.testing import small_graph
from grnpyg.testing.rules import equal, generators_untouched

POLICIES: tuple[Literal["move_back", "set_aside"], ...] = ("move_back", "set_aside")


def split_or_reject(data: HeteroData, seed: int, **options: object) -> LinkSplit:
    """The split; graphs so small that a subset is empty are left to another test."""
    try:
        return TransductiveSplit(**options).split(data, seed)
    except InputError as error:
        if "subset of the split is empty" in str(error):
            reject()
        raise


def pair_set(pairs: Tensor) -> set[tuple[int, int]]:
    result = {(tf, gene) for tf, gene in pairs.t().tolist()}
    assert len(result) == pairs.size(1), "a pair stands twice"
    return result


@settings(deadline=None, max_examples=60)
@given(graphs(), st.integers(0, 9), st.sampled_from(POLICIES), st.sampled_from([0.1, 0.2, 0.4]))
def test_every_edge_has_one_place_and_every_warm_node_a_training_edge(
    data: HeteroData, seed: int, isolated: Literal["move_back", "set_aside"], ratio: float
) -> None:
    options = {"val_ratio": ratio, "test_ratio": ratio, "isolated": isolated}
    with generators_untouched("split"):
        split = split_or_reject(data, seed, **options)
    leakage.check(split)
    parts = [pair_set(pairs) for pairs in (*split.positives.values(), split.set_aside)]
    assert sum(map(len, parts)) == len(set.union(*parts))
    assert set.union(*parts) == pair_set(data[REGULATES].edge_index) == pair_set(split.known)
    assert pair_set(split.graph[REGULATES].edge_index) == parts[0]
    assert pair_set(split.graph[REGULATED_BY].edge_index.flip(0)) == parts[0]
    for kind, end in ((TF, 0), (GENE, 1)):
        train, known = (set(pairs[end].tolist()) for pairs in (split.positives["train"], split.known))
        assert split.warm[kind].tolist() == sorted(train)
        assert set(split.cold(kind).tolist()) == set(range(data[kind].num_nodes)) - train
        if isolated == "move_back":  # only a node without any known edge stays cold
            assert train == known
    again = TransductiveSplit(**options).split(data, seed)
    assert equal(
        [split.positives, split.warm, split.moved_back], [again.positives, again.warm, again.moved_back]
    )


@settings(deadline=None, max_examples=40)
@given(graphs(), st.integers(0, 9))
@pytest.mark.slow
def test_the_two_policies_treat_the_same_isolated_nodes(data: HeteroData, seed: int) -> None:
    """Both start from the same draw of `RandomLinkSplit`; they differ in what becomes of isolated nodes."""
    ratios = {"val_ratio": 0.3, "test_ratio": 0.3}
    back = split_or_reject(data, seed, **ratios)
    aside = split_or_reject(data, seed, **ratios, isolated="set_aside")
    assert aside.moved_back == 0
    assert back.set_aside.size(1) == 0
    num_edges = data[REGULATES].num_edges
    drawn = num_edges - 2 * int(0.3 * num_edges)
    assert aside.positives["train"].size(1) == drawn
    assert back.positives["train"].size(1) == drawn + back.moved_back
    assert pair_set(aside.positives["train"]) <= pair_set(back.positives["train"])
    moved = pair_set(back.positives["train"]) - pair_set(aside.positives["train"])
    assert moved <= pair_set(aside.set_aside)
    isolated = [
        set(data[REGULATES].edge_index[end].tolist()) - set(aside.positives["train"][end].tolist())
        for end in (0, 1)
    ]
    # an edge saves one node or two, and none is moved without need
    assert max(map(len, isolated)) <= back.moved_back <= sum(map(len, isolated))
    for tf, gene in aside.set_aside.t().tolist():
        assert tf in isolated[0] or gene in isolated[1]


@settings(deadline=None, max_examples=40)
@given(graphs(), st.sampled_from(POLICIES))
@pytest.mark.slow
def test_a_tf_with_its_own_gene_is_never_a_candidate(
    data: HeteroData, isolated: Literal["move_back", "set_aside"]
) -> None:
    split = split_or_reject(data, 0, isolated=isolated)
    universe = torch.cartesian_prod(torch.arange(data[TF].num_nodes), torch.arange(data[GENE].num_nodes)).t()
    candidate = split.is_candidate(universe)
    for (tf, gene), is_candidate in zip(universe.t().tolist(), candidate.tolist(), strict=True):
        warm = tf in split.warm[TF].tolist() and gene in split.warm[GENE].tolist()
        assert is_candidate == (warm and data[TF].name[tf] != data[GENE].name[gene])
    assert not split.is_candidate(data[ENCODED_BY].edge_index).any()


def test_sizes_follow_the_ratios() -> None:
    data = small_graph(20, 200)
    num = data[REGULATES].num_edges
    split = TransductiveSplit(val_ratio=0.1, test_ratio=0.2, isolated="set_aside").split(data, 0)
    assert split.positives["train"].size(1) == num - int(0.1 * num) - int(0.2 * num)
    assert split.known.size(1) == num
    back = TransductiveSplit(val_ratio=0.1, test_ratio=0.2).split(data, 0)
    held_out = back.positives["validation"].size(1) + back.positives["test"].size(1)
    assert held_out == int(0.1 * num) + int(0.2 * num) - back.moved_back


def test_without_a_test_every_other_edge_trains() -> None:
    """For a later database as the judge: nothing of the labels is kept for a test that nobody looks at."""
    data = small_graph(20, 200)
    split = TransductiveSplit(val_ratio=0.1, test_ratio=0).split(data, 0)
    assert split.held_out == ("validation",)
    held_out = split.positives["validation"].size(1) + split.moved_back
    assert held_out == int(0.1 * data[REGULATES].num_edges)
    assert split.known.size(1) == data[REGULATES].num_edges


def test_another_seed_gives_another_split(graph: HeteroData) -> None:
    first, second = (TransductiveSplit().split(graph, seed) for seed in (0, 1))
    assert pair_set(first.positives["test"]) != pair_set(second.positives["test"])


def test_the_given_graph_is_not_changed_and_nodes_and_weights_stay(graph: HeteroData) -> None:
    graph[REGULATES].edge_weight = torch.randn(graph[REGULATES].num_edges)
    edges, weights = graph[REGULATES].edge_index.clone(), graph[REGULATES].edge_weight.clone()
    split = TransductiveSplit().split(graph, 0)
    assert equal([graph[REGULATES].edge_index, graph[REGULATES].edge_weight], [edges, weights])
    weight_of = dict(zip(pair_codes(graph, edges).tolist(), weights.tolist(), strict=True))
    kept = pair_codes(graph, split.graph[REGULATES].edge_index).tolist()
    assert split.graph[REGULATES].edge_weight.tolist() == [weight_of[code] for code in kept]
    assert equal(split.graph[GENE].to_dict(), graph[GENE].to_dict())
    assert equal(split.graph[ENCODED_BY].to_dict(), graph[ENCODED_BY].to_dict())


def test_a_star_keeps_no_held_out_edge() -> None:
    """Each gene has one edge, so every held-out edge has to go back: the parts are empty, and it says so."""
    star = build_graph(pd.DataFrame({"source": ["t"] * 10, "target": [f"g{i}" for i in range(10)]}))
    with pytest.raises(InputError, match=r"validation subset of the split is empty: .*\(10 edges, 1 TF"):
        TransductiveSplit().split(star, 0)


@pytest.mark.parametrize(
    "ratios", [(0, 0), (0.1, -0.1), (0.5, 0.5), (1.2, 0.1), (-0.1, 0.1), (float("nan"), 0.1)]
)
def test_ratios_that_leave_no_part_are_refused(ratios: tuple[float, float]) -> None:
    with pytest.raises(InputError, match=r"their sum below 1|finite number"):
        splits.build("transductive", val_ratio=ratios[0], test_ratio=ratios[1])


def two_columns(tfs: int, genes: int) -> HeteroData:
    pairs = [(f"T{i}", f"g{j}") for i in range(tfs) for j in range(genes)]
    return build_graph(pd.DataFrame(pairs, columns=["source", "target"]))


@pytest.mark.parametrize("genes", [116, 5000])
def test_labels_of_one_tf_are_refused_with_the_reason_and_the_advice_works(genes: int) -> None:
    with pytest.raises(
        InputError, match=r"every gene has one known edge .*1 TF\).*TFs share target"
    ) as refused:
        TransductiveSplit().split(two_columns(1, genes), seed=0)
    assert "TFs share target" in str(refused.value)
    assert "more edges" not in str(refused.value)
    assert TransductiveSplit().split(two_columns(2, genes), seed=0).positives["test"].size(1) > 0
