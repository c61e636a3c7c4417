"""A known edge is scored as if it were not known, by every scorer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from grnpyg.data.graph import REGULATES, num_nodes, pair_codes
from grnpyg.evaluation.methods import fitted
from grnpyg.models.baselines import Baseline
from grnpyg.models.baselines.out_of_fold import OutOfFold
from grnpyg.models.known_edges import KnownEdges
from grnpyg.models.predictor import PairModel, build_model
from grnpyg.models.scorer import Scorer, TrainedModel
from grnpyg.splits import LabelledPairs, LinkSplit, splits
from grnpyg.splits.folds import fold, fold_numbers
from grnpyg.splits.messages import with_messages
from grnpyg.testing.graph import small_graph
from grnpyg.testing.rules import perturbed

STRUCTURE = {"features": ("degree", "ease", "svd", "gene_neighbours"), "hidden_channels": 8, "dropout": 0.0}
MODELS = {
    "lookup with structure": ({"name": "lookup", "embedding_dim": 4}, STRUCTURE),
    "sage": ({"name": "sage", "hidden_channels": 8}, None),
    "sage with structure": ({"name": "sage", "hidden_channels": 8}, STRUCTURE),
}


def split_of(num_tfs: int = 12) -> LinkSplit:
    return splits.build("transductive").split(small_graph(num_tfs, 60), 0)


def model_for(split: LinkSplit, encoder: dict[str, Any], structure: dict[str, Any] | None) -> PairModel:
    head = {"name": "dual", "hidden_channels": 8, "out_channels": 4}
    model = perturbed(build_model(split.graph, encoder, head, 0, structure))
    if model.structure is not None:  # a first batch, so that there is a range of training
        model.structure.train()
        part = fold(split, 0, 4, seed=0)
        model.structure(part.graph, part.positives["train"])
        model.eval()
    return model


def every_pair(split: LinkSplit) -> Tensor:
    return torch.cartesian_prod(*map(torch.arange, num_nodes(split.graph))).t()


@pytest.mark.parametrize("name", MODELS)
def test_a_known_edge_is_scored_on_the_graph_without_its_fold_and_others_as_before(
    name: str,
) -> None:
    split = split_of()
    model = model_for(split, *MODELS[name])
    edges, pairs = split.graph[REGULATES].edge_index, every_pair(split)
    scores = TrainedModel(model, split.graph, seed=3, folds=4).score(pairs)
    plain = model.score(split.graph, pairs).numpy()
    known = torch.isin(pair_codes(split.graph, pairs), pair_codes(split.graph, edges)).numpy()
    # on some processors a pair's score differs in its last bits with the pairs that are scored beside it
    np.testing.assert_allclose(scores[~known], plain[~known], rtol=1e-5, atol=1e-5)
    of = fold_numbers(edges.size(1), 4, seed=3)
    assert of.bincount().max() - of.bincount().min() <= 1
    for number in range(4):
        mine = edges[:, of == number]
        without = model.score(with_messages(split.graph, edges[:, of != number]), mine).numpy()
        found = scores[pair_codes(split.graph, mine).numpy()]  # all pairs are in the order of their codes
        np.testing.assert_allclose(found, without, rtol=1e-5, atol=1e-6)
    assert not np.allclose(scores[known], plain[known])


@pytest.mark.parametrize("name", MODELS)
def test_the_folds_are_those_of_the_training(name: str) -> None:
    split = split_of()
    model = model_for(split, *MODELS[name])
    part = fold(split, 1, 4, seed=3)
    trained_on = part.positives["train"]
    found = TrainedModel(model, split.graph, seed=3, folds=4).score(trained_on)
    np.testing.assert_allclose(found, model.score(part.graph, trained_on).numpy(), rtol=1e-5, atol=1e-6)


def test_a_model_that_reads_no_message_edge_is_scored_as_it_is() -> None:
    split = split_of()
    model = model_for(split, {"name": "lookup", "embedding_dim": 4}, None)
    pairs = every_pair(split)
    found, plain = TrainedModel(model, split.graph).score(pairs), model.score(split.graph, pairs).numpy()
    np.testing.assert_allclose(found, plain, rtol=1e-5, atol=1e-5)


def baseline_of(split: LinkSplit, name: str) -> tuple[OutOfFold, Baseline, LabelledPairs]:
    known = torch.isin(pair_codes(split.graph, every_pair(split)), pair_codes(split.graph, split.known))
    train = split.positives["train"]
    pairs = LabelledPairs.join(train, every_pair(split)[:, ~known][:, :: train.size(1) // 10])

    def fit(on: LinkSplit, with_pairs: LabelledPairs) -> Baseline:
        return fitted({"name": name}, on, with_pairs, 0)

    plain = fit(split, pairs)
    return OutOfFold(plain, split, pairs, fit), plain, pairs


@pytest.mark.parametrize("name", ["ease_gene", "svd", "additive", "degree_product"])
def test_a_baseline_is_fitted_again_without_the_fold(name: str) -> None:
    split = split_of()
    method, plain, _ = baseline_of(split, name)
    train, held_out = split.positives["train"], split.positives["test"]
    assert np.array_equal(method.score(held_out), plain.score(held_out))
    assert not np.allclose(method.score(train), plain.score(train))
    if name != "additive":  # whose negatives are thinned out at random
        of = fold_numbers(train.size(1), 8, plain.seed)
        rest = train[:, of != 2]
        without = replace(
            split, graph=with_messages(split.graph, rest), positives={**split.positives, "train": rest}
        )
        again = fitted({"name": name}, without, LabelledPairs.join(rest, rest[:, :0]), 0)
        assert np.array_equal(method.score(train[:, of == 2]), again.score(train[:, of == 2]))


def scorers() -> dict[str, Scorer]:
    split = split_of()
    return {
        "model": TrainedModel(model_for(split, *MODELS["sage with structure"]), split.graph, 1),
        "baseline": baseline_of(split, "ease_gene")[0],
    }


@pytest.mark.parametrize("name", ["model", "baseline"])
def test_all_ways_to_ask_and_a_second_scorer_agree(name: str) -> None:
    split, method = split_of(), scorers()[name]
    assert isinstance(method, Scorer)
    tfs, genes = map(torch.arange, num_nodes(split.graph))
    table = method.score_all(tfs, genes)
    np.testing.assert_allclose(
        table.ravel(), method.score(every_pair(split)), rtol=1e-4, atol=1e-5 if name == "model" else 0
    )
    some, columns = torch.tensor([3, 1]), genes.flip(0)[:7]
    np.testing.assert_allclose(
        scorers()[name].score_all(some, columns), table[[3, 1]][:, columns.numpy()], rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize("num_tfs", [5, 20])
def test_with_few_tfs_known_edges_are_scored_like_other_pairs(num_tfs: int) -> None:
    """With at most 64 TFs the SVD features gave training edges logits of -384, which others never had."""
    split = split_of(num_tfs)
    model = model_for(split, {"name": "lookup", "embedding_dim": 4}, STRUCTURE)
    pairs = every_pair(split)
    scores = TrainedModel(model, split.graph, seed=0, folds=4).score(pairs)
    known = torch.isin(
        pair_codes(split.graph, pairs), pair_codes(split.graph, split.positives["train"])
    ).numpy()
    spread = scores[~known].max() - scores[~known].min()
    assert scores[known].min() > scores[~known].min() - spread
    assert scores[known].max() < scores[~known].max() + spread


GRID = small_graph(6, 20)


@settings(max_examples=60, deadline=None)
@given(
    tfs=st.lists(st.integers(0, 5), max_size=8),
    genes=st.lists(st.integers(0, 19), max_size=30),
    outputs=st.none() | st.integers(1, 3),
)
def test_a_block_is_filled_as_its_pairs_are(tfs: list[int], genes: list[int], outputs: int | None) -> None:
    """TFs and genes in any order, some of them more than once; no list of all pairs is made for a block."""
    edges = GRID[REGULATES].edge_index
    shape = () if outputs is None else (outputs,)
    own = -np.arange(1.0, 1 + edges.size(1) * (outputs or 1)).reshape(-1, *shape)
    known = KnownEdges(GRID, 3, 0, lambda left_out, pairs: own[left_out.numpy()])
    tf, gene = (torch.tensor(ids, dtype=torch.long) for ids in (tfs, genes))
    scores = np.arange(float(len(tfs) * len(genes) * (outputs or 1))).reshape(len(tfs), len(genes), *shape)
    before = scores.copy()
    pairs = torch.cartesian_prod(tf, gene).t().reshape(2, -1)
    expected = known.put(scores.reshape(-1, *shape), pairs).reshape(scores.shape)
    assert np.array_equal(known.put_all(scores, tf, gene), expected)
    assert np.array_equal(scores, before)
