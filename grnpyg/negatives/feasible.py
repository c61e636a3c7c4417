"""Whether there are enough pairs for the negatives of a split, before any of them is drawn."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from grnpyg.core.errors import InputError
from grnpyg.data.graph import ENCODED_BY, pair_codes
from grnpyg.negatives.base import first_of_each, unlabelled
from grnpyg.splits.link_split import LabelledPairs, LinkSplit

TRAINING, EVALUATION = "negatives.ratio (--ratio)", "evaluation.ratio"


def require_feasible(
    split: LinkSplit, *, training: float, evaluation: float, regimes: int = 1, short: int = 0
) -> None:
    """Check that the universe is large enough for the negatives of all subsets.

    Training negatives are drawn from everything but the training edges, and evaluation negatives, those of
    two subsets being apart, from everything that no label names. Neither takes pairs from the other.

    Args:
        split: gives the universe and the positives.
        training: negatives per positive in training.
        evaluation: negatives per positive in validation and in test.
        regimes: evaluation settings that draw all negatives asked for, each its own.
        short: further settings, which may draw fewer. The advice counts them as if they drew all.

    Raises:
        InputError: it is not; gives the largest ratio with which they can be drawn.
    """
    sizes = {subset: pairs.size(1) for subset, pairs in split.positives.items()}
    smallest = min(sizes[subset] for subset in split.held_out)
    for where, ratio, size in (
        ("negatives.ratio", training, sizes["train"]),
        (EVALUATION, evaluation, smallest),
    ):
        if round(ratio * size) < 1:
            raise InputError(
                f"a ratio of {ratio:g} gives no negative for {size:,} positives",
                where=where,
                fix="use a larger ratio",
            )
    available = _left(split, split.known)
    if available == 0:
        raise InputError(
            "no unlabelled pair is left to be a negative: the labels name every pair",
            fix="keep the strong edges with `--min-weight`, or give labels that name fewer pairs",
        )
    known = [split.positives["train"], split.unscored]
    _require_trainable(split, training, known, "no training edges", "give labels that name fewer pairs")
    warm = [sizes[subset] for subset in split.held_out if subset not in split.universes]

    def need(ratio: float, settings: int) -> int:
        return settings * sum(round(ratio * size) for size in warm)

    if need(evaluation, regimes) <= available:
        return
    largest = math.floor(100 * available / ((regimes + short) * sum(warm))) / 100
    while largest > 0 and need(largest, regimes + short) > available:  # each subset is rounded by itself
        largest = round(largest - 0.01, 2)
    fix = f"the largest feasible ratio here is {largest}"
    raise InputError(
        f"evaluation at {evaluation:g}:1 needs {need(evaluation, regimes):,} unlabelled pairs, but there are "
        f"only {available:,}",
        where=EVALUATION,
        fix=fix if round(largest * smallest) >= 1 else "name fewer evaluation.negatives",
    )


def require_left(split: LinkSplit, ratio: float, evaluation: dict[str, LabelledPairs]) -> None:
    """Check that what is spared leaves enough pairs for training.

    Args:
        split: gives the universe and the positives.
        ratio: negatives per positive in training.
        evaluation: every candidate set.

    Raises:
        InputError: it does not; gives the largest feasible ratio.
    """
    spared = [split.known, *(pairs.negatives for pairs in evaluation.values())]
    which = f"left beside the {len(evaluation)} evaluation sets"
    _require_trainable(split, ratio, spared, which, "spare none: `--set negatives.scheme=blind`")


def _require_trainable(
    split: LinkSplit, ratio: float, excluded: list[Tensor], which: str, otherwise: str
) -> None:
    left, positives = _left(split, *excluded), split.positives["train"].size(1)
    wanted = round(ratio * positives)
    if wanted > left:
        largest = math.floor(100 * left / positives) / 100
        fix = f"the largest feasible ratio here is {largest}"
        raise InputError(
            f"training at {ratio:g}:1 needs {wanted:,} negatives; {left:,} pairs are {which}",
            where=TRAINING,
            fix=fix if round(largest * positives) >= 1 else otherwise,
        )


def _left(split: LinkSplit, *excluded: Tensor) -> int:
    """Pairs of the universe of training that are not excluded and no TF's own gene."""
    used = torch.cat([*excluded, split.graph[ENCODED_BY].edge_index], dim=1)
    return unlabelled(split, "train", used[:, first_of_each(pair_codes(split.graph, used))])
