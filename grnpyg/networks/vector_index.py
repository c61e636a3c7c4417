"""The best genes of each TF from an index of vectors."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from grnpyg.networks.candidates import Candidates, Codes
from grnpyg.networks.clients import client


def candidates_by_faiss(of_tf: Tensor, of_gene: Tensor, candidates: Candidates, per_tf: int) -> Codes:
    """(n,) the best pairs of each TF by inner products, ascending, from an exact index of faiss.

    The index (`IndexFlatIP`, Johnson, Douze & Jegou 2019, IEEE Transactions on Big Data 7:535) gives for each
    TF as many more genes as could be no candidates. The pairs are those of `best_candidates` on the products,
    but for equal scores and last bits.

    Args:
        of_tf: (num_tfs, d) vectors, see `Head.retrieval_vectors`.
        of_gene: (num_genes, d) vectors.
        candidates: which pairs there are.
        per_tf: how many of each TF.

    Raises:
        InputError: faiss is not installed.
    """
    faiss = client("faiss", "an index of vectors", extra="faiss")
    num_tfs, num_genes = candidates.shape
    left_out = np.bincount(candidates.out // num_genes, minlength=num_tfs)
    index = faiss.IndexFlatIP(of_gene.size(1))
    index.add(np.ascontiguousarray(of_gene.numpy()))
    depth = min(num_genes, per_tf + int(left_out.max(initial=0)))
    _, genes = index.search(np.ascontiguousarray(of_tf.numpy()), depth)  # (num_tfs, depth), best first
    there = np.stack([candidates.rows(tf, tf + 1)[0, genes[tf]] for tf in range(num_tfs)])
    kept = there & (np.cumsum(there, axis=1) <= per_tf)
    codes: Codes = np.sort((genes + np.arange(num_tfs)[:, None] * num_genes)[kept])
    return codes
