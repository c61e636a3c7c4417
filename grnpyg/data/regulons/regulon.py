"""Read regulon tables (TF -> target gene) of any common format into one clean edge table.

Rows are removed in this order, and counted: without a name at one end, outside the chosen confidence levels,
labelled 0, self-loops. Then the rows of one pair are merged. A merged pair keeps the weight
of largest magnitude (the positive one in a tie), the best confidence level (first in the alphabet) and its
sign, which is 0 if its rows contradict each other. Row order never matters.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from grnpyg.core.data_config import IN_MEMORY
from grnpyg.core.errors import InputError, examples, unknown, warn
from grnpyg.data.formats.genelink import read_gene_index
from grnpyg.data.formats.leftovers import named, without_leftovers
from grnpyg.data.formats.read import read_rows, rows_in_memory
from grnpyg.data.formats.rows import ENDS, MISSING, Rows
from grnpyg.data.formats.values import filled
from grnpyg.data.regulons.cleaning import CleaningCounts
from grnpyg.data.regulons.edge_checks import (
    check_density,
    check_direction,
    contradicting_labels,
    contradicting_signs,
)
from grnpyg.data.text.characters import check_characters
from grnpyg.data.text.files import read_text


@dataclass(frozen=True, eq=False)
class Regulon:
    """A clean edge table and every name that its file mentions.

    Args:
        table: one row an edge, sorted by `source`, `target` (str); `weight` (float, 1.0 where the file gives
            none); where the file has them, `confidence` (str) and `sign` (int: -1, 0 or 1) with
            `contradicting` (bool: its rows say both, and so its sign is 0).
        counts: the cleaning report.
        sources_all: every TF named, sorted, even without a remaining edge. With `targets_all` it is the
            candidate universe, so a name whose only edge was a self-loop or labelled 0 stays.
        targets_all: every target gene named, sorted.
        where: the file, for messages.
        notes: sentences on what the file was taken for.
    """

    table: pd.DataFrame
    counts: CleaningCounts
    sources_all: tuple[str, ...]
    targets_all: tuple[str, ...]
    where: str
    notes: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """What the file was taken for, what was kept and what was removed."""
        return [*self.notes, *self.counts.lines()]


def read_regulon(
    path: str | Path | pd.DataFrame | Mapping[str, Sequence[str]],
    *,
    columns: Sequence[str] | None = None,
    confidence: Collection[str] | None = None,
    listed_tfs: bool = False,
    chosen: Mapping[str, str] | None = None,
    min_weight: float | None = None,
    complexes: bool = True,
) -> Regulon:
    """Read and clean a regulon table.

    Args:
        path: a table or a `{TF: [genes]}` in memory, or a file: a tsv, csv or Parquet table (the tables of
            `formats.known` by their columns, others by `formats.columns.ALIASES` in any case), a matrix of 0
            and 1, JSON `{TF: [genes]}` or GMT, text also gzipped; or GENELink's folder (or the `Label.csv` in
            it), where `Label.csv` holds indices into `Target.csv`, whose genes are the universe of targets.
        columns: names for the columns of a table without a header.
        confidence: levels to keep, for example `{"A", "B", "C"}` of DoRothEA.
        chosen: which column of a table with a header is the source, the target, the weight, ...
        min_weight: leave out rows whose weight is smaller in magnitude.
        listed_tfs: the universe of TFs is what `TF.csv` of GENELink's folder lists, with or without an edge.
        complexes: in a file, put the members of a complex in its place; False: it keeps its own name.

    Raises:
        InputError: the file is missing, empty, damaged or of another kind; columns or values cannot be used;
            a confidence level is unknown; no edge is left.
    """
    if isinstance(path, (pd.DataFrame, Mapping)):
        return _clean(rows_in_memory(path, chosen), IN_MEMORY, confidence, min_weight)
    path = Path(path)
    if path.name == "Label.csv" and path.with_name("Target.csv").is_file():
        path = path.parent
    if listed_tfs and not path.is_dir():
        raise InputError(
            "only GENELink's folders list TFs (TF.csv)", where=path, fix="leave data.listed_tfs out"
        )
    regulon = _clean(read_rows(path, columns, chosen, complexes=complexes), str(path), confidence, min_weight)
    if not path.is_dir():
        return regulon
    genes = {*regulon.targets_all, *read_gene_index(path).values()}
    listed = read_gene_index(path, "TF.csv").values() if listed_tfs else ()
    tfs = {*regulon.sources_all, *listed}
    return replace(regulon, sources_all=tuple(sorted(tfs)), targets_all=tuple(sorted(genes)))


def read_tf_list(path: str | Path) -> tuple[str, ...]:
    """The distinct names, sorted, of a file with one TF a line.

    Raises:
        InputError: the file cannot be read, or a line holds more than a name.
    """
    lines = (line.strip() for line in read_text(path).split("\n"))
    names = {line.strip("\"'") for line in lines if not line.startswith("#")} - {""}
    if wide := sorted(name for name in names if len(name.replace(",", " ").split()) != 1):
        raise InputError(f"not a list of names: {wide[0][:60]!r}", where=path, fix="write one TF name a line")
    return tuple(sorted(names))


def check_tfs(table: pd.DataFrame, tfs: Collection[str], where: object) -> None:
    """Check that every `source` of an edge table is among `tfs`.

    Raises:
        InputError: some are not; counted, with examples.
    """
    sources = set(table["source"])
    if strangers := sorted(sources - set(tfs)):
        fix = "leave them out with --tfs-action filter, or add them to the list"
        if len(strangers) == len(sources):
            fix = f"give a list in the table's kind of identifier; it has {examples(sorted(tfs))}"
        what = f"{len(strangers):,} of {len(sources):,} sources are not in the TF list: {examples(strangers)}"
        raise InputError(what, where=where, fix=fix)


def restrict(regulon: Regulon, tfs: Collection[str], action: str) -> Regulon:
    """Apply a list of TFs to a regulon.

    Args:
        regulon: the known edges.
        tfs: the list.
        action: `require` refuses other sources, `filter` leaves them out, `widen` makes every name of the
            list a TF, with or without a known edge.

    Raises:
        InputError: a source that is not in the list with `require`, or no edge that is left.
    """
    if action == "widen":
        return replace(regulon, sources_all=tuple(sorted({*regulon.sources_all, *tfs})))
    if action == "require":
        check_tfs(regulon.table, tfs, regulon.where)
        return regulon
    table = regulon.table[regulon.table["source"].isin(list(tfs))].reset_index(drop=True)
    if table.empty:
        raise InputError(
            f"none of its {regulon.counts.sources:,} TFs is in the list, which has {examples(sorted(tfs))}",
            where=regulon.where,
            fix="give a list in the table's kind of identifier",
        )
    gone = sorted(set(regulon.table["source"]) - set(tfs))
    if gone:
        warn(
            f"{len(gone):,} TFs are not in the list, and their {len(regulon.table) - len(table):,} edges are "
            f"left out: {examples(gone)}",
            where=regulon.where,
        )
    counts = replace(
        regulon.counts,
        edges=len(table),
        sources=table["source"].nunique(),
        targets=table["target"].nunique(),
        filtered=regulon.counts.filtered + len(regulon.table) - len(table),
    )
    listed, left = set(tfs), set(regulon.table["target"]) - set(table["target"])
    return replace(
        regulon,
        table=table,
        counts=counts,
        sources_all=tuple(name for name in regulon.sources_all if name in listed),
        targets_all=tuple(name for name in regulon.targets_all if name not in left),
    )


def rename(regulon: Regulon, names: Mapping[str, str]) -> Regulon:
    """Rename both ends of a regulon (names without an entry stay) and clean it again.

    New self-loops and duplicates are added to the counts of `regulon`.

    Raises:
        InputError: no edge is left.
    """
    old, table = regulon.counts, regulon.table
    new = _merge(
        table.assign(**{end: [names.get(name, name) for name in table[end]] for end in ENDS}),
        regulon.where,
        [names.get(name, name) for name in regulon.sources_all],
        [names.get(name, name) for name in regulon.targets_all],
    )
    counts = replace(
        old,
        self_loops=old.self_loops + new.counts.self_loops,
        duplicates=old.duplicates + new.counts.duplicates,
        edges=new.counts.edges,
        sources=new.counts.sources,
        targets=new.counts.targets,
    )
    return replace(new, counts=counts, notes=regulon.notes)


def _clean(
    read: Rows, where: str, confidence: Collection[str] | None, min_weight: float | None = None
) -> Regulon:
    """Drop rows that are not edges, count them, and merge the rest."""
    rows = filled(without_leftovers(read.table, where), where)
    for end in ENDS:
        check_characters(rows[end].unique(), where)
    whole = rows["source"].ne("") & rows["target"].ne("")
    if count := int((~whole).sum()):
        warn(f"{count:,} rows have no name at one end: left out", where=where)
    wanted = pd.Series(True, index=rows.index)
    if confidence is not None:
        if "confidence" not in rows:
            raise InputError("no confidence column to filter by", where=where, fix="leave the filter out")
        levels = set(rows["confidence"]) - set(MISSING)
        for level in sorted(set(confidence) - levels):
            raise unknown("confidence level", level, levels, where=where)
        wanted = rows["confidence"].isin(list(confidence))
    positive = rows["label"].eq(1) if "label" in rows else pd.Series(True, index=rows.index)
    if min_weight is not None and "weight" not in rows:
        raise InputError(
            "no column of weights to compare with data.min_weight", where=where, fix="leave min_weight out"
        )
    weight = rows["weight"] if "weight" in rows else pd.Series(1.0, index=rows.index)
    zero = positive & weight.eq(0)
    positive &= ~zero
    if count := int((whole & wanted & zero).sum()):
        warn(f"{count:,} rows have the weight 0: they are no edges", where=where)
    strong = weight.abs().ge(min_weight or 0)
    if (usable := whole & wanted & positive).any() and not (usable & strong).any():
        most = weight[usable].abs().max()
        what = f"none of its weights reaches {min_weight:g}: the largest is {most:g}"
        raise InputError(what, where=where, fix="give a smaller number to --min-weight")
    mentioned = named(rows[wanted], whole[wanted])
    regulon = _merge(
        rows[whole & wanted & positive & strong], where, mentioned["source"], mentioned["target"]
    )
    contradicting_signs(regulon.table, where)
    contradicting_labels(rows[whole & wanted], where)
    check_density(regulon.table, where, min_weight)
    ends = set(regulon.table["source"]), set(regulon.table["target"])
    check_direction(*ends, read.columns, where)
    counts = replace(
        regulon.counts,
        rows=len(rows),
        missing=int((~whole).sum()),
        filtered=int((whole & ~wanted).sum()),
        negatives=int((whole & wanted & ~positive).sum()),
        weak=int((whole & wanted & positive & ~strong).sum()),
    )
    return replace(regulon, counts=counts, notes=read.notes)


def _merge(rows: pd.DataFrame, where: str, sources: Iterable[str], targets: Iterable[str]) -> Regulon:
    """Remove self-loops, merge duplicates, sort; `sources` and `targets` are all names of each end."""
    rows = rows.assign(weight=rows.get("weight", 1.0))
    edges = rows[rows["source"] != rows["target"]]
    if edges.empty:
        fix = "give a table with at least one pair of two different, named genes that is not labelled 0"
        raise InputError(f"no edge is left of {len(rows):,} usable rows", where=where, fix=fix)
    pairs = edges.groupby(ENDS, sort=True)
    low, high = pairs["weight"].min(), pairs["weight"].max()
    merged: dict[str, object] = {"weight": high.where(high >= -low, low)}
    if "confidence" in edges:
        levels = edges["confidence"].mask(edges["confidence"].isin(MISSING))  # sorts last, not first
        best = edges.assign(confidence=levels).sort_values("confidence").drop_duplicates(ENDS)
        merged["confidence"] = best.set_index(ENDS)["confidence"].fillna("")
    if "sign" in edges:
        least, most = pairs["sign"].min(), pairs["sign"].max()
        both = least.lt(0) & most.gt(0)
        if "contradicting" in edges:
            both |= pairs["contradicting"].max()
        merged["sign"] = np.where(both, 0, np.sign(least + most))
        merged["contradicting"] = both
    table = pd.DataFrame(merged).reset_index()
    counts = CleaningCounts(
        rows=len(rows),
        missing=0,
        filtered=0,
        negatives=0,
        weak=0,
        self_loops=len(rows) - len(edges),
        duplicates=len(edges) - len(table),
        edges=len(table),
        sources=table["source"].nunique(),
        targets=table["target"].nunique(),
    )
    return Regulon(table, counts, _names(sources), _names(targets), where)


def _names(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names) - {""}))
