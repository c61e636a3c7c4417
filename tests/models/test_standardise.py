"""Features are scaled by what all training pairs so far had, in training as in scoring."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from grnpyg.models.structure import Standardise, StructureTerm
from grnpyg.testing.graph import small_graph, some_pairs


def batches(seed: int, sizes: list[int]) -> list[Tensor]:
    """Batches whose mean and spread differ."""
    generator = torch.Generator().manual_seed(seed)
    return [
        at + (1 + at) * torch.randn(size, 3, generator=generator) for at, size in enumerate(sizes, start=1)
    ]


def fitted(seen: list[Tensor]) -> Standardise:
    scale = Standardise(3).train()
    for batch in seen:
        scale(batch)
    return scale


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 1000), st.lists(st.integers(2, 30), min_size=1, max_size=8))
def test_the_statistics_are_means_over_all_batches(seed: int, sizes: list[int]) -> None:
    """Not of the last batch, nor of the last ones most: an epoch on unseen nodes does not push others out."""
    seen = batches(seed, sizes)
    scale = fitted(seen)
    mean = torch.stack([batch.mean(dim=0) for batch in seen]).mean(dim=0)
    variance = torch.stack([batch.var(dim=0) for batch in seen]).mean(dim=0)
    torch.testing.assert_close(scale.running_mean, mean, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(scale.running_var, variance, rtol=1e-4, atol=1e-4)
    everything = torch.cat(seen)
    assert torch.equal(scale.low, everything.amin(dim=0))
    assert torch.equal(scale.high, everything.amax(dim=0))
    backwards = fitted(seen[::-1])
    torch.testing.assert_close(backwards.running_mean, mean, rtol=1e-4, atol=1e-4)


def test_training_and_scoring_scale_alike() -> None:
    """A batch is scaled by the statistics, not by its own: batch normalisation would give it mean 0."""
    seen = batches(0, [40, 40, 40])
    scale = fitted(seen)
    own = seen[-1]
    expected = (own - scale.running_mean) / (scale.running_var + scale.eps).sqrt()
    torch.testing.assert_close(scale.eval()(own), expected)
    assert expected.mean(dim=0).abs().min() > 0.1, "the batch is unlike the others, or the test tests nothing"
    again = fitted(seen[:-1]).train()(own)  # the last batch counts before it is scaled
    torch.testing.assert_close(again, expected)


def test_scoring_leaves_the_statistics_alone() -> None:
    scale = fitted(batches(0, [20, 20])).eval()
    before = {name: value.clone() for name, value in scale.state_dict().items()}
    scale(torch.full((5, 3), 100.0))
    assert all(torch.equal(value, before[name]) for name, value in scale.state_dict().items())


@pytest.mark.parametrize("size", [1, 2, 7])
def test_a_pairs_logit_does_not_depend_on_its_batch(size: int) -> None:
    """Once the statistics are fixed, pairs scored alone, by twos and all at once have the same logits."""
    graph = small_graph(12, 60)
    pairs = some_pairs(graph)
    term = StructureTerm(graph, ("degree", "ease", "walks"), hidden_channels=8, dropout=0.3)
    term.train()
    for part in pairs.split(16, dim=1):
        term(graph, part)
    term.eval()
    whole = term(graph, pairs)
    assert whole.std() > 0
    parts = torch.cat([term(graph, part) for part in pairs.split(size, dim=1)])
    torch.testing.assert_close(parts, whole, rtol=1e-5, atol=1e-6)
