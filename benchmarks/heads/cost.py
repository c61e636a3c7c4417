"""What a head reaches against what it costs: lookup.yaml beside head_speed.csv."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from paired import COLUMNS, FACTORISING, RESULTS, stored_rows, values

from grnpyg.studies import markdown_table

STUDY, TRAINED_ON = "lookup", "mixed"
MACS, TIME, BYTES = "MACs a pair", "time, dual = 1", "bytes a gene"
RC: Any = {"svg.hashsalt": "grnpyg", "svg.fonttype": "path", "font.size": 7, "axes.linewidth": 0.6}


def costs(study: str) -> pd.DataFrame:
    """What every head of a study costs; the time is the median over the rounds that were measured."""
    rows = pd.read_csv(RESULTS / "head_speed.csv")
    rows = rows[rows["study"] == study]
    counted = rows.groupby("head", sort=False)[["macs_per_pair", "bytes_of_a_gene"]].first()
    seconds = rows.pivot_table(index="round", columns="head", values="seconds")
    time = seconds.div(seconds["dual"], axis=0).median()
    return pd.DataFrame({MACS: counted["macs_per_pair"], TIME: time, BYTES: counted["bytes_of_a_gene"]})


def reached() -> pd.DataFrame:
    """(heads, columns) mean over the seeds."""
    rows = stored_rows(STUDY)
    rows = rows[rows["trained_on"] == TRAINED_ON]
    return pd.DataFrame({column: values(rows, "model", column).mean() for column in COLUMNS})


def front(cost: pd.Series, value: pd.Series) -> list[str]:
    """The heads above every head that costs no more, the cheapest first."""
    order = np.lexsort((-value, cost))
    best = value.iloc[order].cummax().shift(fill_value=-np.inf)
    return [head for head in value.index[order] if value[head] > best[head]]


def sections() -> dict[str, str]:
    """Marker -> text: the heads on the front of every panel."""
    found, paid = reached(), costs(STUDY)
    lines = []
    for words, cost in paid.items():
        fronts = (front(cost[found.index], found[column]) for column in COLUMNS)
        lines.append([words, *(", ".join(f"`{head}`" for head in heads) for heads in fronts)])
    return {"cost": markdown_table(["cost", *COLUMNS], lines)}


def draw(target: Path) -> None:
    """AUROC against each kind of cost; a line joins the heads that no cheaper head reaches."""
    found, paid = reached(), costs(STUDY)
    with mpl.rc_context(RC):
        figure = Figure(figsize=(7.2, 5.6))
        panels = figure.subplots(paid.shape[1], found.shape[1], sharey="col", sharex="row")
        for row, (words, cost) in zip(panels, paid.items(), strict=True):
            for panel, column in zip(row, COLUMNS, strict=True):
                value = found[column]
                best = front(cost[found.index], value)
                panel.plot(cost[best], value[best], color="0.7", lw=0.8, drawstyle="steps-post", zorder=0)
                for head in found.index:
                    marker = "o" if head in FACTORISING else "s"
                    panel.plot(cost[head], value[head], marker, ms=4.5, label=head)
                panel.set(xscale="log", xlabel=words)
            row[0].set_ylabel("test AUROC")
        for panel, column in zip(panels[0], COLUMNS, strict=True):
            panel.set_title(column)
        figure.legend(*panels[0][0].get_legend_handles_labels(), ncols=5, loc="upper center", frameon=False)
        figure.subplots_adjust(top=0.9, wspace=0.4, hspace=0.45)
        figure.savefig(target, bbox_inches="tight", metadata={"Date": None})
