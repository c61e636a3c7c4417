"""Strata of the ranked pairs by what is known of the gene or the TF, so that study bias shows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from grnpyg.core.errors import InputError, examples, warn
from grnpyg.data.graph import GENE, TF
from grnpyg.data.names.namespaces import without_version
from grnpyg.data.text.files import read_text
from grnpyg.data.text.table import parse_table
from grnpyg.evaluation.later.candidates import LaterSet
from grnpyg.metrics.classification import auroc
from grnpyg.metrics.strata import quantile_bins

GENE_DEGREES = ((0, 1), (2, 4), (5, None))
TF_DEGREES = ((0, 9), (10, 49), (50, None))
THIRDS = 3
LEAST_SHARE = 0.1  # of the genes that a file of values has to know


@dataclass(frozen=True)
class Strata:
    """A division of the genes, or of the TFs.

    Attributes:
        name: what they are divided by.
        kind: node type.
        stratum: (num_nodes,) its number.
        names: of each number.
    """

    name: str
    kind: str
    stratum: NDArray[np.int64]
    names: tuple[str, ...]

    def pairs(self, number: int, shape: tuple[int, int]) -> NDArray[np.bool_]:
        """(num_tfs, num_genes) True in one stratum."""
        inside = self.stratum == number
        return np.broadcast_to(inside[:, None] if self.kind == TF else inside, shape)


def degree_strata(pairs: LaterSet) -> list[Strata]:
    """By the number of known edges of the gene, and of the TF: well-studied nodes have many."""
    return [
        _of_degree("gene degree", GENE, pairs.degree[GENE], GENE_DEGREES),
        _of_degree("TF degree", TF, pairs.degree[TF], TF_DEGREES),
    ]


def file_strata(path: Path, genes: list[str]) -> Strata:
    """Thirds of the genes by a number that a table gives, such as their publications.

    Equal numbers are in one stratum. Genes without a number are a stratum of their own.

    Args:
        path: a table whose first column names genes and whose second holds numbers.
        genes: names of the nodes.

    Raises:
        InputError: not such a table, a gene with two numbers, or less than a tenth of the genes in it.
    """
    table = parse_table(read_text(path), path)
    if table.shape[1] < 2:
        raise InputError("has one column", where=path, fix="give a table with a gene and a number a line")
    names = table.iloc[:, 0].map(without_version)
    number = pd.to_numeric(table.iloc[:, 1], errors="coerce").astype(float)
    if bad := table.iloc[:, 1][~np.isfinite(number) & table.iloc[:, 1].ne("")].tolist():
        raise InputError(
            f"{len(bad):,} values of column {table.columns[1]} are no numbers: {examples(bad)}", where=path
        )
    values = pd.DataFrame({"gene": names, "value": number}).dropna().drop_duplicates()
    if twice := values["gene"][values["gene"].duplicated()].unique().tolist():
        raise InputError(f"{len(twice):,} genes have two numbers: {examples(twice)}", where=path)
    own = pd.Series([without_version(name) for name in genes]).map(values.set_index("gene")["value"])
    there = own.notna().to_numpy()
    said = f"has a number for {int(there.sum()):,} of the {len(genes):,} genes of the run"
    if there.mean() < LEAST_SHARE:
        fix = f"name genes as the run does, such as {examples(genes)}"
        raise InputError(f"{said} (it names {examples(names)})", where=path, fix=fix)
    if not there.all():
        warn(f"{said}; the others are a stratum of their own", where=path)
    value = own.to_numpy(float)
    stratum = np.full(len(genes), THIRDS)
    stratum[there] = quantile_bins(value[there], THIRDS)
    ranges = [value[stratum == number] for number in range(THIRDS)]
    shown = [f"{part.min():g} to {part.max():g}" if part.size else "empty" for part in ranges]
    return Strata(str(table.columns[1]), GENE, stratum, (*shown, "no number"))


def stratum_table(name: str, pairs: LaterSet, table: NDArray[Any], division: Strata) -> list[dict[str, Any]]:
    """One line per stratum that has pairs: by, stratum, method, auroc, positives, pairs.

    AUROC compares only pairs of the stratum, so a score that merely knows the strata has .5.
    """
    lines = []
    for number, words in enumerate(division.names):
        inside = pairs.ranked.candidate & division.pairs(number, table.shape)
        label = pairs.ranked.label[inside]
        if label.size:
            lines.append(
                {
                    **{"by": division.name, "stratum": words, "method": name},
                    "auroc": auroc(label, table[inside]),
                    **{"positives": int(label.sum()), "pairs": label.size},
                }
            )
    return lines


def sign_table(name: str, pairs: LaterSet, table: NDArray[Any]) -> list[dict[str, Any]]:
    """AUROC of the new activations, and of the new repressions, against all unlabelled pairs.

    Scores say that there is an edge, not its sign.
    """
    negative = table[pairs.ranked.negatives]
    lines = []
    for sign, words in ((1, "activation"), (-1, "repression"), (0, "unknown")):
        positive = table[pairs.ranked.positives & (pairs.sign == sign)]
        label = np.arange(positive.size + negative.size) < positive.size
        value = auroc(label, np.concatenate([positive, negative]))
        lines.append({"sign": words, "method": name, "auroc": value, "positives": positive.size})
    return lines


def _of_degree(
    name: str, kind: str, degree: NDArray[np.int64], ranges: tuple[tuple[int, int | None], ...]
) -> Strata:
    starts = np.array([low for low, _ in ranges])
    names = tuple(f"{low}+" if high is None else f"{low} to {high}" for low, high in ranges)
    return Strata(name, kind, np.searchsorted(starts, degree, side="right") - 1, names)
