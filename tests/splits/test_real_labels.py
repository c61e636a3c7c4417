"""Splits of real labels: DoRothEA's, as they are bundled, many genes with a single known TF."""

from __future__ import annotations

from typing import Any

import pytest

from grnpyg.core.data_config import DataConfig, FeatureConfig
from grnpyg.data.graph import REGULATES
from grnpyg.data.load import load_grn
from grnpyg.splits import splits


@pytest.mark.parametrize(
    ("name", "options"),
    [("transductive", {}), ("cold_start", {}), ("pooled", {"acknowledge_leaks": True})],
)
def test_the_bundled_labels_are_divided_without_a_leak_that_is_not_acknowledged(
    name: str, options: dict[str, Any]
) -> None:
    """`split` itself raises for a leak."""
    graph = load_grn(DataConfig(expression=None), FeatureConfig(), seed=0).graph
    split = splits.build(name, **options).split(graph, seed=0)
    parts = [*split.positives.values(), split.set_aside]
    assert sum(pairs.size(1) for pairs in parts) == graph[REGULATES].num_edges == 32_286
    assert all(pairs.size(1) > 100 for pairs in split.positives.values())
