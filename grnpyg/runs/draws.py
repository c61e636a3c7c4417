"""What a training draws, from its config alone: the folds of its epochs and the pairs of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch

from grnpyg.core.config import ExperimentConfig
from grnpyg.negatives import NoPairError, feasible_ratio, free_pairs, negatives, training_pairs
from grnpyg.splits import LabelledPairs, LinkSplit
from grnpyg.splits.folds import EmptyFoldError, fold, node_fold, num_folds
from grnpyg.splits.split_file import Evaluation, held_out_sets


def model_pairs(
    config: ExperimentConfig, split: LinkSplit, evaluation: Evaluation, epoch: int
) -> list[LabelledPairs]:
    """What a model learns from in an epoch: one set, or one for each of its outputs.

    Each output learns from all positives and from its own kind of negatives, `negatives.ratio` of them per
    positive, or as many candidates as `negatives.mining` asks for. With `shortage: say` an output whose
    sampler finds no pair has no set.

    Args:
        config: the experiment.
        split: the experiment's split.
        evaluation: regime -> subset -> pairs, none of which is a training positive.
        epoch: from 0.
    """
    outputs, sets = config.structure_outputs, list[LabelledPairs]()
    for number, name in enumerate(outputs or (None,)):
        sampler = None if name is None else {"name": name}
        try:
            pairs = epoch_pairs(config, split, evaluation, epoch, sampler=sampler, mined=True)
        except NoPairError:
            if config.shortage == "refuse":
                raise
            continue
        output = None if name is None else torch.full(pairs.edge_label.shape, number)
        sets.append(replace(pairs, output=output))
    return sets


def epoch_pairs(
    config: ExperimentConfig,
    split: LinkSplit,
    evaluation: Evaluation,
    epoch: int,
    *,
    sampler: dict[str, Any] | None = None,
    mined: bool = False,
) -> LabelledPairs:
    """`training_pairs` of a config: what a model of one output sees in an epoch, and baselines in the first.

    Args:
        config: the experiment.
        split: the experiment's split.
        evaluation: regime -> subset -> pairs, none of which is a training positive.
        epoch: from 0.
        sampler: in place of `negatives.sampler`.
        mined: draw the candidates of `negatives.mining`, or as many as there are.
    """
    mining = config.negatives.mining if mined else None
    return training_pairs(
        split,
        negatives.build_from(config.negatives.sampler if sampler is None else sampler),
        config.negatives.ratio * (1 if mining is None else mining.candidates),
        held_out_sets(evaluation),
        config.seed,
        epoch,
        fixed=config.fixed_negatives_seed,
        sparing=config.negatives.scheme == "sparing",
        at_most=config.shortage == "say" or mining is not None,
    )


def evaluation_ratio(config: ExperimentConfig, split: LinkSplit) -> float:
    """Evaluation negatives per positive: `evaluation.ratio`, or with `shortage: say` what is feasible."""
    ratio = config.evaluation.ratio
    if config.shortage == "refuse":
        return ratio
    exact = [negatives.get(setting).exact for setting in config.evaluation.negatives]
    return feasible_ratio(split, ratio, sum(exact), len(exact) - sum(exact))


def cycle(config: ExperimentConfig, split: LinkSplit) -> list[tuple[LinkSplit, ...]]:
    """What the epochs of a training score in turn: epoch e, from 0, what stands at e modulo the length.

    The whole split; with `training.disjoint_train_ratio` its folds; with `training.cold_folds` a fold of the
    edges and one of the nodes in alternation. With `shortage: say` a fold without anything to score, to learn
    from or to draw as a negative is left out.

    Args:
        config: the experiment.
        split: the experiment's split.

    Returns:
        For each epoch of a cycle the splits whose positives and negatives it scores; they share a graph.

    Raises:
        InputError: a fold without anything to score or to learn from; with `shortage: say`, all of them.
    """
    ratio, seed = config.training.disjoint_train_ratio, config.seed
    if ratio is None:
        return [(split,)]
    folds, turns = num_folds(ratio), list[tuple[LinkSplit, ...]]()
    kinds: list[Callable[[int], tuple[LinkSplit, ...]]] = [lambda number: (fold(split, number, folds, seed),)]
    if config.training.cold_folds:
        kinds.append(lambda number: node_fold(split, number, folds, seed))
    empty: EmptyFoldError | None = None
    for number in range(folds):
        for make in kinds:
            try:
                turn = make(number)
            except EmptyFoldError as error:
                if config.shortage == "refuse":
                    raise
                empty = empty or error
                continue
            if config.shortage == "say":
                turn = tuple(subset for subset in turn if free_pairs(subset))
            if turn:
                turns.append(turn)
    if not turns and empty is not None:
        raise empty
    return turns
