"""The structure term: features never see the edge that is asked for, and all paths to a score agree."""

from __future__ import annotations

import copy
import pickle
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from grnpyg.core.errors import InputError
from grnpyg.data.graph import REGULATES, num_nodes, pair_codes
from grnpyg.models.importances.profile import Profile
from grnpyg.models.known_edges import FOLDS
from grnpyg.models.losses import losses
from grnpyg.models.predictor import PairModel, build_model
from grnpyg.models.structure import Standardise, StructureTerm
from grnpyg.resolve import config_hash, make_config
from grnpyg.splits import LabelledPairs, LinkSplit, splits
from grnpyg.splits.folds import fold
from grnpyg.splits.leakage import COLD_IN_UNIVERSE
from grnpyg.splits.messages import with_messages
from grnpyg.testing.graph import small_graph, some_pairs
from grnpyg.testing.rules import perturbed

FEATURES = ("degree", "ease", "svd", "tf_neighbours", "gene_neighbours", "walks", "own_gene")
HEADS: list[dict[str, Any]] = [
    {"name": "dual", "hidden_channels": 8, "out_channels": 4},
    {"name": "cross", "hidden_channels": 8, "out_channels": 4},
    {"name": "bilinear"},
]


def split_of(num_genes: int = 60) -> LinkSplit:
    return splits.build("transductive").split(small_graph(12, num_genes), 0)


def model_for(split: LinkSplit, head: dict[str, Any] = HEADS[0]) -> PairModel:
    encoder = {"name": "lookup", "embedding_dim": 4}
    structure = {"features": FEATURES, "hidden_channels": 8, "dropout": 0.1}
    return perturbed(build_model(split.graph, encoder, head, 0, structure))


def test_folds_are_a_partition_of_the_edges_that_leave_both_ends_another_one() -> None:
    split = split_of()
    folds = [fold(split, number, 4, seed=3) for number in range(4)]
    codes = [pair_codes(split.graph, part.positives["train"]) for part in folds]
    together = torch.cat(codes)
    assert together.unique().numel() == together.numel()
    assert torch.isin(together, pair_codes(split.graph, split.positives["train"])).all()
    for part, own in zip(folds, codes, strict=True):
        messages = part.graph[REGULATES].edge_index
        assert not torch.isin(pair_codes(split.graph, messages), own).any()
        for end in (0, 1):
            assert torch.isin(part.positives["train"][end], messages[end]).all()
        assert set(pair_codes(split.graph, part.known).tolist()) == set(
            pair_codes(split.graph, split.known).tolist()
        )
    again = pair_codes(split.graph, fold(split, 1, 4, seed=3).positives["train"])
    assert torch.equal(again, codes[1])
    other = pair_codes(split.graph, fold(split, 1, 4, seed=4).positives["train"])
    assert not torch.equal(other, codes[1])


def test_features_of_a_training_pair_are_those_of_a_graph_that_never_had_its_edge() -> None:
    """Flip one edge: take it out of the labels before anything else, and its features stay what they were."""
    split = split_of()
    term = StructureTerm(split.graph, FEATURES)
    part = fold(split, 0, 3, seed=1)
    for position in range(0, part.positives["train"].size(1), 5):
        pair = part.positives["train"][:, position]
        code = pair_codes(split.graph, pair.unsqueeze(1))
        known = split.graph[REGULATES].edge_index
        without = with_messages(split.graph, known[:, pair_codes(split.graph, known) != code])
        messages = part.graph[REGULATES].edge_index
        there = torch.isin(
            pair_codes(split.graph, without[REGULATES].edge_index), pair_codes(split.graph, messages)
        )
        never = with_messages(without, without[REGULATES].edge_index[:, there])
        ours, theirs = (term.values(graph, pair.unsqueeze(1)) for graph in (part.graph, never))
        assert torch.equal(ours, theirs)
    # the graph that still has the edge tells it apart, so the test can fail
    assert not torch.equal(term.values(split.graph, pair.unsqueeze(1)), ours)


