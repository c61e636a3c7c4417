"""How the two ends vary together over the cells."""

from __future__ import annotations

from typing import ClassVar

from grnpyg.data.graph import TF
from grnpyg.models.pair_features.base import Messages, PairFeature, Table, pair_features


@pair_features.register("coexpression")
class Coexpression(PairFeature):
    """Pearson correlation over the cells; 0 where an end is not measured."""

    needs: ClassVar[tuple[str, ...]] = ("pearson",)
    num_tables: ClassVar[int] = 1

    def tables(self, messages: Messages) -> list[Table]:
        """See `PairFeature.tables`."""
        table: Table = messages.graph[TF].pearson.cpu().numpy()
        return [table]
