"""Every leak is planted once and must be reported by its name."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest
import torch
from torch import Tensor
from torch_geometric.data import HeteroData

from grnpyg.core.errors import LeakageError
from grnpyg.data.graph import ENCODED_BY, GENE, REGULATED_BY, REGULATES, TF, build_graph
from grnpyg.splits import LinkSplit, Splitter, TransductiveSplit, leakage
from grnpyg.splits.messages import with_messages
from grnpyg.testing import small_graph

Plant = Callable[[LinkSplit], LinkSplit]


def plus(pairs: Tensor, more: Tensor) -> Tensor:
    return torch.cat([pairs, more], dim=1)


def with_part(split: LinkSplit, **parts: Tensor) -> LinkSplit:
    return replace(split, positives={**split.positives, **parts})


def with_reverse(split: LinkSplit, edge_index: Tensor) -> LinkSplit:
    graph = copy.copy(split.graph)
    graph[REGULATED_BY].edge_index = edge_index
    return replace(split, graph=graph)


def with_warm(split: LinkSplit, kind: str, ids: Tensor) -> LinkSplit:
    return replace(split, warm={**split.warm, kind: ids})


def with_cell(split: LinkSplit, tf: Tensor, gene: Tensor) -> LinkSplit:
    """A test cell without positives over these TFs and genes."""
    parts = {**split.positives, "test_cell": split.positives["test"][:, :0]}
    return replace(split, positives=parts, universes={"test_cell": (tf, gene)})


def without_warm(split: LinkSplit, kind: str) -> LinkSplit:
    """The first training edge's gene is no longer called warm; its held-out edges go."""
    end = (TF, GENE).index(kind)
    node = split.positives["train"][end, 0]
    parts = {
        name: pairs if name == "train" else pairs[:, pairs[end] != node]
        for name, pairs in split.positives.items()
    }
    return with_warm(replace(split, positives=parts), kind, split.warm[kind][split.warm[kind] != node])


def messages(split: LinkSplit, edge_index: Tensor) -> LinkSplit:
    return replace(split, graph=with_messages(split.graph, edge_index))


def train(split: LinkSplit) -> Tensor:
    return split.positives["train"]


def hidden(split: LinkSplit) -> Tensor:
    return split.positives["test"][:, :1]


LEAKS: dict[str, tuple[str, Plant]] = {
    "test edge among the messages": ("message-edge", lambda s: messages(s, plus(train(s), hidden(s)))),
    "training edge missing": ("message-edge", lambda s: messages(s, train(s)[:, 1:])),
    "message twice": ("message-edge", lambda s: messages(s, plus(train(s), train(s)[:, :1]))),
    "test edge among the reverse": (
        "reverse-edge",
        lambda s: with_reverse(s, plus(train(s), hidden(s)).flip(0)),
    ),
    "test edge in place of another": (
        "reverse-edge",
        lambda s: with_reverse(s, plus(train(s)[:, 1:], hidden(s)).flip(0)),
    ),
    "validation shares a training edge": (
        "shared-pair",
        lambda s: with_part(s, validation=plus(s.positives["validation"], train(s)[:, :1])),
    ),
    "test shares a validation edge": (
        "shared-pair",
        lambda s: with_part(s, test=plus(s.positives["test"], s.positives["validation"][:, :1])),
    ),
    "set aside and tested": ("shared-pair", lambda s: replace(s, set_aside=hidden(s))),
    "test edge twice": ("duplicate", lambda s: with_part(s, test=plus(s.positives["test"], hidden(s)))),
    "set aside twice": (
        "duplicate",
        lambda s: replace(s, set_aside=torch.tensor([[0, 0], [0, 0]])),
    ),
    "TF without a training edge is warm": (
        "cold-in-universe",
        lambda s: with_warm(s, TF, torch.arange(s.graph[TF].num_nodes)),
    ),
    "gene without a training edge is warm": (
        "cold-in-universe",
        lambda s: with_warm(s, GENE, torch.arange(s.graph[GENE].num_nodes)),
    ),
    "cell mixes warm and cold TFs": (
        "cold-in-universe",
        lambda s: with_cell(s, torch.arange(s.graph[TF].num_nodes), s.warm[GENE]),
    ),
    "unseen gene of a cell was trained on": (
        "trained-cold-node",
        lambda s: with_cell(without_warm(s, GENE), s.warm[TF], s.positives["train"][1][:1]),
    ),
    "universe of a cell names a gene twice": (
        "bad-id",
        lambda s: with_cell(s, s.warm[TF], s.warm[GENE][[0, 0]]),
    ),
    "own gene is tested": (
        "not-a-candidate",
        lambda s: with_part(s, test=plus(s.positives["test"], s.graph[ENCODED_BY].edge_index[:, :1])),
    ),
    "tested TF is cold": (
        "not-a-candidate",
        lambda s: with_warm(s, TF, s.warm[TF][s.warm[TF] != hidden(s)[0]]),
    ),
    "tested gene is cold": (
        "not-a-candidate",
        lambda s: with_warm(s, GENE, s.warm[GENE][s.warm[GENE] != hidden(s)[1]]),
    ),
    "gene id too large": (
        "bad-id",
        lambda s: with_part(
            s, test=plus(s.positives["test"], torch.tensor([[0], [s.graph[GENE].num_nodes]]))
        ),
    ),
    "TF id too large": (
        "bad-id",
        lambda s: with_part(s, train=plus(train(s), torch.tensor([[s.graph[TF].num_nodes], [0]]))),
    ),
    "negative id": (
        "bad-id",
        lambda s: with_part(s, validation=plus(s.positives["validation"], torch.tensor([[-1], [0]]))),
    ),
    "bad id set aside": ("bad-id", lambda s: replace(s, set_aside=torch.tensor([[-1], [0]]))),
}


