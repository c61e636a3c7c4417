"""What relatives of the TF and of the gene do: a score for nodes that no training edge names."""

from __future__ import annotations

import numpy as np

from grnpyg.data.relatives import relatives
from grnpyg.models.baselines.base import baselines
from grnpyg.models.baselines.table import TableBaseline, edge_table
from grnpyg.splits.link_split import LabelledPairs, LinkSplit


@baselines.register("family")
class Family(TableBaseline):
    """Share of the TF's relatives that regulate the gene, of the gene's that the TF does, of pairs of both.

    The score is their sum. Relatives are told by their symbols (`grnpyg.data.relatives`), each counts as much
    as its name is similar, and every share is over one more than all of them.
    """

    def fit(self, split: LinkSplit, pairs: LabelledPairs) -> None:
        """Count among the training edges; the drawn negatives are not looked at."""
        x = edge_table(split, split.positives["train"])
        of_tf, of_gene = (similarity.astype(np.float64) for similarity in relatives(split.graph))
        tf, gene = 1 + of_tf.sum(axis=1)[:, None], 1 + of_gene.sum(axis=1)
        from_relatives = of_tf @ x / tf
        both = (of_gene @ from_relatives.T).T / gene
        self.table = from_relatives + (of_gene @ x.T).T / gene + both
