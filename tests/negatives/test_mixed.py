"""The mixture: every kind in its share, none twice, each as its own sampler would draw it."""

from __future__ import annotations

import pytest
import torch

from grnpyg.core.errors import InputError
from grnpyg.data.graph import num_nodes, pair_codes
from grnpyg.negatives import MixedNegatives
from grnpyg.splits import LinkSplit, splits
from grnpyg.testing.graph import small_graph


@pytest.fixture(scope="module")
def split() -> LinkSplit:
    return splits.build("transductive").split(small_graph(20, 200), 0)


def degrees(pairs: torch.Tensor, split: LinkSplit) -> list[torch.Tensor]:
    sizes = num_nodes(split.graph)
    return [torch.bincount(pairs[end], minlength=sizes[end]) for end in (0, 1)]


@pytest.mark.parametrize("ratio", [1.0, 2.5])
def test_pairs_are_distinct_and_no_more_than_asked_for(split: LinkSplit, ratio: float) -> None:
    pairs = MixedNegatives().sample(split, "train", ratio, 3)
    codes = pair_codes(split.graph, pairs)
    assert codes.unique().numel() == codes.numel()
    assert not torch.isin(codes, pair_codes(split.graph, split.positives["train"])).any()
    assert codes.numel() <= round(ratio * split.positives["train"].size(1))


def test_a_weight_of_one_kind_alone_gives_that_kind(split: LinkSplit) -> None:
    positives = split.positives["train"]
    wanted = degrees(positives, split)
    same_tf = MixedNegatives(uniform=0, degree_matched=0).sample(split, "train", 1, 0)
    assert torch.equal(degrees(same_tf, split)[0], wanted[0])
    assert not torch.equal(degrees(same_tf, split)[1], wanted[1])
    matched = MixedNegatives(uniform=0, same_tf=0).sample(split, "train", 1, 0)
    short = positives.size(1) - matched.size(1)
    for own, end in zip(degrees(matched, split), wanted, strict=True):
        assert int((end - own).abs().sum()) == short
        assert (own <= end).all()
    uniform = MixedNegatives(same_tf=0, degree_matched=0).sample(split, "train", 1, 0)
    assert uniform.size(1) == positives.size(1)
    assert not torch.equal(degrees(uniform, split)[0], wanted[0])


def test_shares_follow_the_weights(split: LinkSplit) -> None:
    """The first of them are degree-matched: a third, and their ends have the positives' degrees at most."""
    num = split.positives["train"].size(1)
    pairs = MixedNegatives(uniform=1, same_tf=1, degree_matched=1).sample(split, "train", 3, 0)
    assert pairs.size(1) == 3 * num
    for own, end in zip(
        degrees(pairs[:, :num], split), degrees(split.positives["train"], split), strict=True
    ):
        assert torch.equal(own, end)
    assert torch.equal(
        degrees(pairs[:, num : 2 * num], split)[0], degrees(split.positives["train"], split)[0]
    )


def test_no_weight_at_all_is_refused() -> None:
    with pytest.raises(InputError, match="every weight is 0"):
        MixedNegatives(uniform=0, same_tf=0, degree_matched=0)
