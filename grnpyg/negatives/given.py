"""Given negatives: the split's own, read from published files or drawn by a published scheme."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from grnpyg.core.errors import InputError
from grnpyg.negatives.base import NegativeSampler, negatives
from grnpyg.splits.link_split import LinkSplit


@negatives.register("given")
class GivenNegatives(NegativeSampler):
    """The split's own negatives, unchanged; their ratio is fixed by the split."""

    exact: ClassVar[bool] = False

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
        """Return the split's negatives; see `NegativeSampler.sample`.

        Raises:
            InputError: the split has none.
        """
        if split.regime != "given" or subset not in split.negatives:
            raise InputError(
                "this split has no negatives of its own",
                where="negatives given",
                fix="use the split `given` or `genelink`",
            )
        return split.negatives[subset]

    def draw(self, split: LinkSplit, subset: str, excluded: Tensor, num: int, seed: int) -> Tensor:
        """Not called."""
        raise NotImplementedError
