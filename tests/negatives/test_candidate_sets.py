"""Evaluation sets are drawn once and kept apart; training negatives are fresh every epoch."""

from __future__ import annotations

import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grnpyg.core.errors import InputError, LeakageError
from grnpyg.core.seeding import numpy_generator
from grnpyg.data.graph import ENCODED_BY, build_graph, pair_codes
from grnpyg.negatives import NegativeSampler, UniformNegatives, evaluation_sets, training_pairs
from grnpyg.splits import LinkSplit, TransductiveSplit, leakage
from grnpyg.testing.rules import equal, generators_untouched

UNIFORM = UniformNegatives()


def sparse_split() -> LinkSplit:
    """120 TFs, 30 of them also genes, x 500 genes at 1 % density: 50 negatives per positive are left."""
    rng = numpy_generator(0, "sparse_split")
    tfs = [f"g{i}" if i < 30 else f"t{i}" for i in range(120)]
    pairs = {
        (tfs[i], f"g{j}") for i, j in zip(rng.integers(0, 120, 700), rng.integers(0, 500, 700), strict=True)
    }
    edges = pd.DataFrame(sorted(pair for pair in pairs if pair[0] != pair[1]), columns=["source", "target"])
    return TransductiveSplit().split(build_graph(edges), seed=0)


SPARSE = sparse_split()


def codes(split: LinkSplit, pairs: torch.Tensor) -> set[int]:
    result = pair_codes(split.graph, pairs).tolist()
    assert len(result) == len(set(result)), "a pair stands twice"
    return set(result)


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 50), st.integers(1, 50), st.integers(0, 3), st.integers(0, 2))
def test_exact_counts_and_no_shared_pair_at_any_ratio(
    ratio: int, train_ratio: int, seed: int, epoch: int
) -> None:
    with generators_untouched("drawing negatives"):
        sets = evaluation_sets(SPARSE, UNIFORM, ratio, seed)
        train = training_pairs(SPARSE, UNIFORM, train_ratio, sets, seed, epoch)
    assert list(sets) == ["validation", "test"]
    for part, pairs in sets.items():
        assert equal(pairs.positives, SPARSE.positives[part])
        assert pairs.negatives.size(1) == ratio * SPARSE.positives[part].size(1)
    assert codes(SPARSE, train.positives) == codes(SPARSE, SPARSE.positives["train"])
    assert train.negatives.size(1) == train_ratio * SPARSE.positives["train"].size(1)
    everything = [codes(SPARSE, pairs.edge_label_index) for pairs in sets.values()]
    assert len(set.union(*everything)) == sum(map(len, everything))
    own = codes(SPARSE, SPARSE.graph[ENCODED_BY].edge_index)
    for pairs in sets.values():
        assert not codes(SPARSE, pairs.negatives) & (codes(SPARSE, SPARSE.known) | own)
    assert not codes(SPARSE, train.negatives) & (codes(SPARSE, SPARSE.positives["train"]) | own)
    for pairs in (*sets.values(), train):
        assert SPARSE.is_candidate(pairs.edge_label_index).all()
    leakage.check_evaluation(SPARSE, sets)
    leakage.check_training(SPARSE, train, sets)


def test_evaluation_sets_are_fixed_by_the_seed() -> None:
    first, again, other = (evaluation_sets(SPARSE, UNIFORM, 2, seed) for seed in (0, 0, 1))
    for part in ("validation", "test"):
        assert first[part].digest() == again[part].digest() != other[part].digest()


def test_training_negatives_are_fresh_each_epoch_and_the_same_when_resumed() -> None:
    sets = evaluation_sets(SPARSE, UNIFORM, 1, 0)
    epochs = [training_pairs(SPARSE, UNIFORM, 1, sets, 0, epoch) for epoch in range(3)]
    drawn = [codes(SPARSE, pairs.negatives) for pairs in epochs]
    num, universe = len(drawn[0]), SPARSE.warm["tf"].numel() * SPARSE.warm["gene"].numel()
    for first, second in ((0, 1), (0, 2), (1, 2)):  # no more in common than chance allows
        assert len(drawn[first] & drawn[second]) < 5 * num * num / universe
    resumed = training_pairs(SPARSE, UNIFORM, 1, sets, 0, 2)
    assert equal(resumed.edge_label_index, epochs[2].edge_label_index)
    assert equal(resumed.edge_label, epochs[2].edge_label)
    other_seed = training_pairs(SPARSE, UNIFORM, 1, sets, 1, 2)
    assert codes(SPARSE, other_seed.negatives) != drawn[2]


def test_training_pairs_are_shuffled_anew_each_epoch() -> None:
    """Batches of positives only, or the same batches each epoch, would change what is learned."""
    sets = evaluation_sets(SPARSE, UNIFORM, 1, 0)
    first, second = (training_pairs(SPARSE, UNIFORM, 1, sets, 0, epoch) for epoch in (0, 1))
    assert not equal(first.positives, SPARSE.positives["train"])
    assert not equal(first.positives, second.positives)
    halves = first.edge_label.chunk(2)
    assert abs(float(halves[0].mean() - halves[1].mean())) < 0.2


def test_infeasible_ratios_name_the_largest_feasible_one(split: LinkSplit) -> None:
    with pytest.raises(
        InputError, match=r"for the validation subset.*The largest feasible ratio here is"
    ) as error:
        evaluation_sets(split, UNIFORM, 1000, 0)
    largest = float(str(error.value).split()[-1])
    validation = split.positives["validation"]
    assert UNIFORM.sample(split, "validation", largest, 0).size(1) == round(largest * validation.size(1))
    sets = evaluation_sets(split, UNIFORM, 1, 0)
    with pytest.raises(InputError, match="for the train subset") as error:
        training_pairs(split, UNIFORM, 1000, sets, 0, 0)
    largest = float(str(error.value).split()[-1])
    train = training_pairs(split, UNIFORM, largest, sets, 0, 0)
    assert train.negatives.size(1) == round(largest * split.positives["train"].size(1))


@pytest.mark.parametrize("fault", ["known", "own", "repeat", "cold"])
def test_a_faulty_sampler_cannot_spoil_the_evaluation(split: LinkSplit, fault: str) -> None:
    class Faulty(NegativeSampler):
        def draw(
            self, split: LinkSplit, part: str, excluded: torch.Tensor, num: int, seed: int
        ) -> torch.Tensor:
            drawn = UNIFORM.draw(split, part, excluded, num, seed)
            wrong = {
                "known": split.positives["train"],
                "own": split.graph[ENCODED_BY].edge_index,
                "repeat": drawn[:, 1:],
                "cold": torch.tensor([[0], [10_000]]),
            }[fault]
            return torch.cat([wrong[:, :1], drawn[:, 1:]], dim=1)

    names = {"known": "false-negative", "own": "not-a-candidate", "repeat": "duplicate", "cold": "bad-id"}
    with pytest.raises(LeakageError, match=f"^{names[fault]}"):
        evaluation_sets(split, Faulty(), 1, 0)
