"""Pair numbers: a number for every TF-gene pair, held in closed form and computed at the pairs asked for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array, sparray

from grnpyg.core.threads import in_threads
from grnpyg.models.pair_features import products

Ids = NDArray[np.integer[Any]]
Values = NDArray[np.float32]


class PairNumber(ABC):
    """A number for every pair of a graph.

    A table of all pairs would take 4 bytes x TFs x genes. A pair number keeps what the table is made from,
    such as the two factors of a product, and gives the entries that are asked for.

    Args:
        shape: (num_tfs, num_genes).
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        self.shape = (int(shape[0]), int(shape[1]))

    @abstractmethod
    def at(self, tf: Ids, gene: Ids) -> Values:
        """The number of the pairs (tf[i], gene[i]), (n,) and (n,) -> (n,). Fastest if `tf` is sorted."""

    def rows(self, tf: Ids) -> Values:
        """The number of some TFs with every gene, (m,) -> (m, num_genes); equal to `at` on these pairs."""
        num_genes = self.shape[1]
        genes = np.tile(np.arange(num_genes), len(tf))
        return self.at(np.repeat(tf, num_genes), genes).reshape(len(tf), num_genes)

    def scaled(self, *, tf: ArrayLike | None = None, gene: ArrayLike | None = None) -> PairNumber:
        """This number times a factor of the TF, (num_tfs,), and one of the gene, (num_genes,)."""
        return Scaled(self, tf, gene)

    def log(self, unit: float) -> PairNumber:
        """sign(x) log(1 + |x| / unit): spreads small numbers and compresses large ones.

        Args:
            unit: the smallest number that should differ clearly from 0.
        """
        return Log(self, unit)


class OfTF(PairNumber):
    """A number of the TF alone.

    Args:
        values: (num_tfs,).
        num_genes: of the graph.
    """

    def __init__(self, values: ArrayLike, num_genes: int) -> None:
        self.values = np.asarray(values, np.float32)
        super().__init__((len(self.values), num_genes))

    def at(self, tf: Ids, gene: Ids) -> Values:
        """See `PairNumber.at`."""
        return self.values[tf]


class OfGene(PairNumber):
    """A number of the gene alone.

    Args:
        values: (num_genes,).
        num_tfs: of the graph.
    """

    def __init__(self, values: ArrayLike, num_tfs: int) -> None:
        self.values = np.asarray(values, np.float32)
        super().__init__((num_tfs, len(self.values)))

    def at(self, tf: Ids, gene: Ids) -> Values:
        """See `PairNumber.at`."""
        return self.values[gene]


class Lookup(PairNumber):
    """An entry of a matrix that is there already: of a sparse one, or of a table that the graph holds.

    Args:
        table: (num_tfs, num_genes), dense or sparse; a dense float32 array is not copied.
    """

    def __init__(self, table: NDArray[Any] | sparray) -> None:
        super().__init__(table.shape)
        self.table = _sorted(table) if isinstance(table, sparray) else np.asarray(table, np.float32)

    def at(self, tf: Ids, gene: Ids) -> Values:
        """See `PairNumber.at`."""
        found: Values
        if isinstance(self.table, csr_array):
            found = products.entries(*_arrays(self.table), tf, gene)
        else:
            found = self.table[tf, gene]
        return found


class Product(PairNumber):
    """An entry of `left @ right`, which is never formed.

    Args:
        left: (num_tfs, k), dense or sparse.
        right: (k, num_genes), dense or sparse; sparse where it can be, as a pair then costs one step for
            each entry in the gene's column.
    """

    def __init__(self, left: NDArray[Any] | sparray, right: NDArray[Any] | sparray) -> None:
        super().__init__((left.shape[0], right.shape[1]))
        # of a factor on the right the columns are needed, which are the rows of the transposed one
        self.left, self.right = _factor(left), _factor(right.T)
        self.full, self.line = np.empty((0, left.shape[1]), np.float32), np.full(left.shape[0], -1)
        if isinstance(self.left, csr_array) and isinstance(self.right, csr_array):
            self.left, self.full, self.line = _written_out(self.left)

    def at(self, tf: Ids, gene: Ids) -> Values:
        """See `PairNumber.at`."""
        left, right = self.left, self.right
        result: Values
        if not isinstance(right, csr_array):
            if not isinstance(left, csr_array):
                result = products.dense_dense(left, right, tf, gene)
            else:
                result = products.dense_sparse(right, *_arrays(left), gene, tf)
        elif not isinstance(left, csr_array):
            result = products.dense_sparse(left, *_arrays(right), tf, gene)
        else:
            rows = *_arrays(left), self.full, self.line
            result = products.sparse_sparse(*rows, *_arrays(right), tf, gene)
        return result


