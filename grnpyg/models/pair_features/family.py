"""Edges of relatives of the TF and of the gene, recognised by their symbols."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from grnpyg.data.graph import GENE, TF
from grnpyg.data.relatives import name_similarity, relatives
from grnpyg.models.pair_features.base import Messages, PairFeature, pair_features
from grnpyg.models.pair_features.numbers import Lookup, OfGene, OfTF, PairNumber, Product


@pair_features.register("family")
class Family(PairFeature):
    """Edges of relatives, see `grnpyg.data.relatives`; s is the similarity of two names.

    Numbers: the share of the TF's relatives that regulate the gene, weighted by s, with one added to the
    denominator; the same for the gene's relatives that the TF regulates; edges from relatives to relatives;
    s of TF and gene; how many relatives the TF has, and the gene. These are defined even for a node without
    a message edge.
    """

    num_values: ClassVar[int] = 6

    def numbers(self, messages: Messages) -> list[PairNumber]:
        """See `PairFeature.numbers`."""
        x = messages.edges
        num_tfs, num_genes = x.shape
        of_tf, of_gene = relatives(messages.graph)
        tf_relatives, gene_relatives = of_tf.sum(axis=1), of_gene.sum(axis=1)
        return [
            Product(of_tf, messages.by_gene).scaled(tf=1 / (1 + tf_relatives)),
            Product(x, of_gene.T).scaled(gene=1 / (1 + gene_relatives)),
            Product(of_tf @ x, of_gene.T).log(0.1),
            Lookup(name_similarity(messages.graph[TF].name, messages.graph[GENE].name)),
            OfTF(np.log1p(tf_relatives), num_genes),
            OfGene(np.log1p(gene_relatives), num_tfs),
        ]
