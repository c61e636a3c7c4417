"""Given negatives: those that the split brings along, from a peer's files or by a peer's scheme."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from grnpyg.core.errors import InputError
from grnpyg.negatives.base import NegativeSampler, negatives
from grnpyg.splits.link_split import LinkSplit


@negatives.register("given")
class GivenNegatives(NegativeSampler):
    """The negatives of the split itself, as they are; the ratio is what it is there."""

    exact: ClassVar[bool] = False

    def sample(
        self, split: LinkSplit, subset: str, ratio: float, seed: int, *, taken: Tensor | None = None
    ) -> Tensor:
        """See `NegativeSampler.sample`; nothing is drawn.

        Raises:
            InputError: the split brings none.
        """
        if split.regime != "given" or subset not in split.negatives:
            raise InputError(
                "this split brings no negatives of its own",
                where="negatives given",
                fix="use the split `given` or `genelink`",
            )
        return split.negatives[subset]

    def draw(self, split: LinkSplit, subset: str, excluded: Tensor, num: int, seed: int) -> Tensor:
        """Not called."""
        raise NotImplementedError