@pytest.mark.parametrize("head", HEADS, ids=lambda head: str(head["name"]))
def test_all_paths_to_a_score_agree(head: dict[str, Any]) -> None:
    split = split_of()
    model = model_for(split, head)
    num_tfs, num_genes = num_nodes(split.graph)
    every = torch.cartesian_prod(torch.arange(num_tfs), torch.arange(num_genes)).t()
    plain = model.score(split.graph, every, block=17)
    blocks = torch.cat([block for _, block in model.score_blocks(split.graph, tfs_per_block=5)])
    torch.testing.assert_close(blocks.reshape(-1), plain, rtol=1e-4, atol=1e-4)
    bare = PairModel(model.encoder, model.head).score(split.graph, every)
    assert not torch.allclose(bare, plain)


def test_numbers_are_kept_for_a_graph_and_not_taken_for_another() -> None:
    split = split_of()
    split.graph["tf"].pearson = torch.zeros(num_nodes(split.graph))
    term, pairs = StructureTerm(split.graph, ("degree", "coexpression")), some_pairs(split.graph)
    first = term.numbers(split.graph)
    assert term.numbers(split.graph) is first
    before = term.values(split.graph, pairs)
    split.graph["tf"].pearson = torch.ones(num_nodes(split.graph))
    assert not torch.equal(term.values(split.graph, pairs), before)


def test_a_feature_constant_in_training_is_left_out_and_nothing_leaves_the_range_of_training() -> None:
    """A rank-64 SVD of at most 64 TFs was 0 in training and not in scoring: logits of -384 came of it."""
    standardise = Standardise(2)
    generator = torch.Generator().manual_seed(0)
    for _ in range(100):
        varied = torch.randn(200, generator=generator)
        standardise(torch.stack([varied, torch.full_like(varied, 3.0)], dim=1))
    assert standardise.constant.tolist() == [False, True]
    standardise.eval()
    inside, beyond = standardise(torch.tensor([[0.5, 3.0], [1e6, 1e6]]))
    assert inside[0] == pytest.approx(0.5, abs=0.1)
    assert beyond[0] < 8
    assert inside[1] == beyond[1] == 0


def test_weights_stored_before_there_was_a_range_are_read_without_one() -> None:
    fitted, old = Standardise(1), Standardise(1)
    fitted(torch.linspace(-1, 1, 50)[:, None])
    old.load_state_dict({k: v for k, v in fitted.state_dict().items() if k not in ("low", "high")})
    far = torch.tensor([[50.0]])
    assert old.eval()(far).item() > fitted.eval()(far).item()
    assert not old.constant.any()


def test_the_term_has_its_own_gradient_and_moves_with_the_state_dict() -> None:
    split = split_of()
    model, pairs = model_for(split), some_pairs(split.graph)
    model(split.graph, pairs).sum().backward()
    assert all(p.grad is not None for p in model.structure.parameters())
    other = model_for(split_of())
    for parameter in other.parameters():
        torch.nn.init.zeros_(parameter)
    other.load_state_dict(model.state_dict())
    assert torch.equal(score(other, split, pairs), score(model, split, pairs))


