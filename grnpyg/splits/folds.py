"""Folds: separate the training edges scored in an epoch from those that carry messages in it."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from grnpyg.core.errors import InputError
from grnpyg.core.seeding import torch_generator
from grnpyg.data.graph import GENE, TF
from grnpyg.splits.leakage import COLD_IN_UNIVERSE
from grnpyg.splits.link_split import LinkSplit
from grnpyg.splits.messages import with_messages

MOST_TRIED = 20  # folds, for a message


class EmptyFoldError(InputError):
    """A fold without anything to score or to learn from."""


def num_folds(ratio: float) -> int:
    """The number of folds of about this share, 0 < ratio <= 0.5."""
    return max(2, round(1 / ratio))


def fold_numbers(num_edges: int, folds: int, seed: int) -> Tensor:
    """(num_edges,) the fold of each edge, from 0."""
    order = torch.randperm(num_edges, generator=torch_generator(seed, "folds"))
    result = torch.empty_like(order)
    result[order] = torch.arange(num_edges) % folds
    return result


def fold(split: LinkSplit, number: int, folds: int, seed: int) -> LinkSplit:
    """The split in which the positives of one fold are scored and the others carry messages.

    A positive is not scored if one of its ends would have no message edge left: held-out positives have
    training edges at both ends, so the scored ones should too. Every other positive is in exactly one fold.
    A split with cold nodes in its universe (`cold-in-universe`) is an exception: there all positives are
    scored, as otherwise a node without an edge would occur in negatives only.

    Negatives are drawn for the positives of the fold. If the split has its own training negatives, each fold
    gets its share of them.

    Args:
        split: a whole split.
        number: the fold, from 0.
        folds: how many, 2 or more.
        seed: decides who is in which fold.

    Raises:
        EmptyFoldError: no positive of the fold keeps a message edge at both ends.
    """
    train = split.positives["train"]
    mine, linked = _members(train, number, folds, seed)
    rest = train[:, ~mine]
    if COLD_IN_UNIVERSE in split.leaks:
        linked = torch.ones_like(linked)
    if not bool((mine & linked).any()):
        raise EmptyFoldError(
            f"no edge of fold {number + 1} of {folds} leaves both of its ends another one",
            where="training.disjoint_train_ratio",
            fix=_working(train, folds, seed),
        )
    return replace(
        split,
        graph=with_messages(split.graph, rest),
        positives={**split.positives, "train": train[:, mine & linked]},
        negatives=_with_share(split.negatives, number, folds, seed),
        unscored=train[:, ~(mine & linked)],
    )


def _members(train: Tensor, number: int, folds: int, seed: int) -> tuple[Tensor, Tensor]:
    """(E,) True for the edges of a fold, and for those whose ends both have an edge outside of it."""
    mine = fold_numbers(train.size(1), folds, seed) == number
    rest = train[:, ~mine]
    return mine, torch.isin(train[0], rest[0]) & torch.isin(train[1], rest[1])


def _working(train: Tensor, folds: int, seed: int) -> str:
    """What to do where a fold has nothing to score: a number of folds with which each has something."""
    for more in range(2, min(MOST_TRIED, train.size(1)) + 1):
        both = (_members(train, number, more, seed) for number in range(more))
        if more != folds and all(bool((mine & linked).any()) for mine, linked in both):
            return f"with these labels there works `--set training.disjoint_train_ratio={1 / more:.3g}`"
    return "leave it out: `--set training.disjoint_train_ratio=null`; there are too few edges for folds"


def _with_share(negatives: dict[str, Tensor], number: int, folds: int, seed: int) -> dict[str, Tensor]:
    if "train" not in negatives:
        return negatives
    order = torch.randperm(negatives["train"].size(1), generator=torch_generator(seed, "folds", "negatives"))
    return {**negatives, "train": negatives["train"][:, order[number::folds].sort().values]}


def node_fold(split: LinkSplit, number: int, folds: int, seed: int) -> tuple[LinkSplit, ...]:
    """Simulate a cold start with training edges: one fold of the TFs and of the genes is unseen.

    The edges between the other nodes carry messages. Three kinds of edges are scored: unseen TF with seen
    gene, seen TF with unseen gene, and both unseen. Each is a separate split whose negatives come from its
    own candidates, as in `ColdStartSplit`. A kind without an edge is left out.

    Args:
        split: a whole split.
        number: the fold, from 0.
        folds: how many, 2 or more.
        seed: decides who is in which fold.

    Returns:
        One to three splits over the same graph.

    Raises:
        EmptyFoldError: no edge is left to carry messages or to be scored.
        InputError: the split has its own negatives.
    """
    if "train" in split.negatives:
        raise InputError(
            "the split has its own training negatives, which do not fit unseen nodes",
            where="training.cold_folds",
            fix="leave it out: `--set training.cold_folds=false`",
        )
    train = split.positives["train"]
    held = {kind: _mine(split, kind, number, folds, seed) for kind in (TF, GENE)}
    rest = train[:, ~torch.isin(train[0], held[TF]) & ~torch.isin(train[1], held[GENE])]
    seen = {TF: rest[0].unique(), GENE: rest[1].unique()}
    graph, subsets = with_messages(split.graph, rest), []
    for tf, gene in ((held[TF], seen[GENE]), (seen[TF], held[GENE]), (held[TF], held[GENE])):
        mine = torch.isin(train[0], tf) & torch.isin(train[1], gene)
        if mine.any():
            unseen = replace(
                split,
                graph=graph,
                positives={**split.positives, "train": train[:, mine]},
                unscored=train[:, ~mine],
                universes={**split.universes, "train": (tf, gene)},
            )
            subsets.append(unseen)
    if not (rest.numel() and subsets):
        raise EmptyFoldError(
            f"fold {number + 1} of {folds} of the nodes leaves no edge to learn from",
            where="training.cold_folds",
            fix="leave it out: `--set training.cold_folds=false`",
        )
    return tuple(subsets)


def _mine(split: LinkSplit, kind: str, number: int, folds: int, seed: int) -> Tensor:
    """Ids of the warm nodes in the fold, ascending."""
    warm = split.warm[kind]
    order = torch.randperm(warm.numel(), generator=torch_generator(seed, "node folds", kind))
    return warm[order[number::folds]].sort().values
