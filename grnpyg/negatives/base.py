"""Negatives: unlabelled candidate pairs that stand in for pairs without regulation."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import Tensor

from grnpyg.data.graph import ENCODED_BY, pair_codes
from grnpyg.errors import GrnpygError, InputError
from grnpyg.registry import Registry
from grnpyg.seeding import derive, torch_generator
from grnpyg.splits.leakage import HELD_OUT_IN_TRAINING, check_evaluation, check_training
from grnpyg.splits.link_split import LabelledPairs, LinkSplit


class NegativeSampler(ABC):
    """Draws negatives for the positives of one part; a subclass writes `draw`.

    Attributes:
        exact: as many are drawn as asked for. Otherwise the scheme may end before: `draw` returns fewer, and
            the ratio that was reached is reported.
    """

    exact: ClassVar[bool] = True

    @abstractmethod
    def draw(self, split: LinkSplit, part: str, excluded: Tensor, num: int, seed: int) -> Tensor:
        """Draw pairs.

        Args:
            split: gives the message graph, the positives of the part and its universe.
            part: the part that the negatives are for.
            excluded: (2, E) pairs that must not be drawn: every known edge, every TF with its own gene,
                and the negatives drawn before.
            num: how many distinct pairs, known to be available.
            seed: a seed derived from the run's seed and the purpose.

        Returns:
            (2, num) candidate pairs of the part's universe, or fewer where the sampler is not `exact`.
        """

    def sample(
        self, split: LinkSplit, part: str, ratio: float, seed: int, *, taken: Tensor | None = None
    ) -> Tensor:
        """Draw `ratio` negatives per positive of `part`, none of them known, excluded or taken.

        Returns:
            (2, round(ratio * P)), or fewer, but at least one, where the sampler is not `exact`.

        Raises:
            InputError: there are not that many candidates; gives the largest feasible ratio.
        """
        positives = split.positives[part]
        own = split.graph[ENCODED_BY].edge_index
        excluded = torch.cat([split.known, own, *([] if taken is None else [taken])], dim=1)
        excluded = excluded[:, _first_of_each(pair_codes(split.graph, excluded))]
        if not 0 < ratio < math.inf:
            raise InputError(f"negative ratio {ratio} gives no negative", fix="use a positive number")
        num = round(ratio * positives.size(1))
        available = _unlabelled(split, part, excluded)
        if num < 1:
            raise InputError(f"negative ratio {ratio:g} gives no negative", fix="use a ratio of 1 or more")
        if num > available:
            largest = math.floor(100 * available / positives.size(1)) / 100
            raise InputError(
                f"{ratio:g} negatives per positive need {num:,} unlabelled pairs for the {part} part, "
                f"only {available:,} are left",
                fix=f"the largest feasible ratio here is {largest}",
            )
        pairs = self.draw(split, part, excluded, num, seed)
        if pairs.dim() != 2 or pairs.size(0) != 2 or pairs.size(1) > num:
            raise GrnpygError(f"{type(self).__name__} drew {tuple(pairs.shape)}, not (2, {num})")
        if pairs.size(1) < num and (self.exact or pairs.size(1) == 0):
            raise GrnpygError(
                f"{type(self).__name__} drew {pairs.size(1)} of {num} pairs for the {part} part"
            )
        return pairs


def require_feasible(split: LinkSplit, *, training: float, evaluation: float, regimes: int = 1) -> None:
    """Check that the universe holds the negatives of all parts, which share none.

    Args:
        split: gives the universe and the positives.
        training: negatives per positive in training.
        evaluation: negatives per positive in validation and in test.
        regimes: evaluation regimes, each with negatives of its own.

    Raises:
        InputError: it does not; gives the largest feasible ratio of the part that asks for more.
    """
    sizes = {part: pairs.size(1) for part, pairs in split.positives.items()}
    excluded = torch.cat([split.known, split.graph[ENCODED_BY].edge_index], dim=1)
    excluded = excluded[:, _first_of_each(pair_codes(split.graph, excluded))]
    available = _unlabelled(split, "train", excluded)
    warm = [part for part in split.held_out if part not in split.universes]

    def need(training: float, evaluation: float) -> int:
        return round(training * sizes["train"]) + regimes * sum(round(evaluation * sizes[p]) for p in warm)

    for name, ratio, size in (
        ("negatives.ratio", training, sizes["train"]),
        ("evaluation.ratio", evaluation, min(sizes[part] for part in split.held_out)),
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
        raise InputError("no unlabelled pair is left to be a negative", fix="use a regulon with fewer edges")
    name = "negatives.ratio" if training >= evaluation else "evaluation.ratio"

    def needed(hundredths: int) -> int:
        ratio = hundredths / 100
        return need(ratio, evaluation) if name == "negatives.ratio" else need(training, ratio)

    low, high = 0, round(100 * max(training, evaluation))
    while low < high:  # the largest number of hundredths that is feasible
        middle = (low + high + 1) // 2
        low, high = (middle, high) if needed(middle) <= available else (low, middle - 1)
    other = "evaluation.ratio" if name == "negatives.ratio" else "negatives.ratio"
    raise InputError(
        f"training at {training:g}:1 and evaluation at {evaluation:g}:1 need "
        f"{need(training, evaluation):,} unlabelled pairs, only {available:,} are there",
        where=f"{name} (--ratio)" if name == "negatives.ratio" else name,
        fix=f"the largest feasible ratio here is {low / 100}" if low else f"lower {other} as well",
    )


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
    left = _unlabelled(split, "train", used[:, _first_of_each(pair_codes(split.graph, used))])
    positives = split.positives["train"].size(1)
    if round(ratio * positives) > left:
        largest = math.floor(100 * left / positives) / 100
        raise InputError(
            f"training at {ratio:g}:1 needs {round(ratio * positives):,} unlabelled pairs, {left:,} are left "
            f"beside the {len(evaluation)} evaluation sets",
            where="negatives.ratio (--ratio)",
            fix=f"the largest feasible ratio here is {largest}; or name fewer evaluation.negatives",
        )


def _first_of_each(codes: Tensor) -> Tensor:
    """Positions of the first occurrence of each code."""
    order = codes.argsort(stable=True)
    ordered = codes[order]
    first = torch.ones_like(ordered, dtype=torch.bool)
    first[1:] = ordered[1:] != ordered[:-1]
    return order[first]


def _unlabelled(split: LinkSplit, part: str, excluded: Tensor) -> int:
    """Pairs of the part's universe that are not among the distinct `excluded`."""
    tf, gene = split.universe(part)
    inside = torch.isin(excluded[0], tf) & torch.isin(excluded[1], gene)
    return tf.numel() * gene.numel() - int(inside.sum())


