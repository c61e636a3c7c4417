"""What every splitter and every negative sampler promises."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor
from torch_geometric.data import HeteroData

from grnpyg.data.graph import GENE, REGULATES, TF, pair_codes
from grnpyg.negatives import NegativeSampler, evaluation_sets, negatives, training_pairs
from grnpyg.splits import LinkSplit, Splitter, TransductiveSplit, splits
from grnpyg.splits.messages import with_messages
from grnpyg.testing.graph import small_graph
from grnpyg.testing.rules import ensure, equal, generators_untouched


def check_splitter(spec: str | type[Splitter], data: HeteroData | None = None, **options: Any) -> None:
    """Check a splitter.

    Nothing leaks; no part is empty; the parts and what is set aside are the known edges, each once; every
    node stays in the graph; the same seed gives the same split; graph and global generators are untouched.

    Args:
        spec: name, `module:Class` or class.
        data: the graph to check it on; default `small_graph()`.
        options: of the splitter.

    Raises:
        AssertionError: the broken rule.
        LeakageError: the leak.
    """
    data = small_graph() if data is None else data
    before = copy.deepcopy(data.to_dict())
    splitter = splits.build(spec, **options)
    with generators_untouched("split"):
        split, again = splitter.split(data, seed=0), splitter.split(data, seed=0)
    ensure(equal(before, data.to_dict()), "split changes the graph it is given")
    same = equal(
        [split.positives, split.warm, split.set_aside], [again.positives, again.warm, again.set_aside]
    )
    ensure(same, "the same seed gives another split")
    ensure(list(split.positives) == ["train", "validation", "test"], f"the parts are {list(split.positives)}")
    for name, pairs in split.positives.items():
        ensure(pairs.size(1) > 0, f"the {name} part is empty")
    known, edges = (_codes(data, pairs) for pairs in (split.known, data[REGULATES].edge_index))
    ensure(equal(known, edges), "the parts and what is set aside are not the known edges, each once")
    for kind in (TF, GENE):
        ensure(equal(split.graph[kind].to_dict(), data[kind].to_dict()), f"split changes the {kind} nodes")
        ensure(
            equal(split.warm[kind], split.warm[kind].unique()), f"warm {kind} ids are not sorted and unique"
        )


def check_negatives(
    spec: str | type[NegativeSampler], data: HeteroData | None = None, **options: Any
) -> None:
    """Check a negative sampler.

    The number asked for; distinct pairs inside the candidate universe, none known, excluded or taken; the
    seed decides, and nothing else; every pair there is can be drawn; global generators are untouched.

    Args:
        spec: name, `module:Class` or class.
        data: the graph to check it on; default `small_graph()`.
        options: of the sampler.

    Raises:
        AssertionError: the broken rule.
        LeakageError: the leak.
    """
    split = _split_with_cold_nodes(small_graph() if data is None else data)
    sampler = negatives.build(spec, **options)
    taken = torch.empty(2, 0, dtype=torch.long)
    for part, positives in split.positives.items():
        with generators_untouched("sample"):
            drawn, again, other = (sampler.sample(split, part, 1.0, seed, taken=taken) for seed in (0, 0, 1))
        ensure(drawn.size(1) == positives.size(1), f"{positives.size(1)} asked for, {drawn.size(1)} drawn")
        _check_drawn(split, drawn, taken)
        ensure(equal(drawn, again), "the same seed draws other pairs")
        ensure(not equal(*(_codes(split.graph, pairs) for pairs in (drawn, other))), "the seed has no effect")
        taken = torch.cat([taken, drawn], dim=1)

    left = _left(split, taken)
    drawn = sampler.sample(split, "train", left.numel() / split.positives["train"].size(1), 0, taken=taken)
    ensure(equal(_codes(split.graph, drawn), left), "asked for every pair that is left, it draws other pairs")

    held_out = evaluation_sets(split, sampler, 1.0, seed=0)
    epochs = [training_pairs(split, sampler, 1.0, held_out, 0, epoch).negatives for epoch in (0, 1)]
    ensure(not equal(*(_codes(split.graph, pairs) for pairs in epochs)), "every epoch draws the same pairs")


def _split_with_cold_nodes(data: HeteroData) -> LinkSplit:
    """A split in which the first TF and the first gene with an edge are cold."""
    edges = data[REGULATES].edge_index
    cold = (edges[0] == edges[0].min()) | (edges[1] == edges[1].min())
    return TransductiveSplit().split(with_messages(data, edges[:, ~cold]), seed=0)


def _check_drawn(split: LinkSplit, drawn: Tensor, taken: Tensor) -> None:
    codes = pair_codes(split.graph, drawn)
    ensure(drawn.dtype == torch.long, f"the ids are {drawn.dtype}, not {torch.long}")
    ensure(codes.unique().numel() == codes.numel(), "a pair is drawn twice")
    ensure(bool(split.is_candidate(drawn).all()), "a pair outside the candidate universe is drawn")
    for name, pairs in (("known edge", split.known), ("pair that was taken", taken)):
        ensure(not torch.isin(codes, pair_codes(split.graph, pairs)).any(), f"a {name} is drawn")


def _left(split: LinkSplit, taken: Tensor) -> Tensor:
    """Codes of the candidates that are neither known nor taken, ascending."""
    universe = torch.cartesian_prod(split.warm[TF], split.warm[GENE]).t()
    codes = _codes(split.graph, universe[:, split.is_candidate(universe)])
    return codes[~torch.isin(codes, _codes(split.graph, torch.cat([split.known, taken], dim=1)))]


def _codes(data: HeteroData, pairs: Tensor) -> Tensor:
    return pair_codes(data, pairs).sort().values
