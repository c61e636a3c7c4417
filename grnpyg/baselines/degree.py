"""Node degree alone: what a score is worth before any pair is looked at."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from grnpyg.baselines.base import Baseline, baselines
from grnpyg.data.graph import num_nodes
from grnpyg.splits.link_split import LabelledPairs, LinkSplit


class _Degree(Baseline):
    def fit(self, split: LinkSplit, pairs: LabelledPairs) -> None:
        """Count the training edges of each node."""
        sizes = num_nodes(split.graph)
        edges = split.positives["train"]
        self.tf, self.gene = (
            torch.bincount(edges[end], minlength=sizes[end]).numpy().astype(np.float64) for end in (0, 1)
        )


@baselines.register("tf_degree")
class TFDegree(_Degree):
    """score = training targets of the TF."""

    def score(self, edge_label_index: Tensor) -> NDArray[np.float64]:
        """See `Baseline.score`."""
        scores: NDArray[np.float64] = self.tf[edge_label_index[0].numpy()]
        return scores


@baselines.register("degree_product")
class DegreeProduct(_Degree):
    """score = training targets of the TF x training regulators of the gene (preferential attachment)."""

    def score(self, edge_label_index: Tensor) -> NDArray[np.float64]:
        """See `Baseline.score`."""
        tf, gene = edge_label_index.numpy()
        scores: NDArray[np.float64] = self.tf[tf] * self.gene[gene]
        return scores
