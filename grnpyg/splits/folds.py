"""Folds: the training edges that are scored in an epoch, kept apart from those that carry messages in it."""

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


def num_folds(ratio: float) -> int:
    """How many folds of about that share, 0 < ratio <= 0.5, there are."""
    return max(2, round(1 / ratio))


def fold(split: LinkSplit, number: int, folds: int, seed: int) -> LinkSplit:
    """The split in which the positives of one fold are scored and the others carry messages.

    A positive whose end has no other message edge is scored in no fold: held-out positives have training
    edges at both ends, and so have those that stand for them. Every other one is in exactly one fold. In a
    split with cold nodes in its universe (`cold-in-universe`) held-out positives may lack them, and all are
    scored: else a node without an edge would be met in negatives alone.
    Negatives that are drawn for the result are those of the fold's positives; of training negatives that the
    split brings along each fold has its share.

    Args:
        split: a whole split.
        number: the fold, from 0.
        folds: how many, 2 or more.
        seed: decides who is in which fold.

    Raises:
        InputError: no positive of the fold keeps a message edge at both ends.
    """
    train = split.positives["train"]
    order = torch.randperm(train.size(1), generator=torch_generator(seed, "folds"))
    mine = torch.zeros(train.size(1), dtype=torch.bool)
    mine[order[number::folds]] = True
    rest = train[:, ~mine]
    linked = torch.isin(train[0], rest[0]) & torch.isin(train[1], rest[1])
    if COLD_IN_UNIVERSE in split.leaks:
        linked = torch.ones_like(linked)
    if not bool((mine & linked).any()):
        raise InputError(
            f"no edge of fold {number + 1} of {folds} leaves both of its ends another one",
            where="training.disjoint_train_ratio",
            fix="use a smaller one, or a regulon with more edges",
        )
    return replace(
        split,
        graph=with_messages(split.graph, rest),
        positives={**split.positives, "train": train[:, mine & linked]},
        negatives=_with_share(split.negatives, number, folds, seed),
        set_aside=torch.cat([split.set_aside, train[:, ~(mine & linked)]], dim=1),
    )


def _with_share(negatives: dict[str, Tensor], number: int, folds: int, seed: int) -> dict[str, Tensor]:
    if "train" not in negatives:
        return negatives
    order = torch.randperm(negatives["train"].size(1), generator=torch_generator(seed, "folds", "negatives"))
    return {**negatives, "train": negatives["train"][:, order[number::folds].sort().values]}


def node_fold(split: LinkSplit, number: int, folds: int, seed: int) -> tuple[LinkSplit, ...]:
    """Practice for a cold start, made from training edges: one fold of the TFs and of the genes is unseen.

    The edges between the other nodes carry messages. Scored are those of an unseen TF and a seen gene, of a
    seen TF and an unseen gene, and of two unseen ends: splits of their own, whose negatives come from their
    own candidates, as in `ColdStartSplit`. A subset without an edge is left out.

    Args:
        split: a whole split.
        number: the fold, from 0.
        folds: how many, 2 or more.
        seed: decides who is in which fold.

    Returns:
        One to three splits over one and the same graph.

    Raises:
        InputError: no edge is left to carry messages or to be scored, or the split brings negatives along.
    """
    if "train" in split.negatives:
        raise InputError(
            "the split brings training negatives along, which do not fit unseen nodes",
            where="training.cold_folds",
            fix="leave it out, or use another split",
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
                set_aside=torch.cat([split.set_aside, train[:, ~mine]], dim=1),
                universes={**split.universes, "train": (tf, gene)},
            )
            subsets.append(unseen)
    if not (rest.numel() and subsets):
        raise InputError(
            f"fold {number + 1} of {folds} of the nodes leaves no edge to learn from",
            where="training.cold_folds",
            fix="use a regulon with more edges, or a smaller training.disjoint_train_ratio",
        )
    return tuple(subsets)


def _mine(split: LinkSplit, kind: str, number: int, folds: int, seed: int) -> Tensor:
    """Ids, ascending, of the warm nodes in the fold."""
    warm = split.warm[kind]
    order = torch.randperm(warm.numel(), generator=torch_generator(seed, "node folds", kind))
    return warm[order[number::folds]].sort().values
