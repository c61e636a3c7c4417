"""Folds of nodes: TFs and genes that lose all their message edges while their edges are being scored."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from grnpyg.data.graph import GENE, TF
from grnpyg.errors import InputError
from grnpyg.seeding import torch_generator
from grnpyg.splits.link_split import LinkSplit
from grnpyg.splits.messages import with_messages


def node_fold(split: LinkSplit, number: int, folds: int, seed: int) -> tuple[LinkSplit, ...]:
    """Practice for a cold start, made from training edges: one fold of the TFs and of the genes is unseen.

    The edges between the other nodes carry messages. Scored are those of an unseen TF and a seen gene, of a
    seen TF and an unseen gene, and of two unseen ends: splits of their own, whose negatives come from their
    own candidates, as in `ColdStartSplit`. A cell without an edge is left out.

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
    graph, cells = with_messages(split.graph, rest), []
    for tf, gene in ((held[TF], seen[GENE]), (seen[TF], held[GENE]), (held[TF], held[GENE])):
        mine = torch.isin(train[0], tf) & torch.isin(train[1], gene)
        if mine.any():
            cell = replace(
                split,
                graph=graph,
                positives={**split.positives, "train": train[:, mine]},
                set_aside=torch.cat([split.set_aside, train[:, ~mine]], dim=1),
                universes={**split.universes, "train": (tf, gene)},
            )
            cells.append(cell)
    if not (rest.numel() and cells):
        raise InputError(
            f"fold {number + 1} of {folds} of the nodes leaves no edge to learn from",
            where="training.cold_folds",
            fix="use a regulon with more edges, or a smaller training.disjoint_train_ratio",
        )
    return tuple(cells)


def _mine(split: LinkSplit, kind: str, number: int, folds: int, seed: int) -> Tensor:
    """Ids, ascending, of the warm nodes in the fold."""
    warm = split.warm[kind]
    order = torch.randperm(warm.numel(), generator=torch_generator(seed, "node folds", kind))
    return warm[order[number::folds]].sort().values
