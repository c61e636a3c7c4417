"""Candidate sets: draw negatives for every held-out subset and for training."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from grnpyg.core.errors import InputError
from grnpyg.core.seeding import derive, torch_generator
from grnpyg.data.graph import ENCODED_BY, pair_codes
from grnpyg.negatives.base import NegativeSampler, first_of_each, unlabelled
from grnpyg.splits.leakage import HELD_OUT_IN_TRAINING, check_evaluation, check_training
from grnpyg.splits.link_split import LabelledPairs, LinkSplit


def evaluation_sets(
    split: LinkSplit,
    sampler: NegativeSampler,
    ratio: float,
    seed: int,
    *,
    given: dict[str, Tensor] | None = None,
    earlier: Sequence[dict[str, LabelledPairs]] = (),
    taken: Tensor | None = None,
) -> dict[str, LabelledPairs]:
    """Draw fixed candidate sets for every held-out subset; no two share a pair.

    Args:
        split: gives the positives and the universe.
        sampler: draws the negatives.
        ratio: negatives per positive.
        seed: of the draw.
        given: subset -> the split's own negatives; nothing is drawn for these subsets.
        earlier: sets of other settings; none of their pairs is drawn for another subset.
        taken: further pairs that must not be drawn.

    Returns:
        subset -> pairs.
    """
    sets: dict[str, LabelledPairs] = {}
    kept_out = [] if taken is None else [taken]
    if not given:  # a setting other than the split's own
        kept_out += split.negatives.values()
    for subset in split.held_out:
        if given is not None and subset in given:
            drawn = given[subset]
        else:
            others = [
                pairs.negatives for s in (*earlier, sets) for name, pairs in s.items() if name != subset
            ]
            drawn = sampler.sample(split, subset, ratio, seed, taken=_joined([*kept_out, *others]))
        sets[subset] = LabelledPairs.join(split.positives[subset], drawn)
    check_evaluation(split, sets)
    return sets


def training_pairs(
    split: LinkSplit,
    sampler: NegativeSampler,
    ratio: float,
    evaluation: dict[str, LabelledPairs],
    seed: int,
    epoch: int,
    *,
    fixed: int | None = None,
) -> LabelledPairs:
    """The training positives with negatives for this epoch, shuffled.

    They depend on the seeds and the epoch only, so a resumed run gets the same pairs.

    Args:
        split: gives the positives, and at 1:1 also the negatives if it has its own.
        sampler: draws the negatives.
        ratio: negatives per positive.
        evaluation: sets whose pairs are kept out, unless the split declares that leak.
        seed: the run's seed.
        epoch: from 0.
        fixed: seed of negatives that are the same in all epochs; None: every epoch draws new ones.
    """
    drawn = split.negatives.get("train") if split.regime == "uniform" and ratio == 1 else None
    if drawn is None:
        kept_out = [pairs.negatives for pairs in evaluation.values()]
        if split.regime == "given":  # a published split's test pairs, whether they are evaluated or not
            kept_out += [split.negatives[subset] for subset in split.held_out]
        taken = None if HELD_OUT_IN_TRAINING in split.leaks else _joined(kept_out)
        draw_seed = derive(seed, "epoch", epoch) if fixed is None else derive(fixed, "training negatives")
        drawn = sampler.sample(split, "train", ratio, draw_seed, taken=taken)
    pairs = LabelledPairs.join(split.positives["train"], drawn)
    check_training(split, pairs, evaluation)
    order = torch.randperm(pairs.edge_label.numel(), generator=torch_generator(seed, "shuffle", epoch))
    return LabelledPairs(pairs.edge_label_index[:, order], pairs.edge_label[order])


def require_feasible(
    split: LinkSplit, *, training: float, evaluation: float, regimes: int = 1, short: int = 0
) -> None:
    """Check that the universe is large enough for the negatives of all subsets, which share none.

    Args:
        split: gives the universe and the positives.
        training: negatives per positive in training.
        evaluation: negatives per positive in validation and in test.
        regimes: evaluation settings that draw all negatives asked for, each its own.
        short: further settings, which may draw fewer. The advice counts them as if they drew all.

    Raises:
        InputError: it is not; gives a ratio, or two, with which all sets can be drawn.
    """
    sizes = {subset: pairs.size(1) for subset, pairs in split.positives.items()}
    excluded = torch.cat([split.known, split.graph[ENCODED_BY].edge_index], dim=1)
    excluded = excluded[:, first_of_each(pair_codes(split.graph, excluded))]
    available = unlabelled(split, "train", excluded)
    warm = [subset for subset in split.held_out if subset not in split.universes]

    def need(training: float, evaluation: float, settings: int = regimes) -> int:
        held_out = sum(round(evaluation * sizes[subset]) for subset in warm)
        return round(training * sizes["train"]) + settings * held_out

    for name, ratio, size in (
        ("negatives.ratio", training, sizes["train"]),
        ("evaluation.ratio", evaluation, min(sizes[subset] for subset in split.held_out)),
    ):
        if round(ratio * size) < 1:
            raise InputError(
                f"a ratio of {ratio:g} gives no negative for {size:,} positives",
                where=name,
                fix="use a larger ratio",
            )
    if need(training, evaluation) <= available:
        return
    if available == 0:
        raise InputError(
            "no unlabelled pair is left to be a negative: the labels name every pair",
            fix="keep the strong edges with `--min-weight`, or give labels that name fewer pairs",
        )
    name = "negatives.ratio" if training >= evaluation else "evaluation.ratio"

    def fits(ratio: float, other: float | None) -> bool:
        of_training, of_evaluation = (ratio, other) if name == "negatives.ratio" else (other, ratio)
        of_training, of_evaluation = (ratio if r is None else r for r in (of_training, of_evaluation))
        return need(of_training, of_evaluation, regimes + short) <= available

    smallest = min(sizes[subset] for subset in split.held_out)
    least = sizes["train"] if name == "negatives.ratio" else smallest
    alone = _largest(lambda ratio: fits(ratio, min(training, evaluation)), max(training, evaluation))
    both = _largest(lambda ratio: fits(ratio, None), max(training, evaluation))
    if round(alone * least) >= 1:
        fix = f"the largest feasible ratio here is {alone}"
    elif round(both * smallest) >= 1:
        fix = f"set both negatives.ratio and evaluation.ratio to {both}, the largest feasible ratio"
    else:
        fix = "name fewer evaluation.negatives"
    raise InputError(
        f"training at {training:g}:1 and evaluation at {evaluation:g}:1 need "
        f"{need(training, evaluation):,} unlabelled pairs, but there are only {available:,}",
        where=f"{name} (--ratio)" if name == "negatives.ratio" else name,
        fix=fix,
    )


def _largest(fits: Callable[[float], bool], most: float) -> float:
    """The largest number of hundredths, at most `most`, that fits; 0 if none does."""
    low, high = 0, round(100 * most)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle / 100) else (low, middle - 1)
    return low / 100


def _joined(pairs: Sequence[Tensor]) -> Tensor | None:
    return torch.cat(list(pairs), dim=1) if pairs else None


def require_left(split: LinkSplit, ratio: float, evaluation: dict[str, LabelledPairs]) -> None:
    """Check that the evaluation sets leave enough unlabelled pairs for training.

    Args:
        split: gives the universe and the positives.
        ratio: negatives per positive in training.
        evaluation: every candidate set.

    Raises:
        InputError: they do not; gives the largest feasible ratio.
    """
    own = split.graph[ENCODED_BY].edge_index
    used = torch.cat([split.known, own, *(pairs.negatives for pairs in evaluation.values())], dim=1)
    left = unlabelled(split, "train", used[:, first_of_each(pair_codes(split.graph, used))])
    positives = split.positives["train"].size(1)
    if round(ratio * positives) > left:
        largest = math.floor(100 * left / positives) / 100
        ways = "name fewer evaluation.negatives"
        if round(largest * positives) >= 1:
            ways = f"the largest feasible ratio here is {largest}; or {ways}"
        raise InputError(
            f"training at {ratio:g}:1 needs {round(ratio * positives):,} unlabelled pairs, {left:,} are left "
            f"beside the {len(evaluation)} evaluation sets",
            where="negatives.ratio (--ratio)",
            fix=ways,
        )
