"""The checks of samplers, splitters and baselines are checked: each class here breaks one promise."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from torch import Tensor
from torch_geometric.data import HeteroData

from grnpyg.core.errors import GrnpygError
from grnpyg.data.graph import GENE, REGULATES, TF, pair_codes
from grnpyg.models.baselines import DegreeProduct
from grnpyg.negatives import DegreeMatchedNegatives, NegativeSampler, SameTFNegatives, UniformNegatives
from grnpyg.splits import LinkSplit, TransductiveSplit
from grnpyg.testing import check_baseline, check_negatives, check_splitter


class FewerPairs(UniformNegatives):
    def draw(self, split: LinkSplit, part: str, excluded: Tensor, num: int, seed: int) -> Tensor:
        return super().draw(split, part, excluded, num, seed)[:, 1:]


class IgnoresExcluded(UniformNegatives):
    def draw(self, split: LinkSplit, part: str, excluded: Tensor, num: int, seed: int) -> Tensor:
        return super().draw(split, part, excluded[:, :0], num, seed)


class IgnoresWarm(UniformNegatives):
    def draw(self, split: LinkSplit, part: str, excluded: Tensor, num: int, seed: int) -> Tensor:
        everything = {kind: torch.arange(split.graph[kind].num_nodes) for kind in (TF, GENE)}
        wider = replace(split, warm=everything)
        return super().draw(wider, part, excluded, num, seed)


class Repeats(UniformNegatives):
    def draw(self, split: LinkSplit, part: str, excluded: Tensor, num: int, seed: int) -> Tensor:
        return super().draw(split, part, excluded, max(1, num - 1), seed)[:, [0, *range(num - 1)]]


class OneSeed(UniformNegatives):
    def draw(self, split: LinkSplit, part: str, excluded: Tensor, num: int, seed: int) -> Tensor:
        return super().draw(split, part, excluded, num, 0)


class GlobalDraw(UniformNegatives):
    def draw(self, split: LinkSplit, part: str, excluded: Tensor, num: int, seed: int) -> Tensor:
        return super().draw(split, part, excluded, num, int(torch.randint(1000, ())))


class AlwaysWarm(UniformNegatives):
    def draw(self, split: LinkSplit, part: str, excluded: Tensor, num: int, seed: int) -> Tensor:
        return super().draw(replace(split, universes={}), part, excluded, num, seed)


class NotTheLastGene(UniformNegatives):
    """Fine until many pairs are wanted."""

    def draw(self, split: LinkSplit, part: str, excluded: Tensor, num: int, seed: int) -> Tensor:
        tf, gene = split.universe(part)
        column = torch.stack([tf, gene[-1:].expand(tf.numel())])
        codes = pair_codes(split.graph, excluded)
        new = column[:, ~torch.isin(pair_codes(split.graph, column), codes)]
        return super().draw(split, part, torch.cat([excluded, new], dim=1), num, seed)


class Counts(UniformNegatives):
    calls = 0

    def draw(self, split: LinkSplit, part: str, excluded: Tensor, num: int, seed: int) -> Tensor:
        self.calls += 1
        return super().draw(split, part, excluded, num, seed + self.calls)


class Remembers(UniformNegatives):
    """The same instance says the same thing again; another one does not."""

    instances = 0

    def __init__(self) -> None:
        Remembers.instances += 1
        self.salt = Remembers.instances

    def draw(self, split: LinkSplit, part: str, excluded: Tensor, num: int, seed: int) -> Tensor:
        return super().draw(split, part, excluded, num, seed + self.salt)


class Nothing(SameTFNegatives):
    def draw(self, split: LinkSplit, part: str, excluded: Tensor, num: int, seed: int) -> Tensor:
        return super().draw(split, part, excluded, num, seed)[:, :0]


class OneMore(SameTFNegatives):
    def draw(self, split: LinkSplit, part: str, excluded: Tensor, num: int, seed: int) -> Tensor:
        return super().draw(split, part, excluded, num + 1, seed)


class OneMoreUnchecked(SameTFNegatives):
    """Goes around the check of the base class."""

    def sample(
        self, split: LinkSplit, part: str, ratio: float, seed: int, *, taken: Tensor | None = None
    ) -> Tensor:
        more = ratio + 1 / split.positives[part].size(1)
        return super().sample(split, part, more, seed, taken=taken)


class IgnoresExcludedByTF(SameTFNegatives):
    def draw(self, split: LinkSplit, part: str, excluded: Tensor, num: int, seed: int) -> Tensor:
        return super().draw(split, part, excluded[:, :0], num, seed)


class IgnoresTaken(SameTFNegatives):
    def sample(
        self, split: LinkSplit, part: str, ratio: float, seed: int, *, taken: Tensor | None = None
    ) -> Tensor:
        return super().sample(split, part, ratio, seed)


class AlwaysWarmByTF(SameTFNegatives):
    def draw(self, split: LinkSplit, part: str, excluded: Tensor, num: int, seed: int) -> Tensor:
        return super().draw(split, "train", excluded, num, seed)


class RepeatsByTF(SameTFNegatives):
    def draw(self, split: LinkSplit, part: str, excluded: Tensor, num: int, seed: int) -> Tensor:
        drawn = super().draw(split, part, excluded, max(1, num - 1), seed)
        return torch.cat([drawn, drawn[:, :1]], dim=1)


class OneSeedMatched(DegreeMatchedNegatives):
    def draw(self, split: LinkSplit, part: str, excluded: Tensor, num: int, seed: int) -> Tensor:
        return super().draw(split, part, excluded, num, 0)


class GlobalMatched(DegreeMatchedNegatives):
    def draw(self, split: LinkSplit, part: str, excluded: Tensor, num: int, seed: int) -> Tensor:
        np.random.seed(seed % 2**32)  # noqa: NPY002
        return super().draw(split, part, excluded, num, seed)


NEGATIVES: dict[type[NegativeSampler], str] = {
    FewerPairs: "drew",
    IgnoresExcluded: "is drawn|outside the candidate universe|other pairs",
    IgnoresWarm: "outside the candidate universe",
    AlwaysWarm: "outside the candidate universe",
    Repeats: "drawn twice",
    OneSeed: "the seed has no effect",
    GlobalDraw: "global generator of torch",
    NotTheLastGene: "drew",
    Counts: "the same seed draws other pairs",
    Remembers: "the same seed draws other pairs",
    Nothing: "finds no pair for",
    OneMore: "drew",
    OneMoreUnchecked: r"\d+ asked for, \d+ drawn",
    IgnoresExcludedByTF: "a known edge is drawn|outside the candidate universe",
    IgnoresTaken: "a pair that was taken is drawn",
    AlwaysWarmByTF: "outside the candidate universe",
    RepeatsByTF: "drawn twice",
    OneSeedMatched: "the seed has no effect",
    GlobalMatched: "global generator of numpy",
}


class LosesAnEdge(TransductiveSplit):
    def divide(self, data: HeteroData, seed: int) -> LinkSplit:
        split = super().divide(data, seed)
        split.positives["test"] = split.positives["test"][:, 1:]
        return split


class OtherEachTime(TransductiveSplit):
    calls: ClassVar[list[int]] = []

    def divide(self, data: HeteroData, seed: int) -> LinkSplit:
        self.calls.append(0)
        return super().divide(data, len(self.calls))


class DrawsGlobally(TransductiveSplit):
    def divide(self, data: HeteroData, seed: int) -> LinkSplit:
        np.random.rand()  # noqa: NPY002
        return super().divide(data, seed)


class NoTest(TransductiveSplit):
    def divide(self, data: HeteroData, seed: int) -> LinkSplit:
        split = super().divide(data, seed)
        parts = {**split.positives, "test": split.positives["test"][:, :0]}
        return LinkSplit(split.graph, parts, split.warm, 0, split.positives["test"])


class MessagesOfTheTest(TransductiveSplit):
    def divide(self, data: HeteroData, seed: int) -> LinkSplit:
        split = super().divide(data, seed)
        return LinkSplit(data, split.positives, split.warm, split.moved_back, split.set_aside)


class BlanksFeatures(TransductiveSplit):
    def divide(self, data: HeteroData, seed: int) -> LinkSplit:
        split = super().divide(data, seed)
        split.graph[GENE].x = torch.zeros_like(split.graph[GENE].x)
        return split


class EditsTheGraph(TransductiveSplit):
    def divide(self, data: HeteroData, seed: int) -> LinkSplit:
        split = super().divide(copy.copy(data), seed)
        data[REGULATES].edge_index = split.positives["train"]
        return split


SPLITTERS: dict[type[TransductiveSplit], str] = {
    LosesAnEdge: "not the known edges",
    OtherEachTime: "the same seed gives another split",
    DrawsGlobally: "global generator of numpy",
    NoTest: "test subset is empty",
    MessagesOfTheTest: "^message-edge",
    BlanksFeatures: "changes the gene nodes",
    EditsTheGraph: "changes the graph it is given|another split",
}


class ReadsTheTest(DegreeProduct):
    def fit(self, split: LinkSplit, pairs: Any) -> None:
        super().fit(split, pairs)
        self.tf += np.bincount(split.known[0].numpy(), minlength=self.tf.size)


class Column(DegreeProduct):
    def score(self, edge_label_index: Tensor) -> Any:
        return super().score(edge_label_index)[:, None]


class Noise(DegreeProduct):
    def score(self, edge_label_index: Tensor) -> Any:
        return np.random.default_rng().random(edge_label_index.size(1))


class Ranks(DegreeProduct):
    def score(self, edge_label_index: Tensor) -> Any:
        return np.arange(edge_label_index.size(1), dtype=float)


class Infinite(DegreeProduct):
    def score(self, edge_label_index: Tensor) -> Any:
        return np.where(edge_label_index[0] == 0, -np.inf, super().score(edge_label_index))


BASELINES: dict[type[DegreeProduct], str] = {
    ReadsTheTest: "held-out edges",
    Column: r"shape \(100, 1\)",
    Infinite: "not finite",
    Noise: "fitted again",
    Ranks: "order of the pairs",
}

MUTANTS = [
    pytest.param(check, mutant, broken, id=mutant.__name__)
    for check, mutants in (
        (check_negatives, NEGATIVES),
        (check_splitter, SPLITTERS),
        (check_baseline, BASELINES),
    )
    for mutant, broken in mutants.items()
]


@pytest.mark.parametrize(("check", "mutant", "broken"), MUTANTS)
def test_a_broken_promise_is_caught(check: Callable[[type], None], mutant: type, broken: str) -> None:
    """The base classes catch a part of them themselves, with a `GrnpygError`."""
    with pytest.raises((AssertionError, GrnpygError), match=broken):
        check(mutant)
