"""What a config asks for that its labels cannot give, in words: for `shortage: say`."""

from __future__ import annotations

from collections.abc import Sequence

from grnpyg.core.config import ExperimentConfig
from grnpyg.core.errors import InputError
from grnpyg.negatives import NoPairError, free_pairs
from grnpyg.runs.draws import epoch_pairs, evaluation_ratio
from grnpyg.splits import LinkSplit
from grnpyg.splits.folds import num_folds
from grnpyg.splits.split_file import Evaluation

Turns = Sequence[tuple[LinkSplit, ...]]  # of `grnpyg.runs.draws.cycle`

LARGE = 5_000  # negatives for a part of a fold: asking for them takes time, and some are found


def shortfalls(
    config: ExperimentConfig, split: LinkSplit, turns: Turns, evaluation: Evaluation
) -> tuple[str, ...]:
    """Sentences on what is left out, or done with less than was asked for; none where nothing is missing.

    Args:
        config: the experiment.
        split: the experiment's split.
        turns: what the epochs score in turn; empty if nothing is trained.
        evaluation: setting -> subset -> pairs.

    Raises:
        InputError: nothing is left to learn from.
    """
    lines = [*_of_evaluation(config, split, evaluation), *_of_baselines(config, split)]
    if turns and config.training.disjoint_train_ratio is not None:
        lines += _of_folds(config, turns)
    return (*lines, *_of_outputs(config, turns, evaluation))


def _of_evaluation(config: ExperimentConfig, split: LinkSplit, evaluation: Evaluation) -> list[str]:
    lines = []
    if missing := [setting for setting in config.evaluation.negatives if setting not in evaluation]:
        lines.append(f"evaluation.negatives: {', '.join(missing)} left out, which finds no pair")
    asked, ratio = config.evaluation.ratio, evaluation_ratio(config, split)
    if ratio < asked:
        what = f"{ratio:g} negatives per positive instead of {asked:g}"
        lines.append(f"evaluation.ratio: {what}, as the labels name most pairs")
    return lines


def _of_baselines(config: ExperimentConfig, split: LinkSplit) -> list[str]:
    """On the negatives of the whole split, which baselines read, and a model without folds."""
    asked, wanted, free = config.negatives.ratio, _wanted(config, split), free_pairs(split)
    if free >= wanted:
        return []
    ratio = free / split.positives["train"].size(1)
    return [
        f"negatives.ratio: {ratio:.2f} negatives per positive instead of {asked:g}: there are no more pairs"
    ]


def _of_folds(config: ExperimentConfig, turns: Turns) -> list[str]:
    folds = num_folds(config.training.disjoint_train_ratio or 1.0)
    of_nodes = sum("train" in turn[0].universes for turn in turns)
    kinds = [("disjoint_train_ratio", "edges", len(turns) - of_nodes)]
    if config.training.cold_folds:
        kinds.append(("cold_folds", "nodes", of_nodes))
    return [
        f"training.{key}: {folds - found} of {folds} folds left out of those of the {what}: nothing to "
        "score, to learn from or to draw as a negative"
        for key, what, found in kinds
        if found < folds
    ]


def _of_outputs(config: ExperimentConfig, turns: Turns, evaluation: Evaluation) -> list[str]:
    """On folds in which an output learns nothing, or from fewer negatives than there are pairs for."""
    outputs: tuple[str | None, ...] = tuple(dict.fromkeys(config.structure_outputs)) or (None,)
    parts, lines = sum(map(len, turns)), list[str]()
    learned = [0] * len(turns)
    for name in outputs:
        without = 0
        for epoch, turn in enumerate(turns):
            found = sum(_finds(config, name, subset, evaluation, epoch) for subset in turn)
            without += len(turn) - found
            learned[epoch] += found
        if without:
            what = f"{name or config.negatives.sampler['name']} finds no pair in {without} of {parts} parts"
            lines.append(f"negatives: {what} of folds, where nothing is learned from it")
    if not all(learned):
        raise InputError(
            "a fold has no pair that could be a negative",
            where="negatives.sampler",
            fix="use another sampler, or no folds of the nodes: `--set training.cold_folds=false`",
        )
    free = [(part, free_pairs(part)) for turn in turns for part in turn]
    short = [n / part.positives["train"].size(1) for part, n in free if n < _wanted(config, part)]
    if short:
        what = (
            f"fewer than {config.negatives.ratio:g} negatives per positive in {len(short)} of {parts} parts"
        )
        lines.append(f"negatives.ratio: {what} of folds, down to {min(short):.2f}")
    return lines


def _finds(
    config: ExperimentConfig, name: str | None, part: LinkSplit, evaluation: Evaluation, epoch: int
) -> bool:
    """Whether a sampler finds a pair for a part of a fold: asked of small parts, as large ones have one."""
    if _wanted(config, part) > LARGE:
        return True
    try:
        epoch_pairs(config, part, evaluation, epoch, sampler=None if name is None else {"name": name})
    except NoPairError:
        return False
    return True


def _wanted(config: ExperimentConfig, split: LinkSplit) -> int:
    return round(config.negatives.ratio * split.positives["train"].size(1))
