"""The published split: its leaks are known by name, and nothing else is let through."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from grnpyg.core.errors import InputError, LeakageError
from grnpyg.data.graph import GENE, TF, pair_codes
from grnpyg.negatives import evaluation_sets, negatives, training_pairs
from grnpyg.splits import LinkSplit, splits
from grnpyg.splits.leakage import check_training
from grnpyg.splits.messages import with_messages
from grnpyg.testing import small_graph

GRAPH = small_graph(30, 60, seed=1)
UNIFORM = negatives.build("uniform")


def _split(seed: int = 0) -> LinkSplit:
    return splits.build("pooled", acknowledge_leaks=True).split(GRAPH, seed)


def test_it_must_be_acknowledged() -> None:
    with pytest.raises(InputError, match=r"known to leak .*acknowledge_leaks to true"):
        splits.build("pooled")


def test_positives_and_negatives_are_cut_from_one_pool() -> None:
    split, edges = _split(), GRAPH["tf", "regulates", "gene"].num_edges
    sizes = {part: split.positives[part].size(1) + split.negatives[part].size(1) for part in split.positives}
    held_out = int(0.15 * 2 * edges)
    assert sizes == {"train": 2 * edges - 2 * held_out, "validation": held_out, "test": held_out}
    assert sum(pairs.size(1) for pairs in split.negatives.values()) == edges
    codes = torch.cat([pair_codes(GRAPH, pairs) for pairs in (split.known, *split.negatives.values())])
    assert codes.unique().numel() == codes.numel()
    assert split.warm[TF].numel() == 30
    assert split.warm[GENE].numel() == 60


def test_the_evaluation_sets_are_those_of_the_pool() -> None:
    split = _split()
    sets = evaluation_sets(split, UNIFORM, 1.0, 0, given=split.negatives)
    for part, pairs in sets.items():
        assert torch.equal(pairs.negatives, split.negatives[part])


def test_at_one_to_one_the_pool_is_trained_on_and_beyond_it_leaks() -> None:
    split = _split()
    sets = evaluation_sets(split, UNIFORM, 1.0, 0, given=split.negatives)
    train = training_pairs(split, UNIFORM, 1.0, sets, 0, 0)
    codes = pair_codes(GRAPH, train.negatives).sort().values
    assert torch.equal(codes, pair_codes(GRAPH, split.negatives["train"]).sort().values)
    more = training_pairs(split, UNIFORM, 4.0, sets, 0, 0)
    assert more.negatives.size(1) == 4 * split.positives["train"].size(1)
    shared = torch.isin(pair_codes(GRAPH, more.negatives), pair_codes(GRAPH, sets["test"].negatives))
    assert shared.any(), "the leak that the published study has"


def test_fixed_negatives_are_the_same_in_all_epochs() -> None:
    split = _split()
    sets = evaluation_sets(split, UNIFORM, 1.0, 0, given=split.negatives)

    def drawn(seed: int, epoch: int, fixed: int | None) -> set[int]:
        pairs = training_pairs(split, UNIFORM, 2.0, sets, seed, epoch, fixed=fixed)
        return set(pair_codes(GRAPH, pairs.negatives).tolist())

    assert drawn(0, 0, 7) == drawn(0, 3, 7) == drawn(1, 0, 7)
    assert drawn(0, 0, None) != drawn(0, 1, None)


def test_a_held_out_edge_in_training_is_caught_all_the_same() -> None:
    split = _split()
    sets = evaluation_sets(split, UNIFORM, 1.0, 0, given=split.negatives)
    train = training_pairs(split, UNIFORM, 1.0, sets, 0, 0)
    label = torch.cat([train.edge_label, torch.ones(1)])
    pairs = torch.cat([train.edge_label_index, split.positives["test"][:, :1]], dim=1)
    planted = dataclasses.replace(train, edge_label_index=pairs, edge_label=label)
    with pytest.raises(LeakageError, match="held-out-in-training"):
        check_training(split, planted, sets)


def test_without_owning_up_the_same_split_is_refused() -> None:
    from grnpyg.splits import leakage

    split = dataclasses.replace(_split(), leaks=())
    with pytest.raises(LeakageError, match="negatives-spare-held-out"):
        leakage.check(split)
    trained = split.positives["train"]
    blind = dataclasses.replace(  # without one TF's training edges: it is cold for certain
        split,
        positives={**split.positives, "train": trained[:, trained[0] != trained[0, 0]]},
        graph=with_messages(split.graph, trained[:, trained[0] != trained[0, 0]]),
        leaks=("negatives-spare-held-out",),
    )
    with pytest.raises(LeakageError, match="cold-in-universe"):
        leakage.check(blind)
    leakage.check(dataclasses.replace(blind, leaks=("cold-in-universe", "negatives-spare-held-out")))


def test_another_regime_keeps_clear_of_the_negatives_of_the_pool() -> None:
    """Drawn anew, an evaluation negative may be one that the model is trained on at 1:1."""
    split = _split()
    sets = evaluation_sets(split, UNIFORM, 1.0, 3)
    train = training_pairs(split, UNIFORM, 1.0, sets, 0, 0)
    for pairs in sets.values():
        assert not torch.isin(pair_codes(GRAPH, pairs.negatives), pair_codes(GRAPH, train.negatives)).any()


@pytest.mark.slow
def test_the_ratio_of_its_evaluation_is_its_own() -> None:
    from grnpyg.resolve import make_config
    from grnpyg.training.prepare import prepare

    config = make_config(
        {"split": {"name": "pooled", "acknowledge_leaks": True}, "evaluation": {"ratio": 5}, "data": {}}
    )
    with pytest.raises(InputError, match=r"evaluation.ratio: .*brings its own negatives"):
        prepare(config)
