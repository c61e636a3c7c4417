"""The nearest neighbours of nodes in a space of facts, sparse and the same on every machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

BLOCK = 1 << 22  # similarities that are in memory at a time: 32 MiB of float64
DIGITS = 6  # of a similarity: differences below are rounding, and count as ties

Ids = NDArray[np.intp]


class Space(Protocol):
    """Where things lie, so that any two of them have a similarity, 0 for none."""

    def between(self, rows: Ids, columns: Ids) -> NDArray[np.float64]:
        """Similarities of some things with some others, (num_rows, num_columns)."""


@dataclass(frozen=True)
class Vectors:
    """Things as vectors that are compared by the cosine of their angle.

    Args:
        unit: (n, width), dense or sparse, rows of length 1, or 0 where nothing is known.
    """

    unit: Any

    def between(self, rows: Ids, columns: Ids) -> NDArray[np.float64]:
        """See `Space.between`."""
        product = self.unit[rows] @ self.unit[columns].T
        return np.asarray(product.toarray() if sp.issparse(product) else product, np.float64)


def unit_rows(matrix: Any) -> Any:
    """The matrix, dense or sparse, with rows of length 1; rows of zeros stay.

    Args:
        matrix: (n, width), finite.
    """
    if sp.issparse(matrix):
        length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
        scale = np.divide(1.0, length, out=np.zeros_like(length), where=length > 0)
        return (sp.diags_array(scale) @ matrix).tocsr()
    values = np.asarray(matrix, np.float64)
    largest = np.abs(values).max(axis=1, initial=0, keepdims=True)
    values = np.divide(values, largest, out=np.zeros_like(values), where=largest > 0)  # no overflow
    length = np.sqrt((values**2).sum(axis=1, keepdims=True))
    return np.divide(values, length, out=np.zeros_like(values), where=length > 0)


def nearest(space: Space, rows: Ids, columns: Ids, k: int) -> sp.csr_array:
    """The k columns that are most similar to each row.

    Only similarities above 0 count, and a row has no similarity with itself: a row and a column that are the
    same thing are left out. Similarities are rounded to six digits; of equal ones the first columns are
    taken, so that the result does not depend on the machine's last bits.

    Args:
        space: where the things lie.
        rows: (num_rows,) which things; -1 for one that is not there.
        columns: (num_columns,) which things; -1 likewise.
        k: how many, from 1; fewer where there are fewer.

    Returns:
        (num_rows, num_columns) similarities, float32, column numbers ascending in a row.
    """
    there, others = np.flatnonzero(rows >= 0), np.flatnonzero(columns >= 0)
    found: list[tuple[Ids, Ids, NDArray[np.float32]]] = []
    step = max(1, BLOCK // max(1, others.size))
    for start in range(0, there.size if others.size else 0, step):
        some = there[start : start + step]
        near = np.round(space.between(rows[some], columns[others]), DIGITS)
        near[rows[some][:, None] == columns[others]] = 0
        row, column = np.nonzero(_largest(near, k))
        found.append((some[row], others[column], near[row, column].astype(np.float32)))
    at, to, values = (np.concatenate(part) for part in zip(*found, strict=True)) if found else ([], [], [])
    ends = (np.asarray(at, np.intp), np.asarray(to, np.intp))
    return sp.csr_array((np.asarray(values, np.float32), ends), shape=(rows.size, columns.size))


def _largest(values: NDArray[np.float64], k: int) -> NDArray[np.bool_]:
    """Which values of a row are its k largest above 0, ties to the first."""
    positive = values > 0
    if k >= values.shape[1]:
        return positive
    last = values.shape[1] - k
    limit = np.partition(values, last, axis=1)[:, last : last + 1]
    chosen: NDArray[np.bool_] = (values >= limit) & positive
    for row in np.flatnonzero(chosen.sum(axis=1) > k):  # of those at the limit the first ones
        tied = np.flatnonzero(values[row] == limit[row])
        chosen[row, tied[k - int((values[row] > limit[row]).sum()) :]] = False
    return chosen
