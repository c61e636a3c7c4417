"""Smaller models: what pruning keeps, and how many directions a layer uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from grnpyg.report.pl.comparisons import Rows, _name, _series
from grnpyg.report.pl.style import axes_of, legend, looks, plain_ticks, require, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@styled
def pruning(table: Rows, *, metric: str = "auroc", ax: Axes | None = None) -> Axes:
    """Draw a metric against the share of units that was removed, a line for each series.

    Args:
        table: rows with `ratio` (0 to below 1) and the metric; `series` names the line; `<metric>_low` and
            `_high` are drawn as bars. The table of `grnpyg prune --curve` is such a one.
        metric: `auroc`, `retention_auroc`, ...
        ax: Axes to draw on; None: new ones.
    """
    ax, frame = axes_of(ax), require(table, ("ratio", metric), "pruning")
    if "series" not in frame:
        frame = frame.assign(series="model")
    _series(frame, "ratio", metric, ax)
    names = {"retention_auroc": "AUROC kept (share)"}
    ax.set(xlabel="share of units removed", ylabel=names.get(metric, _name(metric)), xlim=(-0.02, 1.0))
    return ax


@styled
def effective_rank(spectra: Any, *, ax: Axes | None = None) -> Axes:
    """Draw singular values of a layer's outputs, each as a share of the largest, the largest first.

    Args:
        spectra: rows with `index` (from 1) and `singular_value`, as `grnpyg effective-rank -o` writes them,
            and `series` where there are several; or an `EffectiveRank`.
        ax: Axes to draw on; None: new ones.
    """
    table = (
        spectra.to_frame()
        if hasattr(spectra, "to_frame") and not isinstance(spectra, pd.DataFrame)
        else spectra
    )
    ax, frame = axes_of(ax), require(table, ("index", "singular_value"), "effective_rank")
    if "series" not in frame:
        frame = frame.assign(series="model")
    look = looks(frame["series"], ax)
    for name, line in frame.groupby("series", sort=False):
        values, own = line["singular_value"].to_numpy(float), look[str(name)]
        share = np.maximum(values / values.max() if values.max() > 0 else values, 1e-8)
        ax.plot(line["index"], share, color=own.color, ls=own.dashes, label=str(name))
    ax.set(xlabel="singular value, largest first", ylabel="share of the largest", xscale="log", yscale="log")
    plain_ticks(ax.xaxis, ax.yaxis)
    legend(ax, len(look))
    return ax
