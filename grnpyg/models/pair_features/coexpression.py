"""How the two ends vary together over the cells."""

from __future__ import annotations

from typing import ClassVar

from grnpyg.data.graph import TF
from grnpyg.models.groups import KNOWLEDGE
from grnpyg.models.pair_features.base import Messages, PairFeature, pair_features
from grnpyg.models.pair_features.numbers import Lookup, PairNumber


@pair_features.register("coexpression")
class Coexpression(PairFeature):
    """Pearson correlation over the cells; 0 where an end is not measured."""

    group: ClassVar[str] = KNOWLEDGE
    needs: ClassVar[tuple[str, ...]] = ("pearson",)
    num_values: ClassVar[int] = 1

    def numbers(self, messages: Messages) -> list[PairNumber]:
        """See `PairFeature.numbers`."""
        return [Lookup(messages.graph[TF].pearson.cpu().numpy())]
