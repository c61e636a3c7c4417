"""Folds of nodes: unseen ends in training are those of a cold start, and nothing that is scored is known."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from grnpyg.core.errors import InputError
from grnpyg.data.graph import GENE, REGULATES, TF, pair_codes
from grnpyg.negatives import negatives, training_pairs
from grnpyg.resolve import make_config
from grnpyg.runs.draws import cycle
from grnpyg.splits import LinkSplit, splits
from grnpyg.splits.folds import node_fold
from grnpyg.testing.graph import small_graph
from grnpyg.training.prepare import check_cells

FOLDS = 4


def split_of() -> LinkSplit:
    return splits.build("transductive").split(small_graph(16, 60), 0)


def codes(split: LinkSplit, pairs: torch.Tensor) -> set[int]:
    return set(pair_codes(split.graph, pairs).tolist())


def test_every_node_is_unseen_in_exactly_one_fold() -> None:
    split = split_of()
    for kind, end in ((TF, 0), (GENE, 1)):
        unseen = []
        for number in range(FOLDS):
            cells = node_fold(split, number, FOLDS, 0)
            messages = cells[0].graph[REGULATES].edge_index[end]
            ends = {tuple(cell.universe("train")[end].tolist()) for cell in cells}
            (held,) = (nodes for nodes in ends if not torch.isin(torch.tensor(nodes), messages).any())
            unseen += held
        assert sorted(unseen) == split.warm[kind].tolist(), kind


def test_an_edge_is_scored_where_an_end_is_unseen_and_carries_messages_where_both_are_seen() -> None:
    split = split_of()
    for number in range(FOLDS):
        cells = node_fold(split, number, FOLDS, 0)
        messages = cells[0].graph[REGULATES].edge_index
        seen = [set(messages[0].tolist()), set(messages[1].tolist())]
        scored = [codes(split, cell.positives["train"]) for cell in cells]
        assert sum(map(len, scored)) == len(set().union(*scored))
        assert not set().union(*scored) & codes(split, messages)
        for cell in cells:
            assert cell.graph is cells[0].graph
            assert codes(split, cell.known) == codes(split, split.known)
            ends = {
                tuple(node in of_end for node, of_end in zip(pair, seen, strict=True))
                for pair in cell.positives["train"].t().tolist()
            }
            assert len(ends) == 1, "a cell mixes seen and unseen ends"
            assert ends != {(True, True)}


@pytest.mark.parametrize("sampler", ["uniform", "same_tf", "mixed"])
def test_negatives_come_from_the_candidates_of_the_cell(sampler: str) -> None:
    split = split_of()
    for cell in node_fold(split, 1, FOLDS, 0):
        tf, gene = cell.universe("train")
        drawn = training_pairs(cell, negatives.build(sampler), 0.5, {}, 0, 0).negatives
        assert torch.isin(drawn[0], tf).all()
        assert torch.isin(drawn[1], gene).all()
        assert not codes(split, drawn) & codes(split, split.positives["train"])


def test_folds_follow_the_seed_alone() -> None:
    split = split_of()
    first, again, other = (node_fold(split, 0, FOLDS, seed) for seed in (3, 3, 4))
    assert torch.equal(first[0].graph[REGULATES].edge_index, again[0].graph[REGULATES].edge_index)
    assert codes(split, first[0].graph[REGULATES].edge_index) != codes(
        split, other[0].graph[REGULATES].edge_index
    )


def test_folds_of_edges_and_of_nodes_take_turns() -> None:
    split = split_of()
    base = {"encoder": "sage", "training": {"disjoint_train_ratio": 0.25}}
    edges = cycle(make_config(base), split)
    both = cycle(make_config({**base, "training": {**base["training"], "cold_folds": True}}), split)
    assert (len(edges), len(both)) == (4, 8)
    for mine, theirs in zip(edges, both[::2], strict=True):
        assert torch.equal(mine[0].positives["train"], theirs[0].positives["train"])
    assert cycle(make_config({}), split) == [(split,)]


def test_what_cannot_be_a_fold_of_nodes_is_refused() -> None:
    split = split_of()
    brought = replace(split, negatives={"train": split.positives["train"][:, :1]})
    with pytest.raises(InputError, match="its own training negatives"):
        node_fold(brought, 0, 2, 0)
    star = split.positives["train"][:, split.positives["train"][0] == split.positives["train"][0, 0]]
    warm = {TF: star[0].unique(), GENE: star[1].unique()}
    with pytest.raises(InputError, match="leaves no edge to learn from"):
        node_fold(replace(split, positives={**split.positives, "train": star}, warm=warm), 0, 2, 0)
    with pytest.raises(InputError, match="disjoint_train_ratio"):
        make_config({"training": {"cold_folds": True}})


def test_a_cell_without_the_negatives_that_it_needs_is_refused_before_training() -> None:
    """It was in the epoch that met it, with what was trained so far left behind."""
    split, training = split_of(), {"disjoint_train_ratio": 0.25, "cold_folds": True}
    enough, few = (
        make_config({"encoder": "sage", "training": training, "negatives": {"ratio": ratio}})
        for ratio in (0.5, 0.01)
    )
    check_cells(enough, cycle(enough, split), {})
    with pytest.raises(InputError, match="a fold of the nodes has too few negatives") as refused:
        check_cells(few, cycle(few, split), {})
    assert refused.value.where == "training.cold_folds"
