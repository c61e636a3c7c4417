"""Contract checks for pair features."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import torch
from torch_geometric.data import HeteroData

from grnpyg.core.seeding import torch_generator
from grnpyg.data.graph import REGULATES, TF, num_nodes
from grnpyg.models.pair_features import Messages, PairFeature, pair_features
from grnpyg.splits.messages import with_messages
from grnpyg.testing.graph import small_graph
from grnpyg.testing.rules import ensure, equal


def check_pair_feature(spec: str | type[PairFeature], data: HeteroData | None = None, **options: Any) -> None:
    """Check a pair feature.

    There are as many tables as declared. They cover every pair and are finite, even for nodes without an
    edge. The same graph gives the same bits again and is not changed. Nothing depends on graphs that were
    seen earlier.

    Args:
        spec: name, `module:Class` or class.
        data: the graph to check it on; default `small_graph()`. Missing co-expression is made up.
        options: of the feature.

    Raises:
        AssertionError: the broken rule.
        InputError: unknown name or option, or tables that `PairFeature.checked` refuses.
    """
    data = copy.copy(small_graph() if data is None else data)
    feature = pair_features.build(spec, **options)
    for kind in feature.needs:
        if kind not in data[TF]:
            generator = torch_generator(0, "check_pair_feature", kind)
            data[TF][kind] = torch.rand(num_nodes(data), generator=generator) * 2 - 1

    before = copy.deepcopy(data.to_dict())
    tables = feature.checked(Messages(data))
    ensure(equal(before, data.to_dict()), "tables changes the graph it is given")
    ensure(_same(tables, feature.checked(Messages(data))), "twice the same graph gives other tables")
    edges = data[REGULATES].edge_index
    alone = (edges[0] != edges[0, 0]) & (edges[1] != edges[1, 0])  # a TF and a gene are left without an edge
    for some in (edges[:, ::2], edges[:, alone]):
        fewer = with_messages(data, some)
        fresh = pair_features.build(spec, **options).checked(Messages(fewer))
        ensure(
            _same(feature.checked(Messages(fewer)), fresh), "tables depend on a graph that was seen before"
        )


def _same(first: list[Any], second: list[Any]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
