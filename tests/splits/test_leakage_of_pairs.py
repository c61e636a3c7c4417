"""Candidate sets and training pairs: every leak is planted once and must be reported by its name."""

from __future__ import annotations

import re
from collections.abc import Callable

import pandas as pd
import pytest
import torch
from torch import Tensor
from torch_geometric.data import HeteroData

from grnpyg.core.errors import LeakageError
from grnpyg.core.seeding import numpy_generator
from grnpyg.data.graph import ENCODED_BY, GENE, REGULATES, TF, build_graph
from grnpyg.negatives import evaluation_sets, negatives, training_pairs
from grnpyg.splits import LabelledPairs, LinkSplit, TransductiveSplit, leakage
from grnpyg.splits.messages import with_messages
from grnpyg.testing import small_graph


def plus(pairs: Tensor, more: Tensor) -> Tensor:
    return torch.cat([pairs, more], dim=1)


def train(split: LinkSplit) -> Tensor:
    return split.positives["train"]


def hidden(split: LinkSplit) -> Tensor:
    return split.positives["test"][:, :1]


@pytest.fixture
def with_cold() -> LinkSplit:
    """The last gene has no known edge, so it is cold."""
    data = small_graph()
    edges = data[REGULATES].edge_index
    fewer = edges[:, edges[1] != data[GENE].num_nodes - 1]
    return TransductiveSplit().split(with_messages(data, fewer), seed=0)


Sets = dict[str, LabelledPairs]
PlantSet = Callable[[LinkSplit, Sets], Sets]


def swap(sets: Sets, part: str, positives: Tensor | None = None, drawn: Tensor | None = None) -> Sets:
    old = sets[part]
    new = (old.positives if positives is None else positives, old.negatives if drawn is None else drawn)
    return {**sets, part: LabelledPairs.join(*new)}


EVALUATION_LEAKS: dict[str, tuple[str, PlantSet]] = {
    "training edge as negative": (
        "false-negative",
        lambda s, e: swap(e, "test", drawn=plus(e["test"].negatives, train(s)[:, :1])),
    ),
    "validation edge as negative of the test": (
        "false-negative",
        lambda s, e: swap(e, "test", drawn=plus(e["test"].negatives, s.positives["validation"][:, :1])),
    ),
    "own gene as negative": (
        "not-a-candidate",
        lambda s, e: swap(e, "test", drawn=plus(e["test"].negatives, s.graph[ENCODED_BY].edge_index[:, :1])),
    ),
    "cold gene as negative": (
        "not-a-candidate",
        lambda s, e: swap(e, "test", drawn=torch.tensor([[0], [s.graph[GENE].num_nodes - 1]])),
    ),
    "negative twice": (
        "duplicate",
        lambda s, e: swap(e, "validation", drawn=plus(e["validation"].negatives, e["validation"].negatives)),
    ),
    "positive also as negative": (
        "duplicate",
        lambda s, e: swap(e, "test", drawn=plus(e["test"].negatives, hidden(s))),
    ),
    "training edge as positive": ("wrong-positives", lambda s, e: swap(e, "test", positives=train(s)[:, :3])),
    "negative as positive": (
        "wrong-positives",
        lambda s, e: swap(e, "test", positives=e["test"].negatives, drawn=e["test"].negatives[:, :0]),
    ),
    "validation and test share a negative": (
        "shared-pair",
        lambda s, e: swap(e, "test", drawn=e["validation"].negatives[:, :1]),
    ),
    "id too large": (
        "bad-id",
        lambda s, e: swap(e, "test", drawn=torch.tensor([[s.graph[TF].num_nodes], [0]])),
    ),
}


@pytest.mark.parametrize("leak", EVALUATION_LEAKS)
def test_a_planted_leak_in_evaluation_is_reported_by_its_name(with_cold: LinkSplit, leak: str) -> None:
    sets = evaluation_sets(with_cold, negatives.build("uniform"), 1.0, 0)
    leakage.check_evaluation(with_cold, sets)
    name, plant = EVALUATION_LEAKS[leak]
    with pytest.raises(LeakageError, match=f"^{name}:"):
        leakage.check_evaluation(with_cold, plant(with_cold, sets))


@pytest.mark.parametrize("part", ["validation", "test"])
@pytest.mark.parametrize("which", ["positives", "negatives"])
def test_a_held_out_pair_in_training_is_caught_as_an_edge_and_may_be_a_negative(
    split: LinkSplit, part: str, which: str
) -> None:
    """Training does not know what is held out: it must be free to take a held-out pair as a negative."""
    sampler = negatives.build("uniform")
    sets = evaluation_sets(split, sampler, 1.0, 0)
    one = getattr(sets[part], which)[:, :1]
    leakage.check_training(split, LabelledPairs.join(train(split), one), sets)
    with pytest.raises(LeakageError, match=r"^held-out-in-training:"):
        leakage.check_training(split, LabelledPairs.join(plus(train(split), one), one[:, :0]), sets)


