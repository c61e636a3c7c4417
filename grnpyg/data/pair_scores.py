"""Scored TF -> gene pairs as any tool writes them: the rows, and which number is the score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from grnpyg.core.arguments import as_path
from grnpyg.core.data_config import IN_MEMORY
from grnpyg.core.errors import InputError, warn
from grnpyg.data.formats.columns import plain_name
from grnpyg.data.formats.leftovers import without_leftovers
from grnpyg.data.formats.read import read_rows, rows_in_memory
from grnpyg.data.formats.rows import ENDS, Rows
from grnpyg.data.formats.values import scored
from grnpyg.data.matching.settle import Use, settle
from grnpyg.data.names.marks import mended
from grnpyg.data.regulons.cleaning import CleaningCounts
from grnpyg.data.regulons.regulon import Regulon
from grnpyg.data.text.characters import check_characters

EFFECTS = {"weight", "edgeweight", "edge_weight", "coef", "coef_mean", "mor"}  # their sign is no rank
PREDICTION = "prediction"  # where geneRNIB has the table in `uns` of an h5ad


@dataclass(frozen=True, eq=False)
class PairScores:
    """Distinct pairs with a score, best first; pairs of the same score by their names.

    Attributes:
        table: `source`, `target` (str), `score` (float, higher = more likely an edge) and, where the file
            has it and it was asked for, `known` (bool).
        column: name of the column with the score; None: the file has none, and all scores are 1.
        magnitude: the score is the magnitude of a signed effect.
        where: the file, for messages.
    """

    table: pd.DataFrame
    column: str | None
    magnitude: bool
    where: str

    @property
    def kind(self) -> str:
        """What the score is, in words."""
        if self.column is None:
            return "no scores: all listed pairs are alike"
        return f"score: {'magnitude of ' if self.magnitude else ''}{self.column}"

    def renamed_to(self, names: list[str]) -> pd.DataFrame:
        """The pairs, `source target rank`, under names of a graph where they are the same gene.

        Spellings, and former names of human and mouse, are settled as those of labels are. `rank` is 1 for
        the lowest score and grows with it; pairs that become the same keep the best.
        """
        rank = self.table["score"].rank(method="dense")
        table = self.table[ENDS].assign(weight=rank).sort_values(ENDS, ignore_index=True)
        tfs, genes = (tuple(sorted(set(table[end]))) for end in ENDS)
        none = dict.fromkeys(("missing", "filtered", "negatives", "weak", "self_loops", "duplicates"), 0)
        size = len(table)
        counts = CleaningCounts(rows=size, edges=size, sources=len(tfs), targets=len(genes), **none)
        regulon = Regulon(table, counts, tfs, genes, self.where)
        use = Use(True, True)
        settled, _ = settle(regulon, names, use, where=self.where, there="the run", fix=None)
        return settled.table.rename(columns={"weight": "rank"})


def read_pair_scores(
    source: str | Path | pd.DataFrame, columns: Mapping[str, str] | None = None, *, known: bool = False
) -> PairScores:
    """Read a network with scores: whatever is read as labels, and geneRNIB's h5ad.

    The score is the column that labels take their weight from (`importance`, `weight`, `score`,
    `coef_mean`, ...). A weight or coefficient that is negative somewhere is an effect, and its magnitude is
    the score; any other column is taken as it is, so that logits keep their order. A pair that is there twice
    keeps its best score.

    Args:
        source: a file, or a table in memory.
        columns: which column holds the source, the target or the weight, where the names do not tell.
        known: also read the column `known` of a network of `grnpyg predict`.

    Raises:
        InputError: it cannot be read, or has no pair of two different names.
    """
    chosen = dict(columns or {}) | ({"label": "known"} if known else {})
    where = IN_MEMORY if isinstance(source, pd.DataFrame) else str(source)
    rows = _rows(source, chosen)
    table = scored(without_leftovers(rows.table, where), where)
    for end in ENDS:
        check_characters(table[end].unique(), where)
    table = table[table["source"].ne("") & table["target"].ne("")]
    if names := mended({*table["source"], *table["target"]}, where):
        table = table.assign(**{end: table[end].map(lambda name: names.get(name, name)) for end in ENDS})
    table = table[table["source"].ne(table["target"])]
    if table.empty:
        raise InputError("names no pair of two different genes", where=where)
    column = rows.columns.get("weight", "weight" if not rows.columns else None)
    column = column if "weight" in table else None
    score = table["weight"].astype(float) if column is not None else pd.Series(1.0, index=table.index)
    magnitude = column is not None and plain_name(column) in EFFECTS and bool((score < 0).any())
    table = table[ENDS].assign(
        score=score.abs() if magnitude else score,
        **({"known": table["label"].eq(1)} if known else {}),
    )
    table = table.sort_values(["score", *ENDS], ascending=[False, True, True])
    distinct = table.drop_duplicates(ENDS)
    if twice := len(table) - len(distinct):
        warn(f"{twice:,} rows repeat a pair: the best score counts", where=where)
    return PairScores(distinct.reset_index(drop=True), column, magnitude, where)


def _rows(source: str | Path | pd.DataFrame, chosen: dict[str, str]) -> Rows:
    if isinstance(source, pd.DataFrame):
        return rows_in_memory(source, chosen)
    path = as_path(source, "the file of a network")
    if path.is_dir():
        fix = "write the network of a run with `grnpyg predict RUN -o network.tsv`, and give that file"
        raise InputError("is a folder, not a table of scored pairs", where=path, fix=fix)
    if path.suffix == ".h5ad":
        return rows_in_memory(_prediction(path), chosen)
    return read_rows(path, None, chosen, complexes=False)


def _prediction(path: Path) -> pd.DataFrame:
    """The table of geneRNIB's h5ad, `uns["prediction"]` with source, target and weight (as words)."""
    import h5py
    from anndata.io import read_elem

    try:
        with h5py.File(path) as file:
            table = read_elem(file["uns"][PREDICTION])
    except (OSError, KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"holds no network as geneRNIB writes it, a table in uns[{PREDICTION!r}]"
        fix = "give a table with source, target and weight"
        raise InputError(f"{what} ({type(error).__name__})", where=path, fix=fix) from None
    if not isinstance(table, pd.DataFrame) or table.empty:
        raise InputError(f"uns[{PREDICTION!r}] is no table with rows", where=path)
    return table.astype(str).replace({"nan": ""}) if len(table.columns) else table
