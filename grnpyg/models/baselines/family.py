"""Score by the edges of relatives of TF and gene, also for nodes without a training edge."""

from __future__ import annotations

import numpy as np

from grnpyg.data.relatives import relatives
from grnpyg.models.baselines.base import baselines
from grnpyg.models.baselines.table import TableBaseline, edge_table
from grnpyg.splits.link_split import LabelledPairs, LinkSplit


@baselines.register("family")
class Family(TableBaseline):
    """Sum of the shares of relatives that have the edge: of the TF, of the gene, and of both.

    Relatives are recognised by their symbols (`grnpyg.data.relatives`) and weighted by similarity. The
    denominator of every share is the total weight plus one.
    """

    def fit(self, split: LinkSplit, pairs: LabelledPairs) -> None:
        """Count among the training edges; the drawn negatives are not used."""
        x = edge_table(split, split.positives["train"])
        of_tf, of_gene = (similarity.astype(np.float64) for similarity in relatives(split.graph))
        tf, gene = 1 + of_tf.sum(axis=1)[:, None], 1 + of_gene.sum(axis=1)
        from_relatives = of_tf @ x / tf
        both = (of_gene @ from_relatives.T).T / gene
        self.table = from_relatives + (of_gene @ x.T).T / gene + both
