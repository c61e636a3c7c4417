"""What a config asks for that its labels cannot give, in words: for `shortage: say`."""

from __future__ import annotations

from collections.abc import Sequence

from grnpyg.core.config import ExperimentConfig
from grnpyg.core.errors import InputError, examples
from grnpyg.negatives import negatives
from grnpyg.runs.draws import epoch_pairs, evaluation_ratio, model_pairs
from grnpyg.splits import LabelledPairs, LinkSplit
from grnpyg.splits.folds import num_folds
from grnpyg.splits.split_file import Evaluation

Turns = Sequence[tuple[LinkSplit, ...]]  # of `grnpyg.runs.draws.cycle`


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
    lines = [*_of_evaluation(config, split, evaluation), *_of_baselines(config, split, evaluation)]
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


def _of_baselines(config: ExperimentConfig, split: LinkSplit, evaluation: Evaluation) -> list[str]:
    """On the negatives of the whole split, which baselines read, and a model without folds."""
    name, asked = config.negatives.sampler["name"], config.negatives.ratio
    pairs = epoch_pairs(config, split, evaluation, epoch=0)
    if not negatives.get(name).exact or (ratio := _ratio(pairs)) >= _least(pairs, asked):
        return []
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
    """On folds in which an output learns nothing, or an exact sampler draws fewer than asked for."""
    outputs = config.structure_outputs or (config.negatives.sampler["name"],)
    asked, parts = config.negatives.ratio, sum(map(len, turns))
    without, few, lowest = dict.fromkeys(outputs, 0), dict.fromkeys(outputs, 0), dict.fromkeys(outputs, asked)
    for epoch, turn in enumerate(turns):
        found = 0
        for subset in turn:
            sets = model_pairs(config, subset, evaluation, epoch)
            found += len(sets)
            number = {0 if pairs.output is None else int(pairs.output[0]): pairs for pairs in sets}
            for place, name in enumerate(outputs):
                if place not in number:
                    without[name] += 1
                elif negatives.get(name).exact and (ratio := _ratio(number[place])) < _least(
                    number[place], asked
                ):
                    few[name] += 1
                    lowest[name] = min(lowest[name], ratio)
        if not found:
            raise InputError(
                f"a fold has no pair for {examples(dict.fromkeys(outputs))}",
                where="training",
                fix="use another sampler, or no folds of the nodes: `--set training.cold_folds=false`",
            )
    lines = []
    for name in dict.fromkeys(outputs):
        if without[name]:
            what = f"{name} finds no pair in {without[name]} of {parts} parts of folds"
            lines.append(f"negatives: {what}, where nothing is learned from it")
        if few[name]:
            what = (
                f"fewer than {asked:g} {name} negatives per positive in {few[name]} of {parts} parts of folds"
            )
            lines.append(f"negatives.ratio: {what}, down to {lowest[name]:.2f}")
    return lines


def _ratio(pairs: LabelledPairs) -> float:
    return pairs.negatives.size(1) / pairs.positives.size(1)


def _least(pairs: LabelledPairs, asked: float) -> float:
    """The ratio asked for, in whole negatives."""
    positives = pairs.positives.size(1)
    return round(asked * positives) / positives
