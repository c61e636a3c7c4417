"""Negatives: unlabelled candidate pairs taken as pairs without regulation."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import ClassVar

import torch
from torch import Tensor

from grnpyg.core.errors import GrnpygError, InputError
from grnpyg.core.registry import Registry
from grnpyg.data.graph import ENCODED_BY, pair_codes
from grnpyg.splits.link_split import LinkSplit


class NoPairError(InputError):
    """There is no pair that could be a negative."""


class NegativeSampler(ABC):
    """Draws negatives for the positives of one subset; a subclass writes `draw`.

    Attributes:
        exact: whether exactly the number asked for is drawn. Otherwise `draw` may return fewer, and the
            ratio that was reached is reported.
    """

    exact: ClassVar[bool] = True

    @abstractmethod
    def draw(self, split: LinkSplit, subset: str, excluded: Tensor, num: int, seed: int) -> Tensor:
        """Draw pairs.

        Args:
            split: gives the message graph, the positives of the subset and its universe. For the subset
                `train` it holds nothing of the held-out edges (`LinkSplit.of_training`).
            subset: the subset that the negatives are for.
            excluded: (2, E) pairs that must not be drawn: every edge that the split names, every TF with its
                own gene, and all negatives drawn earlier.
            num: how many distinct pairs, already checked to be available.
            seed: a seed derived from the run's seed and the purpose.

        Returns:
            (2, num) candidate pairs of the subset's universe, or fewer where the sampler is not `exact`.
        """

    def sample(
        self,
        split: LinkSplit,
        subset: str,
        ratio: float,
        seed: int,
        *,
        taken: Tensor | None = None,
        at_most: bool = False,
    ) -> Tensor:
        """Draw `ratio` negatives per positive of `subset`, no TF with its own gene and none that is taken.

        Negatives of a held-out subset are pairs that no label names. Negatives of training are blind: no
        training edge is drawn, and a held-out edge is as likely as any other pair. Otherwise the pairs that
        are never drawn would tell a model where the held-out edges are.

        Args:
            split: gives the positives and the universe.
            subset: the subset that the negatives are for.
            ratio: negatives per positive.
            seed: of the draw.
            taken: (2, N) further pairs that must not be drawn.
            at_most: draw as many as there are where there are fewer.

        Returns:
            (2, round(ratio * P)), or fewer, but at least one, where the sampler is not `exact` or with
            `at_most`.

        Raises:
            InputError: there are too few candidates; gives the largest feasible ratio.
            NoPairError: with `at_most`, or from a sampler that is not `exact`: there is none at all.
        """
        if subset == "train":
            split = split.of_training()
        positives = split.positives[subset]
        own = split.graph[ENCODED_BY].edge_index
        excluded = torch.cat([split.known, own, *([] if taken is None else [taken])], dim=1)
        excluded = excluded[:, first_of_each(pair_codes(split.graph, excluded))]
        if not 0 < ratio < math.inf:
            raise InputError(f"negative ratio {ratio} gives no negative", fix="use a positive number")
        num = round(ratio * positives.size(1))
        available = unlabelled(split, subset, excluded)
        if num < 1:
            raise InputError(f"negative ratio {ratio:g} gives no negative", fix="use a ratio of 1 or more")
        if at_most and available:
            num = min(num, available)
        if num > available:
            raise (NoPairError if at_most else InputError)(
                f"{ratio:g} negatives per positive need {num:,} unlabelled pairs for the {subset} subset, "
                f"only {available:,} are left",
                where="negatives.ratio (--ratio)" if subset == "train" else "evaluation.ratio",
                fix=_feasible(split, subset, excluded, available),
            )
        pairs = self.draw(split, subset, excluded, num, seed)
        if pairs.dim() != 2 or pairs.size(0) != 2 or pairs.size(1) > num:
            raise GrnpygError(f"{type(self).__name__} drew {tuple(pairs.shape)}, not (2, {num})")
        if pairs.size(1) == 0:
            names = [name for name in negatives.names() if negatives.get(name) is type(self)]
            name = names[0] if names else type(self).__name__
            training = subset == "train"
            raise NoPairError(
                f"{name} finds no pair for the {subset} subset",
                where="negatives.sampler" if training else "evaluation.negatives",
                fix="use another sampler" if training else f"leave {name} out of evaluation.negatives",
            )
        if pairs.size(1) < num and (self.exact or pairs.size(1) == 0):
            raise GrnpygError(
                f"{type(self).__name__} drew {pairs.size(1)} of {num} pairs for the {subset} subset"
            )
        return pairs


def first_of_each(codes: Tensor) -> Tensor:
    """Positions of the first occurrence of each code."""
    order = codes.argsort(stable=True)
    ordered = codes[order]
    first = torch.ones_like(ordered, dtype=torch.bool)
    first[1:] = ordered[1:] != ordered[:-1]
    return order[first]


def _feasible(split: LinkSplit, subset: str, excluded: Tensor, available: int) -> str:
    """The largest ratio for a subset, and for the others with candidates of their own."""
    if split.regime == "given":
        own = "negatives.sampler=given" if subset == "train" else "evaluation.negatives=[given]"
        return f"take the split's own negatives: `--set {own}`"
    left = {subset: available}
    if subset in split.universes:
        left = {name: unlabelled(split, name, excluded) for name in split.universes} | left
    sizes = {name: split.positives[name].size(1) for name in left}
    largest = min(math.floor(100 * left[name] / sizes[name]) / 100 for name in left)
    if all(round(largest * size) >= 1 for size in sizes.values()):
        return f"the largest feasible ratio here is {largest}"
    return f"the labels name nearly every pair of {subset}: use another split or labels that name fewer"


def unlabelled(split: LinkSplit, subset: str, excluded: Tensor) -> int:
    """Pairs of the subset's universe that are not among the distinct `excluded`."""
    tf, gene = split.universe(subset)
    inside = torch.isin(excluded[0], tf) & torch.isin(excluded[1], gene)
    return tf.numel() * gene.numel() - int(inside.sum())


negatives: Registry[NegativeSampler] = Registry("negative", NegativeSampler)
