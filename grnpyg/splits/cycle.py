"""Which part of the training edges is scored in which epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grnpyg.splits.link_split import LinkSplit
from grnpyg.splits.messages import fold, num_folds
from grnpyg.splits.node_folds import node_fold

if TYPE_CHECKING:
    from grnpyg.config import ExperimentConfig


def cycle(config: ExperimentConfig, split: LinkSplit) -> list[tuple[LinkSplit, ...]]:
    """What the epochs of a training score in turn: epoch e, from 0, what stands at e modulo the length.

    The whole split; with `training.disjoint_train_ratio` its folds; with `training.cold_folds` a fold of the
    edges and one of the nodes by turns.

    Args:
        config: the experiment.
        split: the experiment's split.

    Returns:
        For each epoch of a cycle the splits whose positives and negatives it scores; they share a graph.

    Raises:
        InputError: a fold without anything to score or to learn from.
    """
    ratio, seed = config.training.disjoint_train_ratio, config.seed
    if ratio is None:
        return [(split,)]
    folds, turns = num_folds(ratio), list[tuple[LinkSplit, ...]]()
    for number in range(folds):
        turns.append((fold(split, number, folds, seed),))
        if config.training.cold_folds:
            turns.append(node_fold(split, number, folds, seed))
    return turns
