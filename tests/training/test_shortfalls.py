"""`shortage: say` works on labels that are too dense or too few for a config, and says what is missing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grnpyg.core.config import ExperimentConfig
from grnpyg.core.errors import InputError
from grnpyg.core.seeding import numpy_generator
from grnpyg.data.graph import build_graph
from grnpyg.negatives import NoPairError, evaluation_sets, free_pairs, negatives
from grnpyg.resolve import config_hash, make_config
from grnpyg.runs.draws import cycle, epoch_pairs, evaluation_ratio, model_pairs
from grnpyg.splits import LinkSplit, TransductiveSplit
from grnpyg.testing.graph import small_graph
from grnpyg.training.batches import Epochs
from grnpyg.training.prepare import drawn_evaluation
from grnpyg.training.shortfalls import shortfalls

OUTPUTS = ("uniform", "same_tf", "degree_matched")


def config(shortage: str = "say", **sections: Any) -> ExperimentConfig:
    """Like the recipe best with folds of the nodes."""
    training = {"disjoint_train_ratio": 0.125, "cold_folds": True} | sections.pop("training", {})
    base = {"encoder": "none", "head": "zero", "structure": {"features": ["degree"], "outputs": OUTPUTS}}
    base |= {"negatives": {"ratio": 8}, "training": training, "shortage": shortage}
    return make_config(base | sections)


def split_of(tfs: int, genes: int, share: float, seed: int = 0) -> LinkSplit:
    """Each TF linked to about this share of the genes; every node has an edge."""
    linked = numpy_generator(seed, "shortfalls").random((tfs, genes)) < share
    linked[torch.arange(genes) % tfs, torch.arange(genes)] = True
    linked[:, :2] = True  # a gene that all share
    pairs = [(f"T{i}", f"g{j}") for i, j in zip(*linked.nonzero(), strict=True)]
    graph = build_graph(pd.DataFrame(pairs, columns=["source", "target"]))
    return TransductiveSplit(val_ratio=0.1, test_ratio=0.2).split(graph, seed)


DENSE = split_of(8, 40, 0.7)


def test_both_values_give_the_same_where_both_work_and_have_one_hash() -> None:
    """Otherwise one hash would stand for two results."""
    split = TransductiveSplit().split(small_graph(16, 60), 0)
    few = {"negatives": {"ratio": 0.5}, "evaluation": {"ratio": 0.5}, "training": {"cold_folds": False}}
    say, refuse = config("say", **few), config("refuse", **few)
    assert say != refuse
    assert config_hash(say) == config_hash(refuse)
    one, two = (drawn_evaluation(some, split) for some in (say, refuse))
    assert list(one) == list(two)
    for setting in one:
        assert one[setting]["test"].digest() == two[setting]["test"].digest()
    mine, theirs = Epochs(say, split, one), Epochs(refuse, split, two)
    for epoch in range(4):
        assert mine.pairs(epoch).digest() == theirs.pairs(epoch).digest()


def test_dense_labels_are_refused_or_trained_with_what_there_is() -> None:
    with pytest.raises(InputError, match="negatives per positive need"):
        epoch_pairs(config("refuse"), DENSE, {}, 0)
    pairs = epoch_pairs(config(), DENSE, {}, 0)
    assert pairs.negatives.size(1) == free_pairs(DENSE)
    said = " ".join(shortfalls(config(), DENSE, (), drawn_evaluation(config(), DENSE)))
    ratio = pairs.negatives.size(1) / pairs.positives.size(1)
    assert f"{ratio:.2f} negatives per positive instead of 8" in said


def test_evaluation_takes_the_largest_feasible_ratio_for_every_subset() -> None:
    """The first subset would else leave nothing to the second."""
    some = config(evaluation={"ratio": 50, "negatives": ["uniform", "same_tf"]})
    evaluation = drawn_evaluation(some, DENSE)
    ratio = evaluation_ratio(some, DENSE)
    assert 0 < ratio < 50
    for subset in ("validation", "test"):
        pairs = evaluation["uniform"][subset]
        assert pairs.negatives.size(1) == round(ratio * pairs.positives.size(1))
    assert any(line.startswith("evaluation.ratio: ") for line in shortfalls(some, DENSE, (), evaluation))


def without_free_genes() -> LinkSplit:
    """A split in which every TF with a held-out edge is linked to all genes."""
    pairs = [(f"T{i}", f"g{j}") for i in range(2) for j in range(12)] + [(f"S{i}", "g0") for i in range(6)]
    split = TransductiveSplit().split(build_graph(pd.DataFrame(pairs, columns=["source", "target"])), 0)
    assert "same_tf" not in drawn_evaluation(config(), split)
    return split


def test_a_setting_without_any_pair_is_left_out_and_named() -> None:
    split = without_free_genes()
    with pytest.raises(NoPairError, match="same_tf finds no pair"):
        evaluation_sets(split, negatives.build("same_tf"), 1.0, 0)
    evaluation = drawn_evaluation(config(), split)
    (line,) = [line for line in shortfalls(config(), split, (), evaluation) if "evaluation.negatives" in line]
    assert "same_tf" in line
    assert "uniform" not in line
    assert config(training={"monitor": "ap@same_tf"}).monitored_among(evaluation) == ("uniform",)
    assert config(training={"monitor": "ap@uniform+same_tf"}).monitored_among(evaluation) == ("uniform",)
    with pytest.raises(InputError):
        drawn_evaluation(config(evaluation={"negatives": ["same_tf"]}), split)


def test_an_output_without_negatives_learns_from_what_there_is() -> None:
    split = without_free_genes()
    of_hubs = replace(split, positives={**split.positives, "train": _of_hubs(split)}, unscored=_rest(split))
    found = {
        int(pairs.output[0]) for pairs in model_pairs(config(), of_hubs, {}, 0) if pairs.output is not None
    }
    assert 0 in found
    assert 1 not in found
    with pytest.raises(NoPairError):
        model_pairs(config("refuse", negatives={"ratio": 0.1}), of_hubs, {}, 0)
    lines = shortfalls(config(), split, [(of_hubs,)], drawn_evaluation(config(), split))
    assert any("same_tf finds no pair in 1 of 1 parts" in line for line in lines)


def _of_hubs(split: LinkSplit) -> torch.Tensor:
    train = split.positives["train"]
    return train[:, torch.bincount(train[0])[train[0]] > 1]


def _rest(split: LinkSplit) -> torch.Tensor:
    """Whatever else the hubs are linked to is no negative either."""
    train, hubs = split.positives["train"], _of_hubs(split)[0].unique()
    others = torch.cat([split.positives[subset] for subset in split.held_out], dim=1)
    return torch.cat([train[:, ~torch.isin(train[0], hubs)], others], dim=1)


def test_folds_without_anything_to_score_are_left_out_and_counted() -> None:
    split = split_of(2, 6, 0.5)
    with pytest.raises(InputError):
        cycle(config("refuse"), split)
    turns = cycle(config(), split)
    assert 0 < len(turns) < 16
    lines = shortfalls(config(), split, turns, drawn_evaluation(config(), split))
    assert any(line.startswith("training.disjoint_train_ratio: ") for line in lines)


def test_labels_in_which_no_fold_has_anything_are_refused() -> None:
    """A star: without its edge a gene is unseen, and without its TF there is no edge."""
    pairs = pd.DataFrame([("T0", f"g{i}") for i in range(9)], columns=["source", "target"])
    split = TransductiveSplit(isolated="leak").split(build_graph(pairs), 0)
    with pytest.raises(InputError, match="leaves both of its ends another one"):
        cycle(config(), replace(split, leaks=()))


@pytest.mark.slow
@settings(deadline=None, max_examples=25)
@given(st.integers(2, 8), st.integers(6, 30), st.floats(0.1, 0.9), st.integers(0, 3))
def test_no_epoch_is_empty_and_nothing_known_is_a_negative(
    tfs: int, genes: int, share: float, seed: int
) -> None:
    """A sparse, dense or tiny set either is refused in one line or gives pairs in every epoch."""
    some = config(seed=seed)
    try:
        split = split_of(tfs, genes, share, seed)
        evaluation = drawn_evaluation(some, split)
        turns = cycle(some, split)
        shortfalls(some, split, turns, evaluation)
    except InputError:
        return
    epochs = Epochs(some, split, evaluation)
    train = set(map(tuple, split.positives["train"].t().tolist()))
    for epoch in range(len(turns)):
        pairs = epochs.pairs(epoch)
        assert pairs.positives.size(1) > 0
        assert pairs.negatives.size(1) > 0
        assert not train & set(map(tuple, pairs.negatives.t().tolist()))
