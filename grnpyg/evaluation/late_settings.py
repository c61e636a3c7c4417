"""Evaluation negatives that a run did not store, drawn afterwards as they would have been before training."""

from __future__ import annotations

import torch

from grnpyg.core.config import ExperimentConfig
from grnpyg.core.errors import InputError
from grnpyg.core.seeding import derive
from grnpyg.negatives import evaluation_sets, negatives
from grnpyg.runs import Run
from grnpyg.runs.draws import cycle, epoch_pairs, evaluation_ratio
from grnpyg.splits import LabelledPairs
from grnpyg.splits.leakage import HELD_OUT_IN_TRAINING


def setting_sets(run: Run, setting: str) -> dict[str, LabelledPairs]:
    """Subset -> candidate set of a setting: the stored one, or one drawn now from the run's data seed.

    Args:
        run: from `Run.load`.
        setting: name of a negative sampler.

    Raises:
        InputError: unknown setting, or too few pairs to draw from.
    """
    sampler = negatives.build(setting)
    if setting in run.evaluation:
        return run.evaluation[setting]
    try:
        return evaluation_sets(
            run.split,
            sampler,
            evaluation_ratio(run.config, run.split),
            derive(run.config.data_seed, "evaluation", setting),
            given=run.split.negatives if setting == run.split.regime else None,
            earlier=tuple(run.evaluation.values()),
            taken=_seen(run) if run.config.negatives.scheme == "sparing" else None,
            at_most=run.config.shortage == "say",
        )
    except InputError as error:
        raise InputError(
            f"negatives of {setting} were not drawn before training and cannot be drawn now: {error.what}",
            where=run.path,
            fix=f"train with {setting} in evaluation.negatives",
        ) from None


def _seen(run: Run) -> torch.Tensor | None:
    """(2, N) every negative that the run was trained on: the draw of each epoch can be repeated."""
    if HELD_OUT_IN_TRAINING in run.split.leaks:
        return None
    drawn = [epoch_pairs(run.config, run.split, run.evaluation, 0).negatives]  # those of the baselines
    for config, epochs in _trainings(run):
        turns = cycle(config, run.split)
        if not config.negatives.fresh:
            epochs = min(epochs, len(turns))
        scored = [(fold, epoch) for epoch in range(epochs) for fold in turns[epoch % len(turns)]]
        drawn += [epoch_pairs(config, fold, run.evaluation, epoch).negatives for fold, epoch in scored]
    seen: torch.Tensor = torch.cat(drawn, dim=1).unique(dim=1)
    return seen


def _trainings(run: Run) -> list[tuple[ExperimentConfig, int]]:
    """Each training behind a run, with its epochs at most: the first one, then the fine-tuning of each step.

    A pruned run stores the epochs of its own fine-tuning alone.
    """
    steps, taken = run.config.prune, run.manifest.epochs
    if not steps:
        return [(run.config, taken)]
    tuned = [(run.config.fine_tuning(i), step.finetune_epochs) for i, step in enumerate(steps, start=1)]
    return [(run.config, run.config.training.max_epochs), *tuned[:-1], (tuned[-1][0], taken)]
