"""Node degree alone: scores that know nothing about the pair."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from grnpyg.data.graph import num_nodes
from grnpyg.models.baselines.base import Baseline, baselines
from grnpyg.splits.link_split import LabelledPairs, LinkSplit

Degrees = NDArray[np.float64]
PSEUDO_COUNT = 0.25


class _Degree(Baseline):
    """score = factor of the TF x factor of the gene; a subclass chooses the factors."""

    @abstractmethod
    def factors(self, tf: Degrees, gene: Degrees) -> tuple[Degrees, Degrees]:
        """Factors (num_tfs,) and (num_genes,), given the numbers of training edges of each TF and gene."""

    def fit(self, split: LinkSplit, pairs: LabelledPairs) -> None:
        """Count the training edges of each node."""
        sizes = num_nodes(split.graph)
        edges = split.positives["train"]
        tf, gene = (
            torch.bincount(edges[end], minlength=sizes[end]).numpy().astype(np.float64) for end in (0, 1)
        )
        self.tf, self.gene = self.factors(tf, gene)

    def score(self, edge_label_index: Tensor) -> NDArray[np.float64]:
        """See `Baseline.score`."""
        tf, gene = edge_label_index.numpy()
        scores: NDArray[np.float64] = self.tf[tf] * self.gene[gene]
        return scores

    def score_all(self, tf_index: Tensor, gene_index: Tensor) -> NDArray[np.float64]:
        """See `Baseline.score_all`."""
        scores: NDArray[np.float64] = np.outer(self.tf[tf_index.numpy()], self.gene[gene_index.numpy()])
        return scores

    @property
    def parameters(self) -> int:
        """See `Baseline.parameters`: one factor per node."""
        return int(self.tf.size + self.gene.size)

    @property
    def macs_per_pair(self) -> int:
        """See `Baseline.macs_per_pair`."""
        return 1


@baselines.register("tf_degree")
class TFDegree(_Degree):
    """score = training targets of the TF."""

    def factors(self, tf: Degrees, gene: Degrees) -> tuple[Degrees, Degrees]:
        """See `_Degree`."""
        return tf, np.ones_like(gene)


@baselines.register("gene_degree")
class GeneDegree(_Degree):
    """score = training regulators of the gene."""

    def factors(self, tf: Degrees, gene: Degrees) -> tuple[Degrees, Degrees]:
        """See `_Degree`."""
        return np.ones_like(tf), gene


@baselines.register("degree_product")
class DegreeProduct(_Degree):
    """score = (training targets of the TF + 1/4) x (training regulators of the gene + 1/4).

    Preferential attachment. Without adding 1/4 all pairs of an unseen node would be tied at 0, and this
    baseline would be weaker than degree if test edges lead to such nodes.
    """

    def factors(self, tf: Degrees, gene: Degrees) -> tuple[Degrees, Degrees]:
        """See `_Degree`."""
        return tf + PSEUDO_COUNT, gene + PSEUDO_COUNT
