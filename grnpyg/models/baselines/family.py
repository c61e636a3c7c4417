"""Score by the edges of relatives of TF and gene, also for nodes without a training edge."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from grnpyg.data.relatives import relatives
from grnpyg.models.baselines.base import baselines
from grnpyg.models.baselines.rows import Matrix, RowBaseline, edge_table
from grnpyg.splits.link_split import LabelledPairs, LinkSplit


@baselines.register("family")
class Family(RowBaseline):
    """Sum of the shares of relatives that have the edge: of the TF, of the gene, and of both.

    Relatives are recognised by their symbols (`grnpyg.data.relatives`) and weighted by similarity. The
    denominator of every share is the total weight plus one.
    """

    def fit(self, split: LinkSplit, pairs: LabelledPairs) -> None:
        """Count among the training edges; the drawn negatives are not used."""
        self._x = edge_table(split, split.positives["train"])
        self._of_tf, self._of_gene = (part.astype(np.float64) for part in relatives(split.graph))
        self._tf, self._gene = 1 + self._of_tf.sum(axis=1), 1 + self._of_gene.sum(axis=1)

    def rows(self, tfs: NDArray[np.intp]) -> Matrix:
        """See `RowBaseline.rows`."""
        from_tfs: Matrix = (self._of_tf[tfs] @ self._x).toarray() / self._tf[tfs, None]
        of_genes = from_tfs + self._x[tfs].toarray()
        rows: Matrix = from_tfs + (self._of_gene @ of_genes.T).T / self._gene
        return rows

    @property
    def parameters(self) -> int:
        """See `Baseline.parameters`: the edges, the similarities, and their sum for each node."""
        return int(self._x.nnz + self._of_tf.nnz + self._of_gene.nnz + self._tf.size + self._gene.size)

    @property
    def macs_per_pair(self) -> int:
        """See `Baseline.macs_per_pair`: one for each relative of a gene, on average."""
        return int(-(-self._of_gene.nnz // self._gene.size))
