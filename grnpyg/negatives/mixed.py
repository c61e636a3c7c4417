"""A mixture of several kinds of negatives, so that a model learns to tell each from positives."""

from __future__ import annotations

from typing import Annotated, ClassVar

import torch
from pydantic import Field
from torch import Tensor

from grnpyg.core.errors import InputError
from grnpyg.core.seeding import derive
from grnpyg.negatives.base import NegativeSampler, negatives
from grnpyg.negatives.degree_matched import DegreeMatchedNegatives
from grnpyg.negatives.same_tf import SameTFNegatives
from grnpyg.negatives.uniform import UniformNegatives
from grnpyg.splits.link_split import LinkSplit

Weight = Annotated[float, Field(ge=0)]


@negatives.register("mixed")
class MixedNegatives(NegativeSampler):
    """Degree-matched, same-TF and uniform negatives, in given shares.

    With uniform negatives alone a model learns degree; without them it learns little about degree. A
    shortage of the first two kinds is not compensated.

    Args:
        uniform: weight of the uniform negatives.
        same_tf: weight of those with the positives' TFs.
        degree_matched: weight of those with the positives' degrees at both ends.
    """

    exact: ClassVar[bool] = False

    def __init__(self, *, uniform: Weight = 2.0, same_tf: Weight = 1.0, degree_matched: Weight = 1.0) -> None:
        self.weights = {"degree_matched": degree_matched, "same_tf": same_tf, "uniform": uniform}
        if not sum(self.weights.values()):
            raise InputError("every weight is 0", where="negatives.sampler mixed", fix="raise one of them")

    def draw(self, split: LinkSplit, subset: str, excluded: Tensor, num: int, seed: int) -> Tensor:
        """Draw the scarcest kind first, each without the pairs drawn before; see `NegativeSampler.draw`."""
        kinds: dict[str, NegativeSampler] = {
            "degree_matched": DegreeMatchedNegatives(),
            "same_tf": SameTFNegatives(),
            "uniform": UniformNegatives(),
        }
        drawn = torch.empty(2, 0, dtype=torch.long)
        total, before = sum(self.weights.values()), 0.0
        for name, sampler in kinds.items():
            upto = before + self.weights[name] / total
            wanted = round(num * upto) - round(num * before)
            if wanted:
                taken = torch.cat([excluded, drawn], dim=1)
                own = sampler.draw(split, subset, taken, wanted, derive(seed, "mixed", name))
                drawn = torch.cat([drawn, own], dim=1)
            before = upto
        return drawn
