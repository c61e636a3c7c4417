"""Links of a TF and a gene through the gene that encodes the TF and the TF that the gene encodes."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from grnpyg.data.graph import ENCODED_BY
from grnpyg.models.pair_features.base import Messages, PairFeature, Table, cosine, pair_features


@pair_features.register("own_gene")
class OwnGene(PairFeature):
    """Features of genes that encode a TF, and of the TF's own gene.

    Tables: whether the gene encodes a TF; whether that TF regulates the TF's own gene (the reversed pair);
    cosine of the targets of the TF and of the gene's TF; cosine of the regulators of the TF's own gene and of
    the gene; log degrees of the gene's TF and of the TF's own gene. 0 for nodes without such a partner.
    """

    num_tables: ClassVar[int] = 6

    def tables(self, messages: Messages) -> list[Table]:
        """See `PairFeature.tables`."""
        x, shape = messages.edges, messages.edges.shape
        tf, gene = messages.graph[ENCODED_BY].edge_index.cpu().numpy()
        is_tf, turned, targets, regulators = (np.zeros(shape, np.float32) for _ in range(4))
        of_gene, of_tf = np.zeros(shape[1], np.float32), np.zeros(shape[0], np.float32)
        is_tf[:, gene] = 1.0
        turned[np.ix_(tf, gene)] = x[np.ix_(tf, gene)].T
        targets[:, gene] = cosine(x, np.ones(shape[1], np.float32))[:, tf]
        unit = x / np.sqrt(np.maximum(messages.gene_degree, 1))
        regulators[tf] = unit[:, gene].T @ unit
        of_gene[gene] = np.log1p(messages.tf_degree[tf])
        of_tf[tf] = np.log1p(messages.gene_degree[gene])
        return [
            is_tf,
            turned,
            targets,
            regulators,
            np.broadcast_to(of_gene, shape),
            np.broadcast_to(of_tf[:, None], shape),
        ]
