"""Contract checks for baselines."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch_geometric.data import HeteroData

from grnpyg.core.errors import InputError
from grnpyg.core.seeding import torch_generator
from grnpyg.data.graph import TF, num_nodes, pair_codes
from grnpyg.models.baselines import Baseline, baselines
from grnpyg.negatives import evaluation_sets, negatives, training_pairs
from grnpyg.splits import LabelledPairs, LinkSplit, TransductiveSplit
from grnpyg.testing.graph import small_graph, some_pairs
from grnpyg.testing.rules import ensure, generators_untouched


def check_baseline(spec: str | type[Baseline], data: HeteroData | None = None, **options: Any) -> None:
    """Check a baseline.

    It gives one finite score per pair, independent of the order of the pairs, and the same from `score_all`.
    Fitting again gives the same scores. Held-out edges make no difference, unless `sees_held_out` is set:
    then every pair must be scored correctly. Without the co-expression that it needs it refuses to fit.
    Global generators are untouched.

    Args:
        spec: name, `module:Class` or class.
        data: the graph to check it on; default `small_graph()` with the necessary co-expression.
        options: of the baseline.

    Raises:
        AssertionError: the broken rule.
    """
    needs = baselines.get(spec).needs
    split = TransductiveSplit().split(_small_graph(needs) if data is None else data, seed=0)
    uniform = negatives.build("uniform")
    train = training_pairs(split, uniform, 1.0, evaluation_sets(split, uniform, 1.0, 0), 0, epoch=0)
    pairs = some_pairs(split.graph)

    def fitted(given: LinkSplit) -> Baseline:
        baseline = baselines.build(spec, **options)
        with generators_untouched("fit"):
            baseline.fit(given, train)
        return baseline

    baseline = fitted(split)
    with generators_untouched("score"):
        first, flipped = baseline.score(pairs), baseline.score(pairs.flip(1))
    num = pairs.size(1)
    ensure(first.shape == (num,), f"the scores of {num} pairs have shape {first.shape}, not ({num},)")
    ensure(bool(np.isfinite(first).all()), "the scores are not finite")
    ensure(np.array_equal(fitted(split).score(pairs), first), "fitted again, it gives other scores")
    ensure(np.allclose(flipped, first[::-1]), "scores depend on the order of the pairs")
    _check_score_all(baseline, split.graph)
    if needs:
        _check_refuses(spec, options, split, train)
    if baseline.sees_held_out:
        _check_right(baseline, split)
        return
    kept = {name: edges if name == "train" else edges[:, :1] for name, edges in split.positives.items()}
    blind = fitted(replace(split, positives=kept)).score(pairs)
    ensure(np.array_equal(blind, first), "the scores depend on held-out edges")


def _small_graph(needs: tuple[str, ...]) -> HeteroData:
    data = small_graph()
    for kind in needs:
        data[TF][kind] = 2 * torch.rand(num_nodes(data), generator=torch_generator(0, kind)) - 1
    return data


def _every_pair(data: HeteroData) -> Tensor:
    return torch.cartesian_prod(*map(torch.arange, num_nodes(data))).t()


def _check_score_all(baseline: Baseline, data: HeteroData) -> None:
    """Check `score_all` on all nodes, and on some in another order with one repeated."""
    expected = baseline.score(_every_pair(data)).reshape(num_nodes(data))
    tfs, genes = map(torch.arange, num_nodes(data))
    for tf_index, gene_index in ((tfs, genes), (tfs[[1, 0, 1]], genes.flip(0)[:-1]), (tfs[:1], genes[:0])):
        with generators_untouched("score_all"):
            table: NDArray[Any] = baseline.score_all(tf_index, gene_index)
        shape = (tf_index.numel(), gene_index.numel())
        ensure(table.shape == shape, f"score_all of {shape} nodes has shape {table.shape}")
        wanted = expected[np.ix_(tf_index.numpy(), gene_index.numpy())]
        ensure(np.allclose(table, wanted), "score_all and score differ")


def _check_refuses(
    spec: str | type[Baseline], options: dict[str, Any], split: LinkSplit, train: LabelledPairs
) -> None:
    baseline = baselines.build(spec, **options)
    bare = split.graph.clone()
    for kind in baseline.needs:
        del bare[TF][kind]
    try:
        baseline.fit(replace(split, graph=bare), train)
    except InputError:
        return
    ensure(False, f"without {', '.join(baseline.needs)} in the graph, fit raises no InputError")


def _check_right(baseline: Baseline, split: LinkSplit) -> None:
    pairs = _every_pair(split.graph)
    known = torch.isin(pair_codes(split.graph, pairs), pair_codes(split.graph, split.known)).numpy()
    scores = baseline.score(pairs)
    right = bool(scores[known].min() > scores[~known].max())
    ensure(right, "sees_held_out is set, yet a known edge does not score above every other pair")
