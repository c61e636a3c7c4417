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
    split: LinkSplit,
    *,
    training: float,
    evaluation: float,
    regimes: int = 1,
    short: int = 0,
    at_most: bool = False,
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
        at_most: as many negatives as there are will do, one for each subset at least.

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
    if not at_most:
        known = [split.positives["train"], split.unscored]
        _require_trainable(split, training, known, "no training edges", "give labels that name fewer pairs")
    largest = feasible_ratio(split, evaluation, regimes, short)
    possible = round(largest * smallest) >= 1
    if largest == evaluation or (at_most and possible):
        return
    raise InputError(
        f"evaluation at {evaluation:g}:1 needs {_needed(split, evaluation, regimes):,} unlabelled pairs, but "
        f"there are only {available:,}",
        where=EVALUATION,
        fix=f"the largest feasible ratio here is {largest}"
        if possible
        else "name fewer evaluation.negatives",
    )


def feasible_ratio(split: LinkSplit, ratio: float, regimes: int = 1, short: int = 0) -> float:
    """The largest ratio of evaluation negatives, up to `ratio`, with which all subsets can be drawn.

    Args:
        split: gives the universe and the positives.
        ratio: negatives per positive that are asked for.
        regimes, short: see `require_feasible`.
    """
    available = _left(split, split.known)
    if _needed(split, ratio, regimes) <= available:
        return ratio
    settings = regimes + short
    largest = math.floor(100 * available / (settings * sum(_sizes(split)))) / 100
    while largest > 0 and _needed(split, largest, settings) > available:  # each subset is rounded by itself
        largest = round(largest - 0.01, 2)
    return largest


def free_pairs(split: LinkSplit) -> int:
    """How many pairs of the universe of training could be negatives of training."""
    return _left(split, split.positives["train"], split.unscored)


def _sizes(split: LinkSplit) -> list[int]:
    """Positives of the subsets whose candidates are those of training."""
    return [split.positives[subset].size(1) for subset in split.held_out if subset not in split.universes]


def _needed(split: LinkSplit, ratio: float, settings: int) -> int:
    return settings * sum(round(ratio * size) for size in _sizes(split))


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
