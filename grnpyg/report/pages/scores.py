"""Figures that runs and studies share: unseen nodes, strata by degree, and costs."""

from __future__ import annotations

from functools import partial

import pandas as pd

from grnpyg.report import pl
from grnpyg.report.figure import Figure

STRATA = ["auroc_low_degree", "auroc_middle_degree", "auroc_high_degree"]
APART = 2.0  # times the lowest cost that the highest has at least, or there is nothing to see
MOST = 12  # methods in one figure; the closed forms and the first ones


def cold_start_figure(table: pd.DataFrame, against: str) -> list[Figure]:
    """The grid of seen and unseen TFs and genes, where there is more than one kind.

    Args:
        table: `method subset auroc`.
        against: what the other pairs are, in words.
    """
    if "auroc" not in table or table["subset"].nunique() < 2:
        return []
    table = table[["method", "subset", "auroc"]].dropna()
    table = table[table["method"].isin(table["method"].unique()[: 3 * MOST])]
    caption = (
        "AUROC on held-out edges by whether training has seen their TF and gene, against "
        f"{against}; of a method with several scores the mean."
    )
    size = (4.8, 0.9 + 0.24 * table["method"].nunique())
    return [Figure("cold-start", "Unseen TFs and genes", caption, partial(pl.cold_start, table), table, size)]


def strata_figure(table: pd.DataFrame, against: str) -> list[Figure]:
    """AUROC in thirds of the pairs by degree, where there are two methods to compare.

    Args:
        table: `method` and the three strata.
        against: what the other pairs are, in words.
    """
    if not set(STRATA) <= set(table):
        return []
    table = table[["method", *STRATA]].dropna().head(MOST)
    if len(table) < 2:
        return []
    caption = (
        "AUROC within thirds of the pairs by degree of the TF times degree of the gene, against "
        f"{against}; a method that knows hubs only falls to 0.5, the thin line."
    )
    return [Figure("strata", "Strata by degree", caption, partial(pl.strata, table), table, (4.8, 3.0))]


def cost_figures(table: pd.DataFrame, against: str) -> list[Figure]:
    """AUROC against parameters and against seconds, each where the methods differ in it.

    Args:
        table: `name auroc parameters seconds`.
        against: what the other pairs are, in words.
    """
    figures = []
    for by, unit in (("parameters", "numbers that scoring reads"), ("seconds", "seconds of fitting")):
        if by not in table or "auroc" not in table:
            continue
        own = table[["name", "auroc", by]].astype({by: float}).dropna()
        spread = own[by].clip(lower=1)
        if len(own) < 2 or spread.max() < APART * spread.min():
            continue
        caption = f"AUROC against {unit} (logarithmic), against {against}; nothing below 1 is told apart."
        draw = partial(pl.cost, own, by=by)
        figures.append(Figure(f"cost-{by}", f"Accuracy and {by}", caption, draw, own, (4.8, 3.0)))
    return figures
