"""Numbers that are computed together, shared and on several threads, are those of each by itself."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from grnpyg.models.pair_features import Messages, pair_features, table
from grnpyg.testing.graph import small_graph


@pytest.mark.parametrize("threads", [1, 2])
def test_the_table_is_what_each_number_gives(threads: int) -> None:
    graph = small_graph()
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        names = [name for name in pair_features.names() if not pair_features.get(name).needs]
        numbers = [n for name in names for n in pair_features.build(name).numbers(Messages(graph))]
        assert len(numbers) > 20
        rng = np.random.default_rng(0)
        tf = np.sort(rng.integers(0, numbers[0].shape[0], 50))
        gene = rng.integers(0, numbers[0].shape[1], 50)
        expected = np.stack([number.at(tf, gene) for number in numbers], axis=1)
        assert np.array_equal(table(numbers, tf, gene), expected)
    finally:
        torch.set_num_threads(before)
