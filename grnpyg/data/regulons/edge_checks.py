"""Known edges that look like something else: all pairs of a tool with their scores, or edges turned round."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from grnpyg.core.errors import InputError, warn
from grnpyg.data.formats.known import quoted
from grnpyg.data.formats.rows import ENDS
from grnpyg.data.names.symbols import tf_names

DENSE, FULL = 0.5, 0.9  # shares of all pairs that are edges: said, and refused
KEEP = 0.05  # share of the edges that the advised threshold leaves
LEAST_TFS, LEAST_GENES = 4, 10  # of a table that is judged by its density
VARIED = 0.05  # distinct weights per edge that make scores
MANY_SOURCES, TIMES = 20, 3  # sources, and times the number of targets, that look reversed
TF_SHARE = 0.4  # of the targets that are TFs, twice the share among the sources: looks reversed


def contradicting_labels(rows: pd.DataFrame, where: object) -> None:
    """Say how many pairs have rows labelled 0 and rows labelled 1."""
    if "label" in rows:
        labels = rows.groupby(ENDS)["label"].agg(["min", "max"])
        if count := int((labels["min"].eq(0) & labels["max"].eq(1)).sum()):
            warn(f"{count:,} pairs are labelled 0 and 1: they count as edges", where=where)


def contradicting_signs(table: pd.DataFrame, where: object) -> None:
    """Say how many pairs are said to activate and to repress."""
    if "contradicting" in table and (count := int(table["contradicting"].sum())):
        warn(f"{count:,} pairs have rows of both signs: their sign counts as unknown", where=where)


def check_density(table: pd.DataFrame, where: object, min_weight: float | None) -> None:
    """Say that a table holds most pairs of its TFs and genes with different weights, as tools write them.

    Args:
        table: clean edges with their weights.
        where: the file, for messages.
        min_weight: what the user asked for, or None.

    Raises:
        InputError: it holds nearly all of them, and `min_weight` is None.
    """
    tfs, genes = table["source"].nunique(), table["target"].nunique()
    both = len(set(table["source"]) & set(table["target"]))
    share = len(table) / max(1, tfs * genes - both)
    weights = table["weight"].abs()
    varied = weights.nunique() > max(2, VARIED * len(table))
    if tfs < LEAST_TFS or genes < LEAST_GENES or share <= DENSE or not varied:
        return
    what = (
        f"{len(table):,} edges are {100 * share:.0f} % of all pairs of its {tfs:,} TFs and {genes:,} genes, "
        "with different weights: these look like the scores of all pairs, not like known edges"
    )
    threshold = _threshold(weights)
    kept = int((weights >= float(threshold)).sum())
    fix = f"--min-weight {threshold} leaves the {kept:,} strongest"
    if share > FULL and min_weight is None:
        raise InputError(what, where=where, fix=f"{fix}; --min-weight 0 takes all of them")
    warn(what, where=where, fix=fix)


def _threshold(weights: pd.Series[float]) -> str:
    """A round number that leaves about `KEEP` of the weights, and at least one."""
    value = float(np.sort(weights)[-max(1, int(KEEP * len(weights)))])
    if value <= 0:
        return "0"
    step = 10.0 ** (math.floor(math.log10(value)) - 2)
    text = f"{math.floor(value / step) * step:.3g}"
    return text if float(text) <= value else repr(value)


def check_direction(
    sources: Collection[str],
    targets: Collection[str],
    columns: Mapping[str, str],
    where: object,
    tfs: Collection[str] | None = None,
) -> None:
    """Say that edges look turned round, by the number of names at both ends and by the names of known TFs.

    Args:
        sources: distinct names at the start of an edge.
        targets: those at the end.
        columns: kind -> column of the file, for the advice; empty where there is none to choose.
        where: the file, for the message.
        tfs: names of known TFs; None: those of human and mouse.
    """
    known = tf_names() if tfs is None else frozenset(tfs)
    at_source, at_target = len(known & set(sources)), len(known & set(targets))
    share, share_of_targets = at_source / len(sources), at_target / len(targets)
    by_names = share_of_targets >= TF_SHARE and share < share_of_targets / 2 and len(sources) >= len(targets)
    many = len(sources) >= MANY_SOURCES and len(sources) >= TIMES * len(targets)
    if not by_names and not (many and share < TF_SHARE):
        return
    fix = "if the first name of each row is the gene, swap the names of each edge"
    if set(ENDS) <= columns.keys():
        turned = quoted(source=columns["target"], target=columns["source"])
        fix = f"if {columns['target']!r} holds the TFs, turn the edges with --columns {turned}"
    warn(
        f"{len(sources):,} TFs to {len(targets):,} genes looks reversed: known TFs are {at_source:,} of the "
        f"sources ({100 * share:.0f} %) and {at_target:,} of the targets ({100 * share_of_targets:.0f} %)",
        where=where,
        fix=fix,
    )