@pytest.fixture
def with_cold() -> LinkSplit:
    """A clean split of a graph with one TF and one gene that have no edge."""
    data = small_graph()
    tf, gene = data[REGULATES].edge_index
    named = [(data[TF].name[i], data[GENE].name[j]) for i, j in zip(tf.tolist(), gene.tolist(), strict=True)]
    edges = pd.DataFrame(named, columns=["source", "target"])
    data = build_graph(edges, tfs=[*data[TF].name, "lone_tf"], genes=[*data[GENE].name, "lone_gene"])
    return TransductiveSplit().split(data, seed=0)


@pytest.mark.parametrize("leak", LEAKS)
def test_a_planted_leak_is_reported_by_its_name(with_cold: LinkSplit, leak: str) -> None:
    leakage.check(with_cold)
    name, plant = LEAKS[leak]
    with pytest.raises(LeakageError, match=f"^{name}:"):
        leakage.check(plant(with_cold))


def test_every_name_in_the_docstring_has_a_planted_leak() -> None:
    named = re.findall(r"`([a-z]+(?:-[a-z]+)*)`", leakage.check.__doc__ or "")
    brought = {"negatives-spare-held-out", "balanced-before-splitting"}  # planted in test_brought.py
    assert {name for name, _ in LEAKS.values()} | brought == set(named)


def test_a_splitter_that_leaks_is_stopped_by_its_base_class(graph: HeteroData) -> None:
    class Leaky(Splitter):
        def divide(self, data: HeteroData, seed: int) -> LinkSplit:
            return replace(TransductiveSplit().divide(data, seed), graph=data)

    with pytest.raises(LeakageError, match=r"^message-edge"):
        Leaky().split(graph, 0)


@pytest.mark.parametrize("edge_type", [(TF, "binds", GENE), (GENE, "bound_by", TF)])
def test_a_held_out_pair_under_another_edge_type_is_caught(
    split: LinkSplit, edge_type: tuple[str, str, str]
) -> None:
    graph, pairs = copy.copy(split.graph), split.positives["test"]
    graph[edge_type].edge_index = pairs if edge_type[0] == TF else pairs.flip(0)
    with pytest.raises(LeakageError, match=r"^message-edge:"):
        leakage.check(replace(split, graph=graph))


def test_a_message_edge_with_a_bad_id_is_caught(split: LinkSplit) -> None:
    edges = train(split).clone()
    position = int(edges[0].argmax())
    edges[0, position] -= 1  # (tf - 1, gene + num_genes) has the code of (tf, gene)
    edges[1, position] += split.graph[GENE].num_nodes
    with pytest.raises(LeakageError):
        leakage.check(messages(split, edges))


def test_the_message_names_a_pair(split: LinkSplit) -> None:
    tf, gene = hidden(split).squeeze(1).tolist()
    named = f"1 pairs, for example {split.graph[TF].name[tf]} -> {split.graph[GENE].name[gene]}"
    with pytest.raises(LeakageError, match=named):
        leakage.check(replace(split, set_aside=hidden(split)))
