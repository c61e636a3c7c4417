from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from negatives.tables import everything_as_training, excluded, free_codes
from strategies import graphs
from torch_geometric.data import HeteroData

from grnpyg.data.graph import pair_codes
from grnpyg.negatives.candidates import Candidates, per_positive


@settings(deadline=None, max_examples=40)
@given(graphs())
def test_the_table_is_free_where_a_pair_may_be_drawn(data: HeteroData) -> None:
    """TFs and genes without an edge stand outside the universe, so positions are not ids."""
    split = everything_as_training(data)
    candidates = Candidates.of(split, "train", excluded(split))
    pairs = candidates.pairs(*np.nonzero(candidates.free))
    assert set(pair_codes(data, pairs).tolist()) == free_codes(split, "train")
    rows, columns = candidates.positions(split.positives["train"])
    assert candidates.pairs(rows, columns).equal(split.positives["train"])
    assert not candidates.free[rows, columns].any()


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 50), st.integers(1, 300), st.integers(0, 3))
def test_negatives_are_shared_out_equally(num_positives: int, num: int, seed: int) -> None:
    counts = per_positive(num_positives, num, np.random.default_rng(seed))
    assert counts.sum() == num
    assert set(counts.tolist()) <= {num // num_positives, num // num_positives + 1}


def test_chance_decides_who_gets_one_more() -> None:
    total = sum(per_positive(10, 13, np.random.default_rng(seed)) for seed in range(400))
    assert all(460 < count < 580 for count in total)  # 520 each
