"""Genes as profiles over the samples of an expression table: tissues, cell lines."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from grnpyg.knowledge.base import Facts
from grnpyg.knowledge.genes import Genes, current_names
from grnpyg.knowledge.nearest import Vectors, unit_rows


def profile_facts(table: pd.DataFrame, genes: Genes, logarithm: bool) -> Facts:
    """Correlation of genes over the samples, and the mean and maximum of each gene.

    Every sample, then every gene, is centred: what all genes have in a sample (its depth) tells no two apart.

    Args:
        table: human symbols x samples, not negative; of a gene that is there twice the first row counts. A
            value that is missing says nothing: it is taken as the gene's mean.
        genes: of the graph.
        logarithm: whether to take log(1 + value).
    """
    table = table[table.notna().any(axis=1)]
    current = current_names([str(name) for name in table.index], "human")
    rows = genes.rows([current[str(name)] for name in table.index])
    values: NDArray[np.float64] = table.to_numpy(np.float64)
    values = np.log1p(values) if logarithm else values
    values = np.where(np.isnan(values), np.nanmean(values, axis=1, keepdims=True), values)
    place, first = np.unique(rows, return_index=True)
    place, first = place[place >= 0], first[place >= 0]
    profiles = values - values.mean(axis=0)
    profiles = profiles[first] - profiles[first].mean(axis=1, keepdims=True)
    matrix = np.zeros((len(genes.names), values.shape[1]))
    matrix[place] = profiles
    known = np.zeros(len(genes.names), bool)
    known[place] = True
    numbers: dict[str, NDArray[np.floating[Any]]] = {}
    for name, column in (("mean", values[first].mean(axis=1)), ("max", values[first].max(axis=1))):
        numbers[name] = np.full(len(genes.names), np.nan)
        numbers[name][place] = column
    note = f"correlation over {values.shape[1]} tissues and lines"
    return Facts(known, Vectors(unit_rows(matrix)), numbers=numbers, notes=(note,))


def read_samples(path: Any) -> pd.DataFrame:
    """Symbols x samples of a tab-separated table."""
    return pd.read_csv(path, sep="\t", index_col=0, keep_default_na=False, na_values=[""])
