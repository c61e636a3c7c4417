"""Evaluation regimes that a run did not store: drawn afterwards, without any pair it was trained on."""

from __future__ import annotations

import torch

from grnpyg.core.config import ExperimentConfig
from grnpyg.core.errors import InputError
from grnpyg.core.seeding import derive
from grnpyg.negatives import evaluation_sets, negatives
from grnpyg.runs import Run
from grnpyg.runs.draws import cycle, epoch_pairs
from grnpyg.splits import LabelledPairs
from grnpyg.splits.leakage import HELD_OUT_IN_TRAINING


def regime_sets(run: Run, regime: str) -> dict[str, LabelledPairs]:
    """Part -> candidate set of a regime: the stored one, or else drawn now from the run's data seed.

    Raises:
        InputError: unknown regime, or too few pairs that the run was not trained on.
    """
    sampler = negatives.build(regime)
    if regime in run.evaluation:
        return run.evaluation[regime]
    try:
        return evaluation_sets(
            run.split,
            sampler,
            run.config.evaluation.ratio,
            derive(run.config.data_seed, "evaluation", regime),
            given=run.split.negatives if regime == run.split.regime else None,
            earlier=tuple(run.evaluation.values()),
            taken=_seen(run),
        )
    except InputError as error:
        raise InputError(
            f"the regime {regime} was not drawn before training, and afterwards it cannot be: {error.what}",
            where=run.path,
            fix=f"train with {regime} in evaluation.negatives",
        ) from None


def _seen(run: Run) -> torch.Tensor | None:
    """(2, N) every negative that the run was trained on: each epoch's draw can be repeated."""
    if HELD_OUT_IN_TRAINING in run.split.leaks:
        return None
    drawn = [epoch_pairs(run.config, run.split, run.evaluation, 0).negatives]  # the baselines' as well
    for config, epochs in _trainings(run):
        turns = cycle(config, run.split)
        if not config.negatives.fresh:
            epochs = min(epochs, len(turns))
        scored = [(part, epoch) for epoch in range(epochs) for part in turns[epoch % len(turns)]]
        drawn += [epoch_pairs(config, part, run.evaluation, epoch).negatives for part, epoch in scored]
    seen: torch.Tensor = torch.cat(drawn, dim=1).unique(dim=1)
    return seen


def _trainings(run: Run) -> list[tuple[ExperimentConfig, int]]:
    """What a run was trained by, and for how many epochs at most: training, then each step's fine-tuning.

    A pruned run does not say how many epochs those before its own fine-tuning took.
    """
    steps, taken = run.config.prune, run.manifest["epochs"]
    if not steps:
        return [(run.config, taken)]
    tuned = [(run.config.fine_tuning(i), step.finetune_epochs) for i, step in enumerate(steps, start=1)]
    return [(run.config, run.config.training.max_epochs), *tuned[:-1], (tuned[-1][0], taken)]
