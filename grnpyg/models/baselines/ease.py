"""EASE: a linear autoencoder without self-loops, in closed form, over genes or over TFs."""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated

import numpy as np
from pydantic import Field
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_array

from grnpyg.models.baselines.base import baselines
from grnpyg.models.baselines.table import Matrix, TableBaseline, edge_table
from grnpyg.splits.link_split import LabelledPairs, LinkSplit


def ease(x: Matrix, regularisation: float) -> Matrix:
    """Scores X B of the B with zero diagonal that minimises |X - X B|^2 + lambda |B|^2 (Frobenius norms).

    With P = (X^T X + lambda I)^-1 it is B = I - P / diag(P), column by column (Steck 2019, arXiv 1905.03375,
    equation 8). Where there are fewer users than items P is never formed: with K = (X X^T + lambda I)^-1
    (users x users) the Woodbury identity gives P = (I - X^T K X) / lambda, hence X P = K X and
    P_ii = (1 - x_i^T K x_i) / lambda, where x_i is column i of X.

    Args:
        x: (num_users, num_items).
        regularisation: lambda, above 0.

    Returns:
        (num_users, num_items).
    """
    sparse = csr_array(x)
    if x.shape[0] < x.shape[1]:
        xp = inverse(sparse @ sparse.T, regularisation) @ sparse
        diagonal = (1.0 - (x * xp).sum(axis=0)) / regularisation
    else:
        p = inverse(sparse.T @ sparse, regularisation)
        xp, diagonal = sparse @ p, p.diagonal()
    scores: Matrix = x - xp / diagonal
    return scores


def inverse(gram: csr_array, regularisation: float) -> Matrix:
    """(gram + lambda I)^-1 of a sparse positive semidefinite matrix (n, n)."""
    identity = np.eye(gram.shape[0])
    inverse: Matrix = cho_solve(cho_factor(gram.toarray() + regularisation * identity), identity)
    return inverse


class Ease(TableBaseline):
    """EASE on the training edges; a subclass chooses which end is the item."""

    def __init__(self, *, regularisation: Annotated[float, Field(gt=0)] = 50.0) -> None:
        self.regularisation = regularisation

    @abstractmethod
    def oriented(self, table: Matrix) -> Matrix:
        """Turn the table so that users are rows and items are columns, or back."""

    def fit(self, split: LinkSplit, pairs: LabelledPairs) -> None:
        """Solve for the training edges; the drawn negatives are not used."""
        x = self.oriented(edge_table(split, split.positives["train"]))
        self.table = self.oriented(ease(x, self.regularisation))


@baselines.register("ease_gene")
class EaseGene(Ease):
    """EASE over genes: a TF regulates what is regulated together with its other targets.

    Args:
        regularisation: lambda of `ease`.
    """

    def oriented(self, table: Matrix) -> Matrix:
        """See `Ease`."""
        return table


@baselines.register("ease_tf")
class EaseTF(Ease):
    """EASE over TFs: a gene is regulated by TFs that share targets with its other regulators.

    Args:
        regularisation: lambda of `ease`.
    """

    def oriented(self, table: Matrix) -> Matrix:
        """See `Ease`."""
        return table.T
