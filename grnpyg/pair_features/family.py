"""What relatives of the TF and of the gene do, relatives being told by their symbols."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from scipy.sparse import csr_array

from grnpyg.data.graph import GENE, TF
from grnpyg.data.namespaces import namespace
from grnpyg.pair_features.base import Messages, PairFeature, Table, pair_features, signed_log

STEM = 3  # letters; fewer in common say nothing


@pair_features.register("family")
class Family(PairFeature):
    """Relatives by name: genes of a family share the stem of their symbol (HOXA1, HOXA2; COL1A1, COL1A2).

    The rule is the nomenclature committee's (Bruford et al. 2020, doi:10.1038/s41588-020-0669-3). With s the
    similarity of two symbols (`name_similarity`), and no node a relative of itself: the share of the TF's
    relatives that regulate the gene, each counted s times, over one more than all; that of the gene's
    relatives that the TF regulates; edges from relatives to relatives; s of TF and gene; how many relatives
    the TF has, and the gene. A node without a message edge has relatives all the same. Names that are
    accessions have none.
    """

    num_tables: ClassVar[int] = 6

    def tables(self, messages: Messages) -> list[Table]:
        """See `PairFeature.tables`."""
        tf, gene = (list(messages.graph[kind].name) for kind in (TF, GENE))
        of_tf, of_gene = name_similarity(tf, tf), name_similarity(gene, gene)
        of_tf.setdiag(0)
        of_gene.setdiag(0)
        tf_relatives, gene_relatives = of_tf.sum(axis=1), of_gene.sum(axis=1)
        from_relatives = of_tf @ messages.edges
        return [
            from_relatives / (1 + tf_relatives)[:, None],
            (of_gene @ messages.edges.T).T / (1 + gene_relatives),
            signed_log((of_gene @ from_relatives.T).T, 0.1),
            name_similarity(tf, gene).toarray(),
            np.broadcast_to(np.log1p(tf_relatives)[:, None], messages.edges.shape),
            np.broadcast_to(np.log1p(gene_relatives), messages.edges.shape),
        ]


def name_similarity(first: Sequence[str], second: Sequence[str]) -> csr_array:
    """((p - 2) / (l - 2))^2 of two symbols, p letters of their prefix in common, l in the longer one.

    0 for less than a stem of three letters in common, and for names that are not symbols.

    Args:
        first: (n,) names, in any case.
        second: (m,) names.

    Returns:
        (n, m) similarities, sparse.
    """
    by_stem = defaultdict(list)
    for column, name in enumerate(map(str.upper, second)):
        by_stem[name[:STEM]].append((column, name))
    rows, columns, values = [], [], []
    for row, name in enumerate(map(str.upper, first)):
        if len(name) < STEM or namespace(name) != "symbol":
            continue
        for column, other in by_stem[name[:STEM]]:
            if namespace(other) != "symbol":
                continue
            common, longer = _common(name, other), max(len(name), len(other))
            rows.append(row)
            columns.append(column)
            values.append(((common - STEM + 1) / (longer - STEM + 1)) ** 2)
    shape = (len(first), len(second))
    return csr_array((np.array(values, np.float32), (rows, columns)), shape=shape)


def _common(first: str, second: str) -> int:
    """Letters of the longest prefix in common."""
    return next(
        (i for i, (a, b) in enumerate(zip(first, second, strict=False)) if a != b),
        min(map(len, (first, second))),
    )
