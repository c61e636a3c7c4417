"""Contract checks for pair features."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import torch
from torch_geometric.data import HeteroData

from grnpyg.core.seeding import torch_generator
from grnpyg.data.graph import REGULATES, TF, num_nodes
from grnpyg.models.groups import GROUPS
from grnpyg.models.pair_features import Messages, PairFeature, pair_features
from grnpyg.splits.messages import with_messages
from grnpyg.testing.graph import small_graph
from grnpyg.testing.rules import ensure, equal

TOLERANCE = 1e-6


def check_pair_feature(spec: str | type[PairFeature], data: HeteroData | None = None, **options: Any) -> None:
    """Check a pair feature.

    There are as many numbers as declared. They are finite for every pair, even for nodes without an edge,
    and the same whether pairs or whole rows are asked for, in any order. The same graph gives the same bits
    again and is not changed. Nothing depends on graphs that were seen earlier. The group is a known one.

    Args:
        spec: name, `module:Class` or class.
        data: the graph to check it on; default `small_graph()`. Missing co-expression is made up.
        options: of the feature.

    Raises:
        AssertionError: the broken rule.
        InputError: unknown name or option, or numbers that `PairFeature.checked` refuses.
    """
    data = copy.copy(small_graph() if data is None else data)
    feature = pair_features.build(spec, **options)
    ensure(feature.group in GROUPS, f"its group is {feature.group!r}, none of {list(GROUPS)}")
    for kind in feature.needs:
        if kind not in data[TF]:
            generator = torch_generator(0, "check_pair_feature", kind)
            data[TF][kind] = torch.rand(num_nodes(data), generator=generator) * 2 - 1

    before = copy.deepcopy(data.to_dict())
    tables = pair_tables(feature, data)
    ensure(equal(before, data.to_dict()), "numbers changes the graph it is given")
    ensure(_same(tables, pair_tables(feature, data)), "twice the same graph gives other numbers")
    edges = data[REGULATES].edge_index
    alone = (edges[0] != edges[0, 0]) & (edges[1] != edges[1, 0])  # a TF and a gene are left without an edge
    for some in (edges[:, ::2], edges[:, alone]):
        fewer = with_messages(data, some)
        fresh = pair_tables(pair_features.build(spec, **options), fewer)
        ensure(_same(pair_tables(feature, fewer), fresh), "numbers depend on a graph that was seen before")


def pair_tables(feature: PairFeature, data: HeteroData) -> list[Any]:
    """Every number of every pair of a small graph, (num_tfs, num_genes) each.

    Raises:
        AssertionError: a value is not finite, or `at` and `rows` differ.
    """
    num_tfs, num_genes = num_nodes(data)
    tf, gene = np.divmod(np.arange(num_tfs * num_genes), num_genes)
    mixed = np.random.default_rng(0).permutation(tf.size)
    tables = []
    for number in feature.checked(Messages(data)):
        table = number.rows(np.arange(num_tfs))
        ensure(bool(np.isfinite(table).all()), "gives values that are not finite")
        ensure(
            table.shape == (num_tfs, num_genes) and table.dtype == np.float32,
            f"rows gives {table.dtype} of shape {table.shape}, not float32 of TFs x genes",
        )
        pairs = number.at(tf[mixed], gene[mixed])
        ensure(
            np.allclose(pairs, table[tf[mixed], gene[mixed]], rtol=TOLERANCE, atol=TOLERANCE),
            "at and rows give different values for the same pairs",
        )
        tables.append(table)
    return tables


def _same(first: list[Any], second: list[Any]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
