"""Additive model: one number per TF plus one per gene, without any interaction of the two."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from torch import Tensor

from grnpyg.data.graph import num_nodes
from grnpyg.models.baselines.base import Baseline, baselines
from grnpyg.splits.link_split import LabelledPairs, LinkSplit


@baselines.register("additive")
class Additive(Baseline):
    """Logistic regression on one-hot TF and one-hot gene.

    What a model gains over this baseline is what it knows about the pair.
    """

    gives_logits: ClassVar[bool] = True

    def fit(self, split: LinkSplit, pairs: LabelledPairs) -> None:
        """Fit on the training pairs."""
        self.sizes = num_nodes(split.graph)
        self.model = LogisticRegression(C=1.0, max_iter=1000)
        self.model.fit(self._one_hot(pairs.edge_label_index), pairs.edge_label.numpy())

    def score(self, edge_label_index: Tensor) -> NDArray[np.float64]:
        """See `Baseline.score`."""
        logits: NDArray[np.float64] = self.model.decision_function(self._one_hot(edge_label_index))
        return logits

    @property
    def parameters(self) -> int:
        """See `Baseline.parameters`: one number per node and the intercept."""
        return sum(self.sizes) + 1

    @property
    def macs_per_pair(self) -> int:
        """See `Baseline.macs_per_pair`: two numbers are looked up and added."""
        return 0

    def _one_hot(self, pairs: Tensor) -> csr_matrix:
        num_pairs = pairs.size(1)
        tf, gene = pairs.numpy()
        columns = np.stack([tf, gene + self.sizes[0]], axis=1).ravel()
        rows_end = np.arange(0, 2 * num_pairs + 1, 2)
        return csr_matrix((np.ones(2 * num_pairs), columns, rows_end), shape=(num_pairs, sum(self.sizes)))
