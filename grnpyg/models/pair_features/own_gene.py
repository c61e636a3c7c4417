"""Links of a TF and a gene through the gene that encodes the TF and the TF that the gene encodes."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from scipy.sparse import csr_array

from grnpyg.data.graph import ENCODED_BY
from grnpyg.models.pair_features.base import Messages, PairFeature, pair_features
from grnpyg.models.pair_features.numbers import Lookup, OfGene, OfTF, PairNumber, Product


@pair_features.register("own_gene")
class OwnGene(PairFeature):
    """Features of genes that encode a TF, and of the TF's own gene.

    Numbers: whether the gene encodes a TF; whether that TF regulates the TF's own gene (the reversed pair);
    cosine of the targets of the TF and of the gene's TF; cosine of the regulators of the TF's own gene and of
    the gene; log degrees of the gene's TF and of the TF's own gene. 0 for nodes without such a partner.
    """

    num_values: ClassVar[int] = 6

    def numbers(self, messages: Messages) -> list[PairNumber]:
        """See `PairFeature.numbers`."""
        x = messages.edges
        num_tfs, num_genes = x.shape
        tf, gene = messages.graph[ENCODED_BY].edge_index.cpu().numpy()
        encoded = csr_array((np.ones(tf.size, np.float32), (tf, gene)), shape=x.shape)
        is_tf, of_gene, of_tf = np.zeros(num_genes), np.zeros(num_genes), np.zeros(num_tfs)
        is_tf[gene] = 1.0
        of_gene[gene] = np.log1p(messages.tf_degree[tf])
        of_tf[tf] = np.log1p(messages.gene_degree[gene])
        length = np.sqrt(np.maximum(messages.tf_degree, 1))
        unit = messages.weighted(gene=np.maximum(messages.gene_degree, 1) ** -0.5)
        by_partner = csr_array((1 / length[tf], (tf, gene)), shape=x.shape)
        return [
            OfGene(is_tf, num_tfs),
            Lookup(encoded @ x.T @ encoded),
            Product(messages.common(), by_partner).scaled(tf=1 / length),
            Product(encoded @ unit.T, unit),
            OfGene(of_gene, num_tfs),
            OfTF(of_tf, num_genes),
        ]
