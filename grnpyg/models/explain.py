"""What each group of things that a model knows adds to the score of a pair."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import combinations

import torch
from torch import Tensor
from torch_geometric.data import HeteroData

from grnpyg.core.errors import InputError
from grnpyg.core.seeding import torch_generator
from grnpyg.data.graph import GENE, TF, num_nodes
from grnpyg.models.groups import GROUPS, require_groups
from grnpyg.models.predictor import PairModel, evaluating
from grnpyg.models.structure import combined

DRAWN = 1 << 14  # pairs over which the terms of a head are averaged
TOLERANCE = 1e-3  # by which the terms of a head may miss its logit, which is of the order of 1 to 10


def adds_up(model: PairModel) -> bool:
    """Whether the score of a model is a sum of terms, one for each group; else they change each other."""
    structure = model.structure
    return not model.outputs and (structure is None or structure.additive or len(set(structure.groups)) == 1)


@torch.no_grad()
def head_means(model: PairModel, data: HeteroData, seed: int, *, z: dict[str, Tensor]) -> dict[str, float]:
    """The mean of each term of the head over pairs drawn from all pairs of the graph.

    Args:
        model: the predictor, with its final weights.
        data: the graph.
        seed: of the training.
        z: from `PairModel.encode`.

    Returns:
        Group of `grnpyg.models.groups` -> mean.

    Raises:
        InputError: see `contributions`.
    """
    generator = torch_generator(seed, "explain")
    drawn = [torch.randint(number, (DRAWN,), generator=generator) for number in num_nodes(data)]
    tf, gene = pairs = torch.stack(drawn).to(z[TF].device)
    with evaluating(model):
        return {
            group: float(term.mean())
            for group, term in _head_terms(model, z[TF][tf], z[GENE][gene], pairs).items()
        }


@torch.no_grad()
def base(model: PairModel, of_head: Mapping[str, float]) -> float:
    """The score of an average pair, see `contributions`.

    Args:
        model: the predictor.
        of_head: from `head_means`.
    """
    logit = torch.full((1, 1), sum(of_head.values()), dtype=torch.float64)
    if model.structure is not None:
        with evaluating(model):
            nothing = torch.zeros(1, len(model.structure.names), device=logit.device)
            logit = logit + model.structure.of_groups(nothing, ()).double()
    return float(combined(logit, model.outputs))


@torch.no_grad()
def contributions(
    model: PairModel,
    data: HeteroData,
    edge_label_index: Tensor,
    of_head: Mapping[str, float],
    *,
    z: dict[str, Tensor] | None = None,
    block: int = 1 << 15,
) -> Tensor:
    """What each group adds to the score of pairs; with `base` they add up to the score.

    Where the score is a sum of terms (`adds_up`), these are the terms, less what they are for an average
    pair. In other models what a group adds depends on what else is known. Its mean over all orders in which
    the groups may become known is its Shapley value (Shapley 1953, A value for n-person games), which is
    computed exactly, from the scores with every set of groups. A sum of terms has the same values.

    A group that is not known is as in an average pair: its features are at their mean over the training
    pairs, and its term of the head at the mean over drawn pairs.

    Args:
        model: the predictor, with its final weights.
        data: the graph.
        edge_label_index: (2, num_pairs).
        of_head: from `head_means`.
        z: from `PairModel.encode`, if the graph is encoded already.
        block: pairs explained at a time.

    Returns:
        (num_pairs, number of `GROUPS`) float64, on the CPU, in units of the score, which is a logit; 0 for a
        group that the model does not have.

    Raises:
        InputError: terms of the head do not add up to its logit, or are of an unknown group.
    """
    z = model.encode(data) if z is None else z
    with evaluating(model):
        parts = [
            _contributions(model, data, pairs, of_head, z)
            for pairs in edge_label_index.to(z[TF].device).split(block, dim=1)
        ]
    return torch.cat(parts)


def _contributions(
    model: PairModel, data: HeteroData, pairs: Tensor, means: Mapping[str, float], z: dict[str, Tensor]
) -> Tensor:
    of_head = _head_terms(model, z[TF][pairs[0]], z[GENE][pairs[1]], pairs)
    structure = model.structure
    values = None if structure is None else structure.values(data, pairs)
    groups = () if structure is None else tuple(dict.fromkeys(structure.groups))

    @cache
    def of_structure(known: frozenset[str]) -> Tensor | float:
        if structure is None or values is None:
            return 0.0
        return structure.of_groups(values, known).double()

    def score(known: frozenset[str]) -> Tensor:
        """(num_pairs,) where these groups are known alone."""
        logit = torch.zeros(pairs.size(1), 1, dtype=torch.float64, device=pairs.device)
        for group, term in of_head.items():
            logit += term.unsqueeze(-1) if group in known else means[group]
        return combined(logit + of_structure(known.intersection(groups)), model.outputs)

    there = [group for group in GROUPS if group in groups or group in of_head]
    found = dict(zip(there, shapley_values(score, there), strict=True))
    nothing = torch.zeros(pairs.size(1), dtype=torch.float64)
    return torch.stack([found[group].cpu() if group in found else nothing for group in GROUPS], dim=1)


def _head_terms(model: PairModel, z_tf: Tensor, z_gene: Tensor, pairs: Tensor) -> dict[str, Tensor]:
    """`Head.terms` in float64, checked."""
    where = f"head {type(model.head).__name__}"
    terms = {group: term.double() for group, term in model.head.terms(z_tf, z_gene, pairs).items()}
    require_groups(terms, where)
    logit = model.head(z_tf, z_gene, pairs).double()
    if (sum(terms.values()) - logit).abs().gt(TOLERANCE * (1 + logit.abs())).any():
        raise InputError("the terms do not add up to the logit", where=where, fix="correct its method terms")
    return terms


def shapley_values(score: Callable[[frozenset[str]], Tensor], players: Sequence[str]) -> list[Tensor]:
    """The exact Shapley value of each player, from the 2^n scores of every set of them.

    phi_i = sum over sets S without i of |S|! (n - |S| - 1)! / n! (score(S with i) - score(S))

    Args:
        score: of a set of players.
        players: n names.

    Returns:
        One for each player, of the shape of a score; their sum is score(all) - score(none).

    Example:
        >>> both = lambda known: torch.tensor(float("a" in known and "b" in known))
        >>> shapley_values(both, ["a", "b"])
        [tensor(0.5000), tensor(0.5000)]
    """
    number = len(players)
    sets = [frozenset(some) for size in range(number + 1) for some in combinations(players, size)]
    scores = {known: score(known) for known in sets}
    values = []
    for player in players:
        value = torch.zeros_like(scores[frozenset()])
        for known in sets:
            if player not in known:
                weight = 1 / (number * math.comb(number - 1, len(known)))
                value = value + weight * (scores[known | {player}] - scores[known])
        values.append(value)
    return values