negatives: Registry[NegativeSampler] = Registry("negative", NegativeSampler)


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
    """Fixed candidate sets for every held-out part, drawn once, no pair shared between two.

    Args:
        split: gives the positives and the universe.
        sampler: draws the negatives.
        ratio: negatives per positive.
        seed: of the draw.
        given: part -> negatives that the split brings along; nothing is drawn for these parts.
        earlier: sets of other regimes; none of their pairs is drawn for another part.
        taken: further pairs that must not be drawn.

    Returns:
        part -> pairs.
    """
    sets: dict[str, LabelledPairs] = {}
    kept_out = [] if taken is None else [taken]
    if not given:  # another regime than the split's own
        kept_out += split.negatives.values()
    for part in split.held_out:
        if given is not None and part in given:
            drawn = given[part]
        else:
            others = [pairs.negatives for s in (*earlier, sets) for name, pairs in s.items() if name != part]
            drawn = sampler.sample(split, part, ratio, seed, taken=_joined([*kept_out, *others]))
        sets[part] = LabelledPairs.join(split.positives[part], drawn)
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

    A function of the seeds and the epoch alone: a resumed run sees the pairs an uninterrupted one sees.

    Args:
        split: gives the positives, and at 1:1 the negatives where it brings them along.
        sampler: draws the negatives.
        ratio: negatives per positive.
        evaluation: sets whose pairs are kept out, unless the split says that it leaks them.
        seed: the run's seed.
        epoch: from 0.
        fixed: seed of negatives that are the same in all epochs; None: each epoch draws its own.
    """
    drawn = split.negatives.get("train") if split.regime == "uniform" and ratio == 1 else None
    if drawn is None:
        leaky = HELD_OUT_IN_TRAINING in split.leaks
        taken = None if leaky else _joined([pairs.negatives for pairs in evaluation.values()])
        draw_seed = derive(seed, "epoch", epoch) if fixed is None else derive(fixed, "training negatives")
        drawn = sampler.sample(split, "train", ratio, draw_seed, taken=taken)
    pairs = LabelledPairs.join(split.positives["train"], drawn)
    check_training(split, pairs, evaluation)
    order = torch.randperm(pairs.edge_label.numel(), generator=torch_generator(seed, "shuffle", epoch))
    return LabelledPairs(pairs.edge_label_index[:, order], pairs.edge_label[order])
