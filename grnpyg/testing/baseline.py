"""What every baseline promises."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor
from torch_geometric.data import HeteroData

from grnpyg.baselines import Baseline, baselines
from grnpyg.negatives import evaluation_sets, negatives, training_pairs
from grnpyg.splits import LinkSplit, TransductiveSplit
from grnpyg.testing.graph import small_graph, some_pairs
from grnpyg.testing.rules import ensure, generators_untouched


def check_baseline(spec: str | type[Baseline], data: HeteroData | None = None, **options: Any) -> None:
    """Check a baseline.

    One finite score per pair, whatever the order of the pairs; fitted twice, the same scores; held-out edges
    make no difference; global generators are untouched.

    Args:
        spec: name, `module:Class` or class.
        data: the graph to check it on; default `small_graph()`.
        options: of the baseline.

    Raises:
        AssertionError: the broken rule.
    """
    split = TransductiveSplit().split(small_graph() if data is None else data, seed=0)
    uniform = negatives.build("uniform")
    train = training_pairs(split, uniform, 1.0, evaluation_sets(split, uniform, 1.0, 0), 0, epoch=0)
    pairs = some_pairs(split.graph)

    def scores(given: LinkSplit, wanted: Tensor) -> NDArray[Any]:
        baseline = baselines.build(spec, **options)
        with generators_untouched("fit or score"):
            baseline.fit(given, train)
            return baseline.score(wanted)

    first = scores(split, pairs)
    num = pairs.size(1)
    ensure(first.shape == (num,), f"the scores of {num} pairs have shape {first.shape}, not ({num},)")
    ensure(bool(np.isfinite(first).all()), "the scores are not finite")
    ensure(np.array_equal(scores(split, pairs), first), "fitted again, it gives other scores")
    ensure(np.allclose(scores(split, pairs.flip(1)), first[::-1]), "scores depend on the order of the pairs")
    kept = {name: edges if name == "train" else edges[:, :1] for name, edges in split.positives.items()}
    blind = scores(replace(split, positives=kept), pairs)
    ensure(np.array_equal(blind, first), "the scores depend on held-out edges")
