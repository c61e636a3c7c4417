"""The answer of a network: how many edges at which probability, and which TFs have them."""

from __future__ import annotations

import pandas as pd

from grnpyg.networks.keys import KNOWN, PROBABILITY, TARGET, TF
from grnpyg.pipeline import LIKELY
from grnpyg.report.page import Table
from grnpyg.report.pages.edges import BEST
from grnpyg.report.pages.source import NetworkSource
from grnpyg.report.pages.words import number

LEVELS = (0.5, 0.3, 0.2, 0.1, 0.05, 0.02)
NAMED, SHOWN = 5, 20  # TFs in a sentence, and in a table


def answer(source: NetworkSource, best: pd.DataFrame) -> list[str]:
    """The sentences that come first.

    Args:
        source: the network.
        best: from `best_tfs`.
    """
    new, noun = source.new, source.noun
    if not len(new):
        return ["The table holds no new edge: every pair in it is an edge of the labels."]
    first = new.iloc[0]
    top = f"The first one is {first[TF]} → {first[TARGET]}"
    unsaid = [] if KNOWN in source.edges else ["The table does not say which of them are known already."]
    if not source.has_probabilities:
        return [
            f"{len(new):,} {noun}, ranked by their score; the table has no probabilities.",
            f"{top}.",
            *unsaid,
        ]
    claimed = new[PROBABILITY]
    likely = claimed[claimed >= LIKELY]
    lines = [
        f"{len(likely):,} {noun} have a probability of {LIKELY:g} or more, and about "
        f"{likely.sum():,.0f} of them are expected to be true."
        if len(likely)
        else f"None of the {noun} reaches a probability of {LIKELY:g}: none is likely, all are candidates."
    ]
    stated = f" with a probability of {first[PROBABILITY]:.2f}" if first[PROBABILITY] >= 0 else ""
    lines.append(
        f"{top}{stated}. Of all {len(new):,} {noun} of the table, {claimed.sum():,.0f} are "
        "expected to be true."
    )
    counted = f"{noun} of probability {LIKELY:g} or more" if len(likely) else f"first {BEST:,} {noun}"
    pairs = best[[TF, "new"]].head(NAMED).itertuples(index=False)
    names = ", ".join(f"{tf} ({count:,})" for tf, count in pairs)
    return [*lines, f"The TFs with most of the {counted}: {names}.", *unsaid]


def best_tfs(source: NetworkSource) -> pd.DataFrame:
    """TFs by their number of likely new edges, or of those among the first: `TF new best`, and `expected`."""
    new = source.new
    likely = new[new[PROBABILITY] >= LIKELY] if source.has_probabilities else new.head(0)
    counted = likely if len(likely) else new.head(BEST)
    groups = counted.groupby(TF, sort=False)
    table = groups.agg(new=(TARGET, "size"), best=(TARGET, "first"))
    if source.has_probabilities:
        table["expected"] = groups[PROBABILITY].sum()
    return table.sort_values("new", ascending=False, kind="stable").reset_index()


def tf_table(best: pd.DataFrame, noun: str) -> Table | None:
    """The first TFs of `best_tfs`."""
    if best.empty:
        return None
    expected = ["expected"] if "expected" in best else []
    rows = [
        [str(row[TF]), number(int(row["new"])), *(number(row[key], 1) for key in expected), str(row["best"])]
        for row in best.head(SHOWN).to_dict("records")
    ]
    headings = ["TF", noun, *(["true ones expected"] if expected else []), "first target"]
    caption = "TFs with most of the edges counted above"
    return Table(caption, headings, rows, frozenset({0, len(headings) - 1}))


def levels(source: NetworkSource) -> Table | None:
    """How many edges there are at and above some probabilities."""
    if not source.has_probabilities:
        return None
    rows = []
    for level in LEVELS:
        part = source.new[source.new[PROBABILITY] >= level]
        expected = number(float(part[PROBABILITY].sum()), 1)
        rows.append([f"{level:g}", number(len(part)), expected, number(part[TF].nunique())])
    caption = f"{source.noun.capitalize()} of the table from a probability on; expected: the sum of these"
    return Table(caption, ["probability from", source.noun, "true ones expected", "TFs"], rows)


def facts(source: NetworkSource) -> dict[str, str]:
    """A few numbers by name."""
    table, summary = source.edges, source.summary or {}
    found = {"TFs": number(table[TF].nunique()), "targets": number(table[TARGET].nunique())}
    if KNOWN in table:
        found["known edges"] = number(int(table[KNOWN].sum()))
    found[source.noun] = number(len(source.new))
    if summary:
        found["trainings"] = number(len(summary["seeds"]))
    return found
