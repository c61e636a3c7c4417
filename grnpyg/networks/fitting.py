"""A network's names brought together with those of cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import pandas as pd

from grnpyg.core.errors import InputError, examples, warn
from grnpyg.data.matching.identifiers import LEAST_SHARE, USUAL_SHARE, MisfitError, match
from grnpyg.data.matching.settle import Use, settle
from grnpyg.data.regulons.cleaning import CleaningCounts
from grnpyg.data.regulons.regulon import Regulon


class Fit(NamedTuple):
    """How names became those of the cells: `names` gives the new one, `lines` are for the report."""

    names: Callable[[str], str]
    lines: tuple[str, ...]


def fitted(net: pd.DataFrame, var_names: Sequence[str], use: Use, where: object) -> tuple[pd.DataFrame, Fit]:
    """The network in the names of the cells, with one row a pair: the first.

    TFs need not be measured, their targets do.

    Args:
        net: `source`, `target` and any other column.
        var_names: genes of the cells.
        use: what names are settled by.
        where: the network, for messages.

    Raises:
        InputError: less than a tenth of the targets are among the genes.
    """
    regulon, settled = settle(_regulon(net, str(where)), var_names, use, where=where, there="the cells")
    fix = "check that both are of one species and one kind of names; --var-names COLUMN takes those of the "
    fix += "cells from a column of var"
    try:
        report = match(regulon, var_names, tfs_measured=False)
    except MisfitError as error:
        raise InputError(error.what, where=where, fix=fix) from None
    matched, rest = len(report.genes_matched), len(report.genes_unmatched)
    said = f"{matched:,} of {matched + rest:,} targets are among the {len(var_names):,} genes of the cells"
    if (share := matched / (matched + rest)) < USUAL_SHARE:
        what = f"only {said}: there {examples(var_names)}, here {examples(report.genes_unmatched)}"
        if share < LEAST_SHARE:
            raise InputError(what, where=where, fix=fix)
        warn(what, where=where, fix=fix)

    def now(name: str) -> str:
        spelled = settled.spelled.get(name, name)
        current = settled.aliases.get(spelled, spelled)
        return report.renamed.get(current, current)

    renamed = net.assign(source=net["source"].map(now), target=net["target"].map(now))
    lines = (f"Network: {len(net):,} edges; {said}.", *settled.lines(), *report.notes)
    return renamed.drop_duplicates(["source", "target"]), Fit(now, lines)


def _regulon(net: pd.DataFrame, where: str) -> Regulon:
    """The pairs as the matcher takes them, nothing left out."""
    tfs, genes = (tuple(sorted(set(net[end]))) for end in ("source", "target"))
    table = net[["source", "target"]].assign(weight=1.0)
    kinds = dict.fromkeys(("missing", "filtered", "negatives", "weak", "self_loops", "duplicates"), 0)
    counts = CleaningCounts(rows=len(net), edges=len(net), sources=len(tfs), targets=len(genes), **kinds)
    return Regulon(table, counts, tfs, genes, where)
