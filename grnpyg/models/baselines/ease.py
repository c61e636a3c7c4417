"""EASE: a linear autoencoder without self-loops, in closed form, over genes or over TFs."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Annotated, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_array

from grnpyg.models.baselines.base import baselines
from grnpyg.models.baselines.rows import TFS, Matrix, RowBaseline, edge_table
from grnpyg.splits.link_split import LabelledPairs, LinkSplit


@dataclass(frozen=True)
class Autoencoder:
    """Scores X B of the B with zero diagonal that minimises |X - X B|^2 + lambda |B|^2 (Frobenius norms).

    With P = (X^T X + lambda I)^-1 it is B = I - P / diag(P), column by column (Steck 2019, arXiv 1905.03375,
    equation 8). Where there are fewer users than items P is never formed: with K = (X X^T + lambda I)^-1
    (users x users) the Woodbury identity gives P = (I - X^T K X) / lambda, hence X P = K X and
    P_ii = (1 - x_i^T K x_i) / lambda, where x_i is column i of X.

    Attributes:
        x: (num_users, num_items) of 0 and 1.
        inverse: K where there are fewer users than items, P elsewhere.
        diagonal: (num_items,) of P.
    """

    x: csr_array
    inverse: Matrix
    diagonal: Matrix

    @classmethod
    def fitted(cls, x: csr_array, regularisation: float) -> Self:
        """The one of these edges and this lambda, which is above 0."""
        if not fewer_users(x):
            p = inverse(x.T @ x, regularisation)
            return cls(x, p, p.diagonal())
        k, taken = inverse(x @ x.T, regularisation), np.zeros(x.shape[1])
        for start in range(0, x.shape[0], TFS):
            some = slice(start, start + TFS)
            taken += x[some].multiply(k[some] @ x).sum(axis=0)
        return cls(x, k, (1.0 - taken) / regularisation)

    def of(self, users: NDArray[np.intp]) -> Matrix:
        """(n,) users -> (n, num_items) scores of every item."""
        x = self.x[users]
        xp = self.inverse[users] @ self.x if fewer_users(self.x) else x @ self.inverse
        scores: Matrix = x.toarray() - xp / self.diagonal
        return scores

    def for_items(self, items: NDArray[np.intp]) -> Matrix:
        """(m,) items -> (num_users, m) scores of every user."""
        x = self.x[:, items]
        xp = self.inverse @ x if fewer_users(self.x) else self.x @ self.inverse[:, items]
        scores: Matrix = x.toarray() - xp / self.diagonal[items]
        return scores

    @property
    def parameters(self) -> int:
        """Numbers that are read to score."""
        return int(self.x.nnz + self.inverse.size + self.diagonal.size)

    @property
    def macs_per_pair(self) -> int:
        """Multiply-accumulates to score a pair, on average."""
        return int(-(-self.x.nnz // max(self.x.shape)))


def fewer_users(x: csr_array) -> bool:
    """Whether (num_users, num_items) has fewer rows than columns."""
    return bool(x.shape[0] < x.shape[1])


def inverse(gram: csr_array, regularisation: float) -> Matrix:
    """(gram + lambda I)^-1 of a sparse positive semidefinite matrix (n, n)."""
    identity = np.eye(gram.shape[0])
    inverse: Matrix = cho_solve(cho_factor(gram.toarray() + regularisation * identity), identity)
    return inverse


class Ease(RowBaseline):
    """EASE on the training edges; a subclass chooses which end is the item."""

    def __init__(self, *, regularisation: Annotated[float, Field(gt=0)] = 50.0) -> None:
        self.regularisation = regularisation

    @abstractmethod
    def oriented(self, edges: csr_array) -> csr_array:
        """(num_tfs, num_genes) edges, turned so that users are rows and items are columns."""

    def fit(self, split: LinkSplit, pairs: LabelledPairs) -> None:
        """Solve for the training edges; the drawn negatives are not used."""
        edges = self.oriented(edge_table(split, split.positives["train"]))
        self._fitted = Autoencoder.fitted(edges, self.regularisation)

    @property
    def parameters(self) -> int:
        """See `Baseline.parameters`: the inverse and the edges."""
        return self._fitted.parameters

    @property
    def macs_per_pair(self) -> int:
        """See `Baseline.macs_per_pair`."""
        return self._fitted.macs_per_pair


@baselines.register("ease_gene")
class EaseGene(Ease):
    """EASE over genes: a TF regulates what is regulated together with its other targets.

    Args:
        regularisation: lambda of `Autoencoder`.
    """

    def oriented(self, edges: csr_array) -> csr_array:
        """See `Ease`."""
        return edges

    def rows(self, tfs: NDArray[np.intp]) -> Matrix:
        """See `RowBaseline.rows`."""
        return self._fitted.of(tfs)


@baselines.register("ease_tf")
class EaseTF(Ease):
    """EASE over TFs: a gene is regulated by TFs that share targets with its other regulators.

    Args:
        regularisation: lambda of `Autoencoder`.
    """

    def oriented(self, edges: csr_array) -> csr_array:
        """See `Ease`."""
        return csr_array(edges.T)

    def rows(self, tfs: NDArray[np.intp]) -> Matrix:
        """See `RowBaseline.rows`."""
        return self._fitted.for_items(tfs).T
