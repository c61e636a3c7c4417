"""Candidate sets: draw negatives for every held-out subset and for training."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from grnpyg.core.seeding import derive, torch_generator
from grnpyg.negatives.base import NegativeSampler
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
    at_most: bool = False,
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
        at_most: draw as many as there are where there are fewer.

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
            spared = _joined([*kept_out, *others])
            drawn = sampler.sample(split, subset, ratio, seed, taken=spared, at_most=at_most)
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
    sparing: bool = False,
    at_most: bool = False,
) -> LabelledPairs:
    """The training positives with negatives for this epoch, shuffled.

    They depend on the seeds and the epoch only, so a resumed run gets the same pairs.

    Args:
        split: gives the positives, and at 1:1 also the negatives if it has its own.
        sampler: draws the negatives.
        ratio: negatives per positive.
        evaluation: sets that no training positive may be in.
        seed: the run's seed.
        epoch: from 0.
        fixed: seed of negatives that are the same in all epochs; None: every epoch draws new ones.
        sparing: draw no held-out edge and no evaluation negative, which tells where the held-out edges are:
            `negatives-spare-held-out`. Otherwise the draw is blind, see `NegativeSampler.sample`.
        at_most: draw as many as there are where there are fewer.
    """
    drawn = split.negatives.get("train") if split.regime == "uniform" and ratio == 1 else None
    if drawn is None:
        draw_seed = derive(seed, "epoch", epoch) if fixed is None else derive(fixed, "training negatives")
        spared = _spared(split, evaluation) if sparing else None
        drawn = sampler.sample(split, "train", ratio, draw_seed, taken=spared, at_most=at_most)
    pairs = LabelledPairs.join(split.positives["train"], drawn)
    check_training(split, pairs, evaluation)
    order = torch.randperm(pairs.edge_label.numel(), generator=torch_generator(seed, "shuffle", epoch))
    return LabelledPairs(pairs.edge_label_index[:, order], pairs.edge_label[order])


def _spared(split: LinkSplit, evaluation: dict[str, LabelledPairs]) -> Tensor:
    """(2, N) known edges and, unless the split shares them with training, evaluation negatives."""
    kept_out = [split.known]
    if HELD_OUT_IN_TRAINING not in split.leaks:
        kept_out += [pairs.negatives for pairs in evaluation.values()]
        if split.regime == "given":  # a published split's test pairs, whether they are evaluated or not
            kept_out += [split.negatives[subset] for subset in split.held_out]
    return torch.cat(kept_out, dim=1)


def _joined(pairs: Sequence[Tensor]) -> Tensor | None:
    return torch.cat(list(pairs), dim=1) if pairs else None
