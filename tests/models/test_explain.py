"""What each group adds to a score: it adds up for every head and feature set, and is what it says it is."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from grnpyg.core.errors import InputError
from grnpyg.data.graph import DIRECT, GENE, NUMBERS, REGULATES, SIMILAR, TF
from grnpyg.models.explain import adds_up, base, contributions, head_means, shapley_values
from grnpyg.models.groups import DEGREE, GROUPS, KNOWLEDGE, KNOWN_EDGES, VECTORS
from grnpyg.models.heads import DualHead, heads
from grnpyg.models.pair_features import pair_features
from grnpyg.models.predictor import PairModel, build_model
from grnpyg.models.scorer import TrainedModel
from grnpyg.models.structure import StructureTerm
from grnpyg.models.structure_layers import ByGroup, joint
from grnpyg.splits import LinkSplit, splits
from grnpyg.splits.messages import with_messages
from grnpyg.testing.graph import small_graph, some_pairs
from grnpyg.testing.rules import count, perturbed

OUTPUTS = ("uniform", "same_tf")
STRUCTURES: dict[str, dict[str, Any] | None] = {
    "none": None,
    "degree alone": {"features": ("degree",)},
    "joint": {"features": ("degree", "ease", "walks", "similar_genes", "direct")},
    "every feature": {"features": tuple(pair_features.names())},
    "additive": {"features": ("degree", "ease", "walks", "similar_genes", "direct"), "additive": True},
    "outputs": {
        "features": ("degree", "ease", "similar_genes"),
        "outputs": OUTPUTS,
        "top_features": ("degree", "similar_genes"),
    },
}
ADDITIVE = {"none", "degree alone", "additive"}
AT = {group: place for place, group in enumerate(GROUPS)}
MODELS = [(head, structure) for head in heads.names() for structure in STRUCTURES if head != "zero"]
MODELS += [("zero", structure) for structure in STRUCTURES if structure != "none"]


def split_of() -> LinkSplit:
    """A split of a small graph, on which a knowledge source says something of genes and of pairs."""
    split = splits.build("transductive").split(small_graph(12, 60), 0)
    generator = torch.Generator().manual_seed(5)
    for name, receiver, size in ((SIMILAR, GENE, 60), (DIRECT, TF, 12)):
        ends = [torch.randint(number, (90,), generator=generator) for number in (60, size)]
        split.graph[GENE, f"{name}go", receiver].edge_index = torch.stack(ends).unique(dim=1)
    split.graph[TF].pearson = 2 * torch.rand(12, 60, generator=generator) - 1
    for kind, size in ((TF, 12), (GENE, 60)):
        split.graph[kind][NUMBERS] = torch.randn(size, 2, generator=generator)
    return split


def model_of(split: LinkSplit, head: str, structure: str, **options: Any) -> PairModel:
    """A model whose features were standardised by some pairs, as after a training."""
    encoder = {"name": "none"} if head == "zero" else {"name": "lookup", "embedding_dim": 4}
    given = STRUCTURES[structure]
    term = None if given is None else {"hidden_channels": 8, "dropout": 0.0} | given
    model = build_model(split.graph, encoder, {"name": head, **heads.options(head), **options}, 0, term)
    model.train()(split.graph, some_pairs(split.graph, 200))
    return perturbed(model)


def explained(model: PairModel, split: LinkSplit, pairs: Tensor, **options: Any) -> tuple[float, Tensor]:
    """The base and what the groups add."""
    means = head_means(model, split.graph, 0, z=model.encode(split.graph))
    return base(model, means), contributions(model, split.graph, pairs, means, **options)


def head_mean(model: PairModel, split: LinkSplit, group: str = VECTORS) -> float:
    return head_means(model, split.graph, 0, z=model.encode(split.graph))[group]


def test_the_mean_of_a_head_is_near_that_over_all_pairs() -> None:
    split = split_of()
    model = model_of(split, "dual", "none")
    pairs = torch.cartesian_prod(torch.arange(12), torch.arange(60)).t()
    logits = model.score(split.graph, pairs)
    assert head_mean(model, split) == pytest.approx(logits.mean().item(), abs=0.1 * logits.std().item())
    _, found = explained(model, split, pairs)
    assert found[:, AT[VECTORS]].mean().abs() < 0.1 * logits.std()


@pytest.mark.parametrize(("head", "structure"), MODELS)
def test_the_groups_add_up_for_every_head_and_feature_set(head: str, structure: str) -> None:
    split = split_of()
    model, pairs = model_of(split, head, structure), some_pairs(split.graph)
    start, found = explained(model, split, pairs)
    assert found.shape == (pairs.size(1), len(GROUPS))
    score = model.score(split.graph, pairs).double()
    torch.testing.assert_close(start + found.sum(dim=1), score, rtol=1e-4, atol=1e-4)
    term = model.structure
    there = set() if term is None else set(term.groups)
    for group in there:
        assert found[:, AT[group]].abs().max() > 1e-4
    for group in set(GROUPS) - there - ({VECTORS, DEGREE} if head != "zero" else set()):
        assert (found[:, AT[group]] == 0).all()
    assert adds_up(model) == (structure in ADDITIVE)
    _, blocks = explained(model, split, pairs, block=17)
    torch.testing.assert_close(blocks, found, rtol=1e-5, atol=1e-5)


def test_every_feature_of_the_registry_is_of_a_known_group() -> None:
    of = {name: pair_features.get(name).group for name in pair_features.names()}
    assert [name for name, group in of.items() if group == DEGREE] == ["degree"]
    knowledge = {"coexpression", "direct", "node_facts", "similar_genes", "similar_tfs"}
    assert {name for name, group in of.items() if group == KNOWLEDGE} == knowledge
    assert {group for name, group in of.items() if name not in {*knowledge, "degree"}} == {KNOWN_EDGES}


def test_terms_of_an_additive_model_are_those_of_its_networks() -> None:
    """Each less what it is for the average pair, where all features are 0 after `Standardise`."""
    split = split_of()
    model, pairs = model_of(split, "dual", "additive"), some_pairs(split.graph)
    _, found = explained(model, split, pairs)
    term = model.structure
    assert term is not None
    scaled = term.mlp[0](term.values(split.graph, pairs))
    by_group = term.mlp[1]
    assert isinstance(by_group, ByGroup)
    for group, places in by_group.columns.items():
        own = by_group.of[group](scaled[:, places]) - by_group.of[group](torch.zeros(1, len(places)))
        assert torch.allclose(found[:, AT[group]].float(), own[:, 0], atol=1e-4)
    z = model.encode(split.graph)
    of_head = model.head(z[TF][pairs[0]], z[GENE][pairs[1]], pairs)
    assert torch.allclose(found[:, AT[VECTORS]].float() + head_mean(model, split), of_head, atol=1e-4)


def test_a_bias_of_each_node_is_degree() -> None:
    split = split_of()
    model, pairs = model_of(split, "dual", "none", bias="per_node"), some_pairs(split.graph)
    _, found = explained(model, split, pairs)
    head = model.head
    assert isinstance(head, DualHead)
    bias = head.bias[0][pairs[0]] + head.bias[1][pairs[1]]
    assert bias.abs().max() > 0
    assert torch.allclose(found[:, AT[DEGREE]].float() + head_mean(model, split, DEGREE), bias, atol=1e-5)


def test_known_edges_are_explained_as_they_are_scored() -> None:
    """Out of fold: on a graph that holds the edge, `ease` and `walks` would know the answer."""
    split = split_of()
    scorer = TrainedModel(model_of(split, "dual", "joint"), split.graph, seed=3)
    pairs = torch.cat([split.graph[REGULATES].edge_index[:, ::3], some_pairs(split.graph)], dim=1)
    found = scorer.base + scorer.explain(pairs).sum(axis=1)
    np.testing.assert_allclose(found, scorer.score(pairs), rtol=1e-4, atol=1e-4)
    new = scorer.without_known_edges()
    naive = new.base + new.explain(pairs).sum(axis=1)
    assert np.abs(naive - found).max() > 0.01
    np.testing.assert_allclose(naive, new.score(pairs), rtol=1e-4, atol=1e-4)


def test_shapley_values_are_the_mean_over_all_orders() -> None:
    generator = torch.Generator().manual_seed(0)
    worth: dict[frozenset[str], Tensor] = {}

    def score(known: frozenset[str]) -> Tensor:
        if known not in worth:
            worth[known] = torch.randn(5, generator=generator, dtype=torch.float64)
        return worth[known]

    players = ["a", "b", "c", "d"]
    found = shapley_values(score, players)
    orders = list(permutations(players))
    for place, player in enumerate(players):
        steps = []
        for order in orders:
            before = frozenset(order[: order.index(player)])
            steps.append(score(before | {player}) - score(before))
        torch.testing.assert_close(found[place], torch.stack(steps).mean(dim=0))


def test_a_head_whose_terms_miss_its_logit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    split = split_of()
    model, pairs = model_of(split, "dual", "none"), some_pairs(split.graph)
    ones = torch.ones(pairs.size(1))
    for terms, says in (({VECTORS: ones}, "do not add up"), ({"likeness": ones}, "likeness")):
        monkeypatch.setattr(model.head, "terms", lambda *_, own=terms: own)
        with pytest.raises(InputError, match=says):
            contributions(model, split.graph, pairs, {})


def test_a_feature_of_an_unknown_group_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pair_features.get("degree"), "group", "popularity")
    with pytest.raises(InputError, match="popularity"):
        StructureTerm(small_graph(), ("degree",))


@pytest.mark.parametrize(("groups", "outputs"), [((2, 24), 1), ((2, 24, 34), 3), ((60,), 1)])
def test_networks_of_groups_have_as_many_parameters_as_one_of_all(
    groups: tuple[int, ...], outputs: int
) -> None:
    names = [str(group) for group, size in enumerate(groups) for _ in range(size)]
    additive, whole = ByGroup(names, 64, outputs, 0.0), joint(len(names), 64, outputs, 0.0)
    assert count(additive) == pytest.approx(count(whole), rel=0.02)


def test_a_group_of_an_additive_term_does_not_change_what_another_is_worth() -> None:
    split = split_of()
    model, pairs = model_of(split, "zero", "additive"), some_pairs(split.graph)
    fewer = with_messages(split.graph, split.graph[REGULATES].edge_index[:, ::2])
    here, there = (contributions(model, graph, pairs, {}) for graph in (split.graph, fewer))
    term = model.structure
    assert term is not None
    ours, theirs = (term.values(graph, pairs) for graph in (split.graph, fewer))
    direct = [place for place, name in enumerate(term.names) if name.startswith(("similar", "direct"))]
    same = (ours[:, direct] == theirs[:, direct]).all(dim=1)
    assert same.any()
    assert torch.allclose(here[same, AT[KNOWLEDGE]], there[same, AT[KNOWLEDGE]])
    assert not torch.allclose(here[same, AT[DEGREE]], there[same, AT[DEGREE]])
