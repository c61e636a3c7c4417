"""Proximity of a TF and a gene in a bipartite graph, and similarity of two nodes in expression."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import inv
from scipy.sparse import csr_array, diags_array

RESTART = 0.15  # as HeaRT

Table = NDArray[np.float32]  # rounded, so that identical nodes have equal scores


def three_paths(edges: csr_array) -> Table:
    """Weight of the paths TF - gene - TF - gene: A D_g^-1 A^T D_t^-1 A.

    A missing edge of a bipartite graph is closed by three steps at least; as in resource allocation (Zhou,
    Lu and Zhang 2009), each node on the way divides by its degree.

    Args:
        edges: (n, m) 0/1 matrix A with the degrees D_t (rows) and D_g (columns).

    Returns:
        (n, m), 0 where there is no such path.
    """
    shared, step = _shared_genes(edges)
    weights: Table = (shared @ step).toarray().astype(np.float32)
    return weights


def pagerank(edges: csr_array) -> Table:
    """Personalised PageRank of each gene for a walk that restarts at the TF with probability a = .15.

    Exact: seen from the TFs, two steps of the walk are one step of M = D_t^-1 A D_g^-1 A^T, so their shares
    are a (I - (1 - a)^2 M)^-1, and the genes' shares these times (1 - a) D_t^-1 A. The walk is reversible:
    restarted at the gene, the TF's share is the value here times deg(TF) / deg(gene).

    Args:
        edges: (n, m) 0/1 matrix A.

    Returns:
        (n, m), 0 where the gene cannot be reached.
    """
    shared, step = _shared_genes(edges)
    two_steps = (_inverse(edges.sum(axis=1)) @ shared).toarray()
    on_tfs = RESTART * inv(np.eye(len(two_steps)) - (1 - RESTART) ** 2 * two_steps)
    shares: Table = ((1 - RESTART) * (on_tfs @ step)).astype(np.float32)
    return shares


def unit_vectors(x: NDArray[np.float32], measured: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Rows of `x` (n, num_features), centred over the measured ones and scaled to length 1.

    Products of two rows are cosines; a row at the centre, or not measured, is 0.
    """
    centred = np.zeros(x.shape)
    if measured.any():
        centred[measured] = x[measured] - x[measured].mean(axis=0, dtype=np.float64)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    unit: NDArray[np.float64] = np.divide(centred, length, out=np.zeros_like(centred), where=length > 0)
    return unit


def _shared_genes(edges: csr_array) -> tuple[Any, Any]:
    """A D_g^-1 A^T (n, n) and D_t^-1 A (n, m)."""
    return edges @ _inverse(edges.sum(axis=0)) @ edges.T, _inverse(edges.sum(axis=1)) @ edges


def _inverse(degrees: NDArray[np.float64]) -> Any:
    """Diagonal matrix of 1 / degree, 0 for a node without an edge."""
    return diags_array(np.divide(1, degrees, out=np.zeros(degrees.size), where=degrees > 0), format="csr")