def score(model: PairModel, split: LinkSplit, pairs: Tensor) -> Tensor:
    return model.score(split.graph, pairs)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"structure": {}}, "needs folds"),
        (
            {"structure": {"features": ["degrees"]}, "training": {"disjoint_train_ratio": 0.2}},
            "degrees",
        ),
        ({"training": {"disjoint_train_ratio": 0.2}}, "passes no messages"),
    ],
)
def test_what_does_not_fit_together_is_refused(values: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        make_config(values)


def test_a_config_without_a_structure_term_keeps_its_hash() -> None:
    assert config_hash(make_config({})) == config_hash(make_config({"structure": None}))
    both = {"structure": {}, "training": {"disjoint_train_ratio": 0.2}}
    assert config_hash(make_config(both)) != config_hash(make_config({}))


def test_a_fold_whose_edges_are_all_their_ends_have_is_refused() -> None:
    split = split_of()
    lonely = LinkSplit(
        with_messages(split.graph, torch.tensor([[0, 1], [1, 2]])),
        {**split.positives, "train": torch.tensor([[0, 1], [1, 2]])},
        split.warm,
        0,
        split.set_aside,
    )
    with pytest.raises(InputError, match="leaves both"):
        fold(lonely, 0, 2, seed=0)


def test_where_cold_nodes_are_tested_on_every_edge_is_scored_in_one_fold() -> None:
    """Nearly half of the test positives of a sparse network may be of genes without a training edge."""
    split = replace(split_of(), leaks=(COLD_IN_UNIVERSE,))
    folds = [fold(split, number, 4, seed=3) for number in range(4)]
    scored = torch.cat([pair_codes(split.graph, part.positives["train"]) for part in folds])
    assert torch.equal(scored.sort().values, pair_codes(split.graph, split.positives["train"]).sort().values)
    alone = [
        not torch.isin(part.positives["train"][end], part.graph[REGULATES].edge_index[end]).all()
        for part in folds
        for end in (0, 1)
    ]
    assert any(alone)


def test_an_epoch_may_end_in_a_batch_of_one_pair() -> None:
    """Which has no variance of its own; an epoch of 1,025 pairs in batches of 1,024 stopped there."""
    split = split_of()
    term, pairs = StructureTerm(split.graph, FEATURES, dropout=0), some_pairs(split.graph)
    term.train()
    term(split.graph, pairs)
    before = copy.deepcopy(term.state_dict())
    alone = term(split.graph, pairs[:, :1])
    assert torch.isfinite(alone).all()
    assert all(torch.equal(value, before[name]) for name, value in term.state_dict().items())
    assert torch.equal(alone, term.eval()(split.graph, pairs[:, :1]))


def test_a_copy_and_another_process_have_the_model_without_its_numbers() -> None:
    """Several devices train in processes of their own, which get the model as a pickle."""
    split = split_of()
    model, pairs = model_for(split), some_pairs(split.graph)
    before = score(model, split, pairs)
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert torch.equal(score(other, split, pairs), before)


@pytest.mark.parametrize("regime", ["given", "uniform"])
def test_negatives_that_a_split_brings_along_are_shared_out_among_the_folds(regime: str) -> None:
    split = split_of()
    own = torch.stack([torch.arange(12).repeat_interleave(3), torch.arange(36)])
    brought = replace(split, negatives={**split.negatives, "train": own}, regime=regime)
    parts = [fold(brought, number, 4, seed=0).negatives["train"] for number in range(4)]
    together = torch.cat([pair_codes(split.graph, part) for part in parts])
    assert together.sort().values.tolist() == pair_codes(split.graph, own).sort().values.tolist()


def test_importances_read_a_training_pair_on_a_graph_without_its_edge() -> None:
    """Features that hold the answer would make units of the term look useless, which trained without it."""
    split = split_of()
    model, train = model_for(split), split.positives["train"]
    pairs = LabelledPairs.join(train, some_pairs(split.graph, 70))
    profile = Profile(model, split.graph, pairs, losses.build("bce"), (), batch_size=16)
    parts = profile._parts
    assert len(parts) == FOLDS
    together = torch.cat([pair_codes(split.graph, index) for _, index, _ in parts])
    assert sorted(together.tolist()) == sorted(pair_codes(split.graph, pairs.edge_label_index).tolist())
    for graph, index, label in parts:
        messages = pair_codes(split.graph, graph[REGULATES].edge_index)
        scored = pair_codes(split.graph, index)
        assert not torch.isin(scored, messages).any()
        assert label.numel() == scored.numel()
