"""Methods and models beside each other: gains, imbalance, unseen nodes, degree strata and costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from grnpyg.report.pl.style import PALETTE, axes_of, ink, legend, looks, plain_ticks, require, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHARES = ("auroc", "ap", "per_tf_auroc")  # from 0 to 1
Rows = pd.DataFrame | Sequence[Mapping[str, Any]]


@styled
def gain(table: Rows, *, ax: Axes | None = None) -> Axes:
    """Draw a forest plot: gains over degree with their 95 % intervals, a line for each name.

    Args:
        table: rows with `name`, `gain`, `low` and `high` (differences of AUROC; nan or None where there is
            no interval). The gains of `grnpyg network --json` have `setting` for `name`.
        ax: Axes to draw on; None: new ones.

    Example:
        >>> ax = gain([{"name": "model", "gain": 0.02, "low": 0.01, "high": 0.03}])
        >>> ax.get_xlabel()
        'gain in AUROC over degree'
    """
    frame = pd.DataFrame(list(table)) if not isinstance(table, pd.DataFrame) else table
    if "name" not in frame and "setting" in frame:
        frame = frame.rename(columns={"setting": "name"})
    frame = require(frame, ("name", "gain", "low", "high"), "gain")
    ax = axes_of(ax, height=0.8 + 0.22 * len(frame))
    at = np.arange(len(frame))[::-1]
    value, low, high = (frame[name].astype(float).to_numpy() for name in ("gain", "low", "high"))
    there = np.isfinite(low) & np.isfinite(high)
    ax.hlines(at[there], low[there], high[there], color=PALETTE[0], lw=1.6)
    ax.plot(value[there], at[there], "o", color=PALETTE[0])
    ax.plot(value[~there], at[~there], "o", color=PALETTE[0], mfc="none")
    ax.axvline(0, color=ink(ax), lw=0.8, ls=":")
    ax.set_yticks(at, frame["name"].astype(str))
    ax.set(xlabel="gain in AUROC over degree", ylim=(-0.7, len(frame) - 0.3))
    return ax


@styled
def imbalance(
    table: Rows, *, metric: str = "ap", ax: Axes | None = None, label: str = "negatives per edge"
) -> Axes:
    """Draw a metric against the number of negatives per edge, a line for each series.

    Args:
        table: rows with `series`, `ratio` and the metric; `<metric>_low` and `_high` are drawn as bars.
        metric: `auroc`, `ap`, ...
        ax: Axes to draw on; None: new ones.
        label: of the horizontal axis.
    """
    ax, frame = axes_of(ax), require(table, ("series", "ratio", metric), "imbalance")
    _series(frame, "ratio", metric, ax)
    ratios = sorted(frame["ratio"].unique())
    if ratios[0] > 0:
        ax.set_xscale("log")
    ax.set_xticks(ratios, [f"{ratio:g}" for ratio in ratios])
    ax.minorticks_off()
    ax.set(xlabel=label, ylabel=_name(metric))
    return ax


@styled
def cold_start(table: Rows, *, metric: str = "auroc", ax: Axes | None = None) -> Axes:
    """Draw a grid of scores: a row for each method, a column for each kind of TF and gene, seen or unseen.

    Args:
        table: rows with `method`, `subset` (`test`, `test_cold_tf`, ...) and the metric.
        metric: from 0.5 (chance) to 1.
        ax: Axes to draw on; None: new ones.
    """
    frame = require(table, ("method", "subset", metric), "cold_start")
    grid = frame.pivot_table(index="method", columns="subset", values=metric, sort=False)
    ax = axes_of(ax, height=0.9 + 0.24 * len(grid))
    values = grid.to_numpy(float)
    ax.imshow(values, cmap="cividis", vmin=0.5, vmax=1.0, aspect="auto")
    for row, column in np.argwhere(np.isfinite(values)):
        value = values[row, column]
        ax.text(
            column, row, f"{value:.3f}", ha="center", va="center", color="white" if value < 0.75 else "black"
        )
    names = {"test": "both seen", "test_cold_tf": "unseen TF", "test_cold_gene": "unseen gene"}
    names |= {"test_cold_both": "both unseen"}
    ax.set_xticks(range(len(grid.columns)), [names.get(str(name), str(name)) for name in grid.columns])
    ax.set_yticks(range(len(grid)), grid.index.astype(str))
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set_xlabel(f"{_name(metric)} (0.5: chance)")
    return ax


@styled
def strata(table: Rows, *, ax: Axes | None = None) -> Axes:
    """Draw AUROC within thirds of the pairs by degree: a method that only knows hubs falls to 0.5.

    Args:
        table: rows with `method` and `auroc_low_degree`, `auroc_middle_degree`, `auroc_high_degree`.
        ax: Axes to draw on; None: new ones.
    """
    keys = ["auroc_low_degree", "auroc_middle_degree", "auroc_high_degree"]
    ax, frame = axes_of(ax), require(table, ("method", *keys), "strata")
    look = looks(frame["method"], ax)
    for row in frame.to_dict("records"):
        own = look[str(row["method"])]
        ax.plot(
            range(3),
            [row[key] for key in keys],
            own.marker,
            ls=own.dashes,
            color=own.color,
            label=str(row["method"]),
        )
    ax.axhline(0.5, color="#999999", lw=0.6)
    ax.set_xticks(range(3), ["low", "middle", "high"])
    ax.set(xlabel="degree of TF x degree of gene, thirds of the pairs", ylabel="AUROC", xlim=(-0.2, 2.2))
    legend(ax, len(look), title="method")
    return ax


@styled
def cost(table: Rows, *, metric: str = "auroc", by: str = "parameters", ax: Axes | None = None) -> Axes:
    """Draw accuracy against cost, a point for each method.

    Args:
        table: rows with `name`, the metric and the cost. A cost of 0 is drawn as 1.
        metric: `auroc`, `ap`, ...
        by: `parameters` (numbers), `seconds` or `macs_per_pair`.
        ax: Axes to draw on; None: new ones.
    """
    ax, frame = axes_of(ax), require(table, ("name", metric, by), "cost")
    look = looks(frame["name"], ax)
    for row in frame.to_dict("records"):
        own = look[str(row["name"])]
        ax.plot(max(float(row[by]), 1.0), row[metric], own.marker, color=own.color, label=str(row["name"]))
    names = {"parameters": "parameters", "seconds": "seconds of training", "macs_per_pair": "MACs a pair"}
    ax.set_xscale("log")
    plain_ticks(ax.xaxis)
    ax.set(xlabel=names.get(by, by), ylabel=_name(metric))
    legend(ax, len(look))
    return ax


def _series(frame: pd.DataFrame, x: str, metric: str, ax: Axes) -> None:
    """A line for each series, with intervals where the table has them."""
    look = looks(frame["series"], ax)
    for name, line in frame.groupby("series", sort=False):
        own, line = look[str(name)], line.sort_values(x)
        style: Any = {"color": own.color, "ls": own.dashes, "marker": own.marker, "label": str(name)}
        at, value = line[x].to_numpy(float), line[metric].to_numpy(float)
        low, high = (line.get(f"{metric}_{end}", line[metric]).to_numpy(float) for end in ("low", "high"))
        if np.isfinite(high - low).any() and (high > low).any():
            bars = np.nan_to_num([value - low, high - value])
            ax.errorbar(at, value, bars, elinewidth=0.8, capsize=2, **style)
        else:
            ax.plot(at, value, **style)
    if metric in SHARES and len(frame):  # an interval of few trials may reach beyond what is possible
        bottom, top = map(float, ax.get_ylim())
        ax.set_ylim(max(bottom, 0.0), min(top, 1.02))
    legend(ax, len(look))


def _name(metric: str) -> str:
    return {"auroc": "AUROC", "ap": "AP", "per_tf_auroc": "mean AUROC of the TFs"}.get(metric, metric)
