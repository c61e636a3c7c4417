from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import graphs

from grnpyg.core.errors import GrnpygError, InputError
from grnpyg.data.graph import GENE, TF, pair_codes
from grnpyg.negatives import NegativeSampler, UniformNegatives, uniform
from grnpyg.splits import LinkSplit
from grnpyg.splits.messages import with_messages
from grnpyg.testing.rules import generators_untouched


def free_codes(split: LinkSplit) -> set[int]:
    """Candidates that are no training edge, one by one."""
    known = set(pair_codes(split.graph, split.positives["train"]).tolist())
    own = {
        (split.graph[TF].name.index(name), split.graph[GENE].name.index(name))
        for name in set(split.graph[TF].name) & set(split.graph[GENE].name)
    }
    num_genes = split.graph[GENE].num_nodes
    return {
        tf * num_genes + gene
        for tf in split.warm[TF].tolist()
        for gene in split.warm[GENE].tolist()
        if (tf, gene) not in own
    } - known


def everything_as_training(data) -> LinkSplit:
    edges = data["tf", "regulates", "gene"].edge_index
    none = edges[:, :0]
    parts = {"train": edges, "validation": none, "test": none}
    warm = {TF: edges[0].unique(), GENE: edges[1].unique()}
    return LinkSplit(with_messages(data, edges), parts, warm, 0, none)


@settings(deadline=None, max_examples=60)
@given(graphs(), st.integers(0, 5), st.floats(0, 1))
def test_any_feasible_number_is_drawn_exactly_and_only_from_what_is_free(
    data, seed: int, share: float
) -> None:
    """Up to every free pair, in a universe of any density."""
    split = everything_as_training(data)
    free = free_codes(split)
    num = round(share * len(free))
    positives = split.positives["train"].size(1)
    if num == 0:
        return
    with generators_untouched("sample"):
        drawn = UniformNegatives().sample(split, "train", num / positives, seed)
    codes = pair_codes(data, drawn).tolist()
    assert len(codes) == len(set(codes)) == num
    assert set(codes) <= free


@settings(deadline=None, max_examples=30)
@given(graphs(), st.integers(1, 40))
def test_too_many_is_refused_with_the_largest_ratio_that_works(data, surplus: int) -> None:
    split = everything_as_training(data)
    free, positives = len(free_codes(split)), split.positives["train"].size(1)
    ratio = (free + surplus) / positives
    with pytest.raises(InputError, match=f"only {free:,} are left") as error:
        UniformNegatives().sample(split, "train", ratio, 0)
    if "largest feasible ratio" not in str(error.value):
        assert round(free / positives * positives) < 1, "no ratio would do"
        return
    largest = float(str(error.value).split()[-1])
    assert largest <= free / positives < largest + 0.01 + 1e-9
    drawn = UniformNegatives().sample(split, "train", largest, 0)
    assert 0 < drawn.size(1) == round(largest * positives)


@pytest.mark.parametrize("ratio", [0.0, -1.0, 0.001])
def test_a_ratio_without_a_negative_is_refused(split: LinkSplit, ratio: float) -> None:
    with pytest.raises(InputError, match="gives no negative"):
        UniformNegatives().sample(split, "test", ratio, 0)


@pytest.mark.slow
def test_every_free_pair_is_equally_likely(split: LinkSplit) -> None:
    """Chi-squared over many draws: a bias towards ids or degrees would stand out by far."""
    free = sorted(free_codes(split))
    num, draws = 10, 400
    ratio = num / split.positives["train"].size(1)
    counts: Counter[int] = Counter()
    for seed in range(draws):
        counts.update(
            pair_codes(split.graph, UniformNegatives().sample(split, "train", ratio, seed)).tolist()
        )
    expected = num * draws / len(free)
    statistic = sum((counts[code] - expected) ** 2 / expected for code in free)
    degrees = len(free) - 1
    assert abs(statistic - degrees) < 6 * (2 * degrees) ** 0.5


def test_what_pyg_leaves_out_is_drawn_from_what_is_left(
    split: LinkSplit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PyG gives up after three rounds; then the rest comes from a list, without repeating its draws."""
    real = uniform.negative_sampling

    def half(*args: Any, num_neg_samples: int, **options: Any) -> torch.Tensor:
        return real(*args, num_neg_samples=num_neg_samples // 2, **options)

    monkeypatch.setattr(uniform, "negative_sampling", half)
    free = free_codes(split)
    for num in (len(free), len(free) - 3, 7):
        drawn = UniformNegatives().sample(split, "train", num / split.positives["train"].size(1), 0)
        codes = pair_codes(split.graph, drawn).tolist()
        assert len(set(codes)) == num
        assert set(codes) <= free


def test_the_seed_decides_near_exhaustion_too(split: LinkSplit) -> None:
    free = free_codes(split)
    ratio = (len(free) - 4) / split.positives["train"].size(1)
    draws = [pair_codes(split.graph, UniformNegatives().sample(split, "train", ratio, s)) for s in range(60)]
    assert len({frozenset(codes.tolist()) for codes in draws}) > 50
    assert set(torch.cat(draws).tolist()) == free


def test_taken_pairs_are_not_drawn_again(split: LinkSplit) -> None:
    sampler, free = UniformNegatives(), free_codes(split)
    positives = split.positives["train"].size(1)
    first = sampler.sample(split, "train", (len(free) // 2) / positives, 0)
    rest = sampler.sample(split, "train", (len(free) - len(free) // 2) / positives, 0, taken=first)
    codes = [set(pair_codes(split.graph, pairs).tolist()) for pairs in (first, rest)]
    assert codes[0] | codes[1] == free
    assert not codes[0] & codes[1]


def test_a_sampler_that_draws_too_few_is_stopped(split: LinkSplit) -> None:
    class Lazy(NegativeSampler):
        def draw(self, split, part, excluded, num, seed):
            return torch.zeros(2, num - 1, dtype=torch.long)

    with pytest.raises(GrnpygError, match="Lazy drew"):
        Lazy().sample(split, "train", 1.0, 0)
