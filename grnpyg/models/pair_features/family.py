"""Edges of relatives of the TF and of the gene, recognised by their symbols."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from grnpyg.data.graph import GENE, TF
from grnpyg.data.relatives import name_similarity, relatives
from grnpyg.models.pair_features.base import Messages, PairFeature, Table, pair_features, signed_log


@pair_features.register("family")
class Family(PairFeature):
    """Edges of relatives, see `grnpyg.data.relatives`; s is the similarity of two names.

    Tables: the share of the TF's relatives that regulate the gene, weighted by s, with one added to the
    denominator; the same for the gene's relatives that the TF regulates; edges from relatives to relatives;
    s of TF and gene; how many relatives the TF has, and the gene. These are defined even for a node without
    a message edge.
    """

    num_tables: ClassVar[int] = 6

    def tables(self, messages: Messages) -> list[Table]:
        """See `PairFeature.tables`."""
        of_tf, of_gene = relatives(messages.graph)
        tf_relatives, gene_relatives = of_tf.sum(axis=1), of_gene.sum(axis=1)
        from_relatives = of_tf @ messages.edges
        return [
            from_relatives / (1 + tf_relatives)[:, None],
            (of_gene @ messages.edges.T).T / (1 + gene_relatives),
            signed_log((of_gene @ from_relatives.T).T, 0.1),
            name_similarity(messages.graph[TF].name, messages.graph[GENE].name).toarray(),
            np.broadcast_to(np.log1p(tf_relatives)[:, None], messages.edges.shape),
            np.broadcast_to(np.log1p(gene_relatives), messages.edges.shape),
        ]
