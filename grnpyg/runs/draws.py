"""What a training draws, from its config alone: the folds of its epochs and the pairs of each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch

from grnpyg.core.config import ExperimentConfig
from grnpyg.negatives import negatives, training_pairs
from grnpyg.splits import LabelledPairs, LinkSplit
from grnpyg.splits.folds import fold, node_fold, num_folds
from grnpyg.splits.split_file import Evaluation, held_out_sets


def model_pairs(
    config: ExperimentConfig, split: LinkSplit, evaluation: Evaluation, epoch: int
) -> list[LabelledPairs]:
    """What a model learns from in an epoch: one set, or one for each of its outputs.

    Each output learns from all positives and from its own kind of negatives, `negatives.ratio` of them per
    positive.

    Args:
        config: the experiment.
        split: the experiment's split.
        evaluation: regime -> subset -> pairs, none of which is a training positive.
        epoch: from 0.
    """
    outputs = config.structure_outputs
    if not outputs:
        return [epoch_pairs(config, split, evaluation, epoch)]
    sets = [epoch_pairs(config, split, evaluation, epoch, sampler={"name": name}) for name in outputs]
    return [
        replace(pairs, output=torch.full(pairs.edge_label.shape, number)) for number, pairs in enumerate(sets)
    ]


def epoch_pairs(
    config: ExperimentConfig,
    split: LinkSplit,
    evaluation: Evaluation,
    epoch: int,
    *,
    sampler: dict[str, Any] | None = None,
) -> LabelledPairs:
    """`training_pairs` of a config: what a model of one output sees in an epoch, and baselines in the first.

    Args:
        config: the experiment.
        split: the experiment's split.
        evaluation: regime -> subset -> pairs, none of which is a training positive.
        epoch: from 0.
        sampler: in place of `negatives.sampler`.
    """
    return training_pairs(
        split,
        negatives.build_from(config.negatives.sampler if sampler is None else sampler),
        config.negatives.ratio,
        held_out_sets(evaluation),
        config.seed,
        epoch,
        fixed=config.fixed_negatives_seed,
        sparing=config.negatives.scheme == "sparing",
    )


def cycle(config: ExperimentConfig, split: LinkSplit) -> list[tuple[LinkSplit, ...]]:
    """What the epochs of a training score in turn: epoch e, from 0, what stands at e modulo the length.

    The whole split; with `training.disjoint_train_ratio` its folds; with `training.cold_folds` a fold of the
    edges and one of the nodes in alternation.

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
