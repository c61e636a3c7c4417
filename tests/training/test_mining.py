"""Which candidates are kept as hard negatives."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from grnpyg.core.errors import InputError
from grnpyg.resolve import make_config
from grnpyg.splits import LabelledPairs
from grnpyg.training.mining import hardest


def labelled(tf: list[int], label: list[float], output: list[int] | None = None) -> LabelledPairs:
    index = torch.stack([torch.tensor(tf), torch.arange(len(tf))])
    return LabelledPairs(index, torch.tensor(label), None if output is None else torch.tensor(output))


def test_each_tf_keeps_its_own_hardest() -> None:
    pairs = labelled([0, 0, 0, 0, 0, 1, 1, 1], [1, 0, 0, 0, 0, 1, 0, 0])
    scores = torch.tensor([9.0, 1.0, 3.0, 2.0, 0.0, 9.0, -5.0, -4.0])
    kept = hardest(pairs, scores, 0.5, 1.0)
    assert kept.edge_label_index[1].tolist() == [0, 2, 3, 5, 7]
    assert kept.edge_label.tolist() == [1, 0, 0, 1, 0]


def test_what_scores_like_a_known_edge_is_left_out() -> None:
    """The mean of TF 0's positives is 4: a candidate above 3 may be an edge that nobody has reported."""
    pairs = labelled([0, 0, 0, 0, 0], [1, 1, 0, 0, 0])
    scores = torch.tensor([5.0, 3.0, 3.5, 2.9, 1.0])
    assert hardest(pairs, scores, 1.0, 1.0).edge_label_index[1].tolist() == [0, 1, 3, 4]
    assert hardest(pairs, scores, 0.3, 1.0).edge_label_index[1].tolist() == [0, 1, 3]


def test_a_tf_without_positives_is_held_to_the_mean_of_all() -> None:
    pairs = labelled([0, 1, 1], [1, 0, 0])
    assert hardest(pairs, torch.tensor([2.0, 1.9, 0.5]), 1.0, 1.0).edge_label_index[1].tolist() == [0, 2]


def test_every_output_keeps_its_own_share() -> None:
    pairs = labelled([0] * 6, [1, 1, 0, 0, 0, 0], [0, 1, 0, 0, 1, 1])
    scores = torch.tensor([9.0, 9.0, 5.0, 4.0, 1.0, 0.0])
    kept = hardest(pairs, scores, 0.5, 1.0)
    assert kept.output is not None
    assert kept.output.tolist() == [0, 1, 0, 1]
    assert kept.edge_label_index[1].tolist() == [0, 1, 2, 4]


@given(st.integers(0, 2**32 - 1), st.floats(0.05, 1.0))
def test_positives_stay_and_no_kept_negative_is_easier_than_one_left_out(seed: int, share: float) -> None:
    generator = torch.Generator().manual_seed(seed)
    tf = torch.randint(4, (60,), generator=generator)
    label = (torch.rand(60, generator=generator) < 0.3).float()
    label[0] = 1.0
    pairs = LabelledPairs(torch.stack([tf, torch.arange(60)]), label)
    scores = torch.randn(60, generator=generator)
    kept = hardest(pairs, scores, share, 0.0)
    there = torch.isin(torch.arange(60), kept.edge_label_index[1])
    assert there[label > 0.5].all()
    for one in range(4):
        own = (tf == one) & (label < 0.5)
        positives = scores[(tf == one) & (label > 0.5)]
        limit = (positives if positives.numel() else scores[label > 0.5]).mean()
        allowed = own & (scores <= limit)
        wanted = min(int(allowed.sum()), -int(-own.sum() * share // 1))
        assert int((own & there).sum()) == wanted
        if wanted and (allowed & ~there).any():
            assert scores[own & there].min() >= scores[allowed & ~there].max()


def test_models_that_read_messages_need_folds() -> None:
    values: dict[str, Any] = {"encoder": "sage", "negatives": {"mining": {}}}
    with pytest.raises(InputError, match="disjoint_train_ratio"):
        make_config(values)
    assert make_config({**values, "training": {"disjoint_train_ratio": 0.25}}).negatives.mining is not None
