"""Contract checks for splitters and negative samplers."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor
from torch_geometric.data import HeteroData

from grnpyg.data.graph import GENE, REGULATES, TF, pair_codes
from grnpyg.negatives import NegativeSampler, evaluation_sets, negatives, training_pairs
from grnpyg.splits import ColdStartSplit, LinkSplit, Splitter, splits
from grnpyg.testing.graph import small_graph
from grnpyg.testing.rules import ensure, equal, generators_untouched


def check_splitter(spec: str | type[Splitter], data: HeteroData | None = None, **options: Any) -> None:
    """Check a splitter.

    Nothing leaks. No subset is empty. Every known edge is in exactly one subset or set aside. Every node
    stays in the graph. The same seed gives the same split. Graph and global generators are untouched.

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
        [split.positives, split.warm, split.set_aside, split.universes],
        [again.positives, again.warm, again.set_aside, again.universes],
    )
    ensure(same, "the same seed gives another split")
    ensure(list(split.positives)[:3] == ["train", "validation", "test"], f"parts: {list(split.positives)}")
    cells = set(split.positives) - {"train", "validation", "test"}
    ensure(set(split.universes) == cells, "subsets of unseen nodes, and no others, have their own universes")
    for name, pairs in split.positives.items():
        ensure(pairs.size(1) > 0, f"the {name} subset is empty")
    known, edges = (_codes(data, pairs) for pairs in (split.known, data[REGULATES].edge_index))
    ensure(equal(known, edges), "the subsets and what is set aside are not the known edges, each once")
    for kind in (TF, GENE):
        ensure(equal(split.graph[kind].to_dict(), data[kind].to_dict()), f"split changes the {kind} nodes")
        ensure(
            equal(split.warm[kind], split.warm[kind].unique()), f"warm {kind} ids are not sorted and unique"
        )


def check_negatives(
    spec: str | type[NegativeSampler], data: HeteroData | None = None, **options: Any
) -> None:
    """Check a negative sampler, on subsets of seen and of unseen nodes.

    It draws the number asked for; a sampler that is not `exact` may draw fewer, but at least one. Pairs are
    distinct and inside the universe of the subset; none is known, excluded or taken. They depend on the seed
    only. For training they are the same whatever edges are held out: training knows its own edges alone. An
    `exact` sampler can draw all available pairs. Global generators are untouched.

    Args:
        spec: name, `module:Class` or class.
        data: the graph to check it on, with enough edges for each subset; default `small_graph(12, 60)`.
        options: of the sampler.

    Raises:
        AssertionError: the broken rule.
        LeakageError: the leak.
    """
    data = small_graph(12, 60) if data is None else data
    split = ColdStartSplit(tf_ratio=0.3, gene_ratio=0.3).split(data, seed=0)
    sampler = negatives.build(spec, **options)
    taken = torch.empty(2, 0, dtype=torch.long)
    draws: list[list[Tensor]] = [[], []]  # codes of each subset, by seed
    for subset in split.positives:
        with generators_untouched("sample"):
            drawn, again, other = (
                sampler.sample(split, subset, 1.0, seed, taken=taken) for seed in (0, 0, 1)
            )
        _check_drawn(split, subset, drawn, taken, exact=sampler.exact)
        fresh = negatives.build(spec, **options).sample(split, subset, 1.0, 0, taken=taken)
        ensure(equal(drawn, again) and equal(drawn, fresh), "the same seed draws other pairs")
        for codes, pairs in zip(draws, (drawn, other), strict=True):
            codes.append(_codes(split.graph, pairs))
        taken = torch.cat([taken, drawn], dim=1)
    without = replace(split, positives={**split.positives, "test": split.positives["test"][:, :1]})
    same = equal(*(sampler.sample(given, "train", 1.0, 0) for given in (split, without)))
    ensure(same, "the training negatives depend on held-out edges")
    # a sampler that is not exact may have no choice in a small subset
    kept = [equal(*codes) for codes in zip(*draws, strict=True)]
    ensure(not (any(kept) if sampler.exact else all(kept)), "the seed has no effect")

    if sampler.exact:
        for subset, positives in split.positives.items():
            left = _left(split, subset, taken)
            if left.numel():  # the subsets of seen nodes share their universe
                drawn = sampler.sample(split, subset, left.numel() / positives.size(1), 0, taken=taken)
                complete = equal(_codes(split.graph, drawn), left)
                ensure(complete, "asked for every pair that is left, it draws other pairs")

    held_out = evaluation_sets(split, sampler, 1.0, seed=0)
    epochs = [training_pairs(split, sampler, 1.0, held_out, 0, epoch).negatives for epoch in (0, 1)]
    ensure(not equal(*(_codes(split.graph, pairs) for pairs in epochs)), "every epoch draws the same pairs")


def _check_drawn(split: LinkSplit, subset: str, drawn: Tensor, taken: Tensor, *, exact: bool) -> None:
    num, asked, codes = drawn.size(1), split.positives[subset].size(1), pair_codes(split.graph, drawn)
    ensure(num == asked if exact else 0 < num <= asked, f"{asked} asked for, {num} drawn")
    ensure(drawn.dtype == torch.long, f"the ids are {drawn.dtype}, not {torch.long}")
    ensure(codes.unique().numel() == num, "a pair is drawn twice")
    ensure(bool(split.is_candidate(drawn, subset).all()), "a pair outside the candidate universe is drawn")
    for name, pairs in (("known edge", _labelled(split, subset)), ("pair that was taken", taken)):
        ensure(not torch.isin(codes, pair_codes(split.graph, pairs)).any(), f"a {name} is drawn")


def _left(split: LinkSplit, subset: str, taken: Tensor) -> Tensor:
    """Codes of the subset's candidates that are neither known nor taken, ascending."""
    universe = torch.cartesian_prod(*split.universe(subset)).t()
    codes = _codes(split.graph, universe[:, split.is_candidate(universe, subset)])
    used = torch.cat([_labelled(split, subset), taken], dim=1)
    return codes[~torch.isin(codes, _codes(split.graph, used))]


def _labelled(split: LinkSplit, subset: str) -> Tensor:
    """(2, E) the edges that a sampler knows when it draws for a subset."""
    return split.of_training().known if subset == "train" else split.known


def _codes(data: HeteroData, pairs: Tensor) -> Tensor:
    return pair_codes(data, pairs).sort().values