class Derived(PairNumber):
    """A function of another number of the same pair.

    Args:
        number: the other one.
    """

    def __init__(self, number: PairNumber) -> None:
        super().__init__(number.shape)
        self.number = number

    @abstractmethod
    def of(self, values: Values, tf: Ids, gene: Ids) -> Values:
        """This number of pairs from the values (n,) of the other one."""

    def at(self, tf: Ids, gene: Ids) -> Values:
        """See `PairNumber.at`."""
        return self.of(self.number.at(tf, gene), tf, gene)


class Scaled(Derived):
    """A number times a factor of the TF and a factor of the gene, see `PairNumber.scaled`."""

    def __init__(self, number: PairNumber, tf: ArrayLike | None, gene: ArrayLike | None) -> None:
        super().__init__(number)
        self.of_tf = None if tf is None else np.asarray(tf, np.float32)
        self.of_gene = None if gene is None else np.asarray(gene, np.float32)

    def of(self, values: Values, tf: Ids, gene: Ids) -> Values:
        """See `Derived.of`."""
        if self.of_tf is not None:
            values = values * self.of_tf[tf]
        return values if self.of_gene is None else values * self.of_gene[gene]


class Log(Derived):
    """sign(x) log(1 + |x| / unit) of a number, see `PairNumber.log`."""

    def __init__(self, number: PairNumber, unit: float) -> None:
        super().__init__(number)
        self.unit = np.float32(unit)

    def of(self, values: Values, tf: Ids, gene: Ids) -> Values:
        """See `Derived.of`."""
        result: Values = np.sign(values) * np.log1p(np.abs(values) / self.unit)
        return result


def table(numbers: Sequence[PairNumber], tf: Ids, gene: Ids) -> Values:
    """Every number of some pairs, (n, num_numbers); equal to `at` of each, to the bit.

    Numbers that are derived from the same one share it, and different ones are computed side by side.

    Args:
        numbers: of the same graph.
        tf: (n,), sorted for speed.
        gene: (n,).
    """
    result = np.empty((tf.size, len(numbers)), np.float32)
    derived: dict[int, list[tuple[int, PairNumber]]] = {}
    for column, number in enumerate(numbers):
        derived.setdefault(id(_source(number)), []).append((column, number))

    def fill(members: list[tuple[int, PairNumber]]) -> None:
        values = _source(members[0][1]).at(tf, gene)
        for column, number in members:
            result[:, column] = _from(number, values, tf, gene)

    in_threads([partial(fill, members) for members in derived.values()])
    return result


def _source(number: PairNumber) -> PairNumber:
    """What a number is derived from in the end."""
    return _source(number.number) if isinstance(number, Derived) else number


def _from(number: PairNumber, values: Values, tf: Ids, gene: Ids) -> Values:
    """A number from the values (n,) of its source."""
    if not isinstance(number, Derived):
        return values
    return number.of(_from(number.number, values, tf, gene), tf, gene)


def _factor(matrix: NDArray[Any] | sparray) -> NDArray[np.float32] | csr_array:
    if isinstance(matrix, sparray):
        return _sorted(matrix)
    return np.ascontiguousarray(matrix, np.float32)


def _sorted(matrix: sparray) -> csr_array:
    """As float32 with the columns of each row in ascending order, each once."""
    rows = csr_array(matrix, dtype=np.float32)
    rows.sum_duplicates()
    return rows


def _written_out(matrix: csr_array) -> tuple[csr_array, NDArray[np.float32], NDArray[np.intp]]:
    """A matrix without its fuller rows, these as a dense array (m, k), and which of them each row is, or -1.

    A row with more than k / 2 entries takes less memory when all k are written out, and is read at once.
    """
    counts = np.diff(matrix.indptr)
    fuller = 2 * counts > matrix.shape[1]
    kept = np.repeat(~fuller, counts)
    limits = np.concatenate([[0], np.cumsum(np.where(fuller, 0, counts))]).astype(matrix.indptr.dtype)
    rest = csr_array((matrix.data[kept], matrix.indices[kept], limits), shape=matrix.shape)
    return rest, matrix[fuller].toarray(), np.where(fuller, np.cumsum(fuller) - 1, -1)


def _arrays(matrix: csr_array) -> tuple[Any, Any, Any]:
    return matrix.indptr, matrix.indices, matrix.data
