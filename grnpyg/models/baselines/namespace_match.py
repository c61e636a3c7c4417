"""Namespace match: do both ends have the same kind of identifier?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from grnpyg.data.graph import GENE, TF
from grnpyg.data.names.namespaces import namespace
from grnpyg.models.baselines.base import Baseline, baselines
from grnpyg.splits.link_split import LabelledPairs, LinkSplit


@baselines.register("namespace_match")
class NamespaceMatch(Baseline):
    """score = 1 where TF and gene are named in the same namespace, else 0.

    It knows no biology: an AUROC above .5 shows that tables with different identifiers were joined.
    """

    def fit(self, split: LinkSplit, pairs: LabelledPairs) -> None:
        """Read the names."""
        self.tf, self.gene = (
            np.array([namespace(name) for name in split.graph[kind].name]) for kind in (TF, GENE)
        )

    def score(self, edge_label_index: Tensor) -> NDArray[np.float64]:
        """See `Baseline.score`."""
        tf, gene = edge_label_index.numpy()
        scores: NDArray[np.float64] = np.equal(self.tf[tf], self.gene[gene]).astype(np.float64)
        return scores