def test_a_held_out_edge_is_caught_without_evaluation_sets(split: LinkSplit) -> None:
    planted = LabelledPairs.join(plus(train(split), hidden(split)), torch.empty(2, 0, dtype=torch.long))
    with pytest.raises(LeakageError, match=r"^held-out-in-training:"):
        leakage.check_training(split, planted, {})


def test_a_set_aside_edge_in_training_is_caught() -> None:
    split = TransductiveSplit(val_ratio=0.4, test_ratio=0.4, isolated="set_aside").split(small_graph(), 0)
    assert split.set_aside.size(1) > 0
    planted = LabelledPairs.join(plus(train(split), split.set_aside[:, :1]), train(split)[:, :0])
    with pytest.raises(LeakageError, match=r"^held-out-in-training:"):
        leakage.check_training(split, planted, {})


def test_a_training_edge_as_negative_is_caught(split: LinkSplit) -> None:
    planted = LabelledPairs.join(train(split)[:, 1:], train(split)[:, :1])
    with pytest.raises(LeakageError, match=r"^false-negative:"):
        leakage.check_training(split, planted, {})


def test_missing_positives_are_caught(split: LinkSplit) -> None:
    sets = evaluation_sets(split, negatives.build("uniform"), 1.0, 0)
    with pytest.raises(LeakageError, match=r"^wrong-positives:"):
        leakage.check_evaluation(split, swap(sets, "test", positives=hidden(split)))


@pytest.mark.parametrize("name", ["duplicate", "not-a-candidate", "bad-id", "wrong-positives"])
def test_training_pairs_that_are_wrong_in_themselves_are_caught(split: LinkSplit, name: str) -> None:
    sampler = negatives.build("uniform")
    sets = evaluation_sets(split, sampler, 1.0, 0)
    drawn = training_pairs(split, sampler, 1.0, sets, 0, epoch=0).negatives
    planted = {
        "duplicate": LabelledPairs.join(train(split), plus(drawn, drawn[:, :1])),
        "not-a-candidate": LabelledPairs.join(train(split), split.graph[ENCODED_BY].edge_index),
        "bad-id": LabelledPairs.join(train(split), torch.tensor([[0], [split.graph[GENE].num_nodes]])),
        "wrong-positives": LabelledPairs.join(plus(train(split), drawn[:, :1]), drawn[:, 1:]),
    }
    with pytest.raises(LeakageError, match=f"^{name}:"):
        leakage.check_training(split, planted[name], sets)


def test_every_name_in_the_docstring_has_a_planted_leak() -> None:
    named = re.findall(r"`([a-z]+(?:-[a-z]+)*)`", leakage.check_evaluation.__doc__ or "")
    assert set(named) <= {name for name, _ in EVALUATION_LEAKS.values()}


@pytest.mark.parametrize("training", ["uniform", "same_tf", "degree_matched"])
@pytest.mark.parametrize("evaluated", ["uniform", "same_tf", "degree_matched", "hard"])
def test_negatives_drawn_inside_each_part_are_clean(training: str, evaluated: str) -> None:
    split = TransductiveSplit().split(small_graph(20, 160), seed=0)
    sets = evaluation_sets(split, negatives.build(evaluated), 1.0, 0)
    for epoch in range(3):
        pairs = training_pairs(split, negatives.build(training), 1.0, sets, 0, epoch)
        leakage.check_training(split, pairs, sets)


def dense_graph(share: float) -> HeteroData:
    """19 TFs, each linked to about this share of 200 genes."""
    linked = numpy_generator(0, "dense").random((19, 200)) < share
    pairs = [(f"T{i}", f"g{j}") for i, j in zip(*linked.nonzero(), strict=True)]
    return build_graph(pd.DataFrame(pairs, columns=["source", "target"]))


@pytest.mark.parametrize("evaluated", ["uniform", "same_tf", "degree_matched", "hard"])
@pytest.mark.parametrize("share", [0.45, 0.49])
def test_honest_draws_that_use_most_unlabelled_pairs_are_clean(evaluated: str, share: float) -> None:
    """The draws have little choice: what training lacks, the evaluation has, and the labels alone decide."""
    split = TransductiveSplit().split(dense_graph(share), seed=0)
    sets = evaluation_sets(split, negatives.build(evaluated), 0.9, 0)
    for training in ("uniform", "same_tf", "degree_matched"):
        pairs = training_pairs(split, negatives.build(training), 0.9, sets, 0, epoch=0)
        leakage.check_training(split, pairs, sets)
