"""Probabilities: their spread, whether they come true, and how much they depend on the seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from grnpyg.core.errors import InputError
from grnpyg.evaluation import run_reliability
from grnpyg.networks.keys import KNOWN, PROBABILITY
from grnpyg.report.pl import style
from grnpyg.report.pl.style import NEW, axes_of, legend, looks, plain_ticks, require, styled
from grnpyg.runs import Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DIAGONAL = np.geomspace(1e-5, 1, 100)  # a line of many points stays one on logarithmic axes
BINS = np.linspace(0, 1, 41)


@styled
def reliability(table: pd.DataFrame | Run, *, subset: str = "test", ax: Axes | None = None) -> Axes:
    """Draw the share of pairs that are edges against the probability that was claimed.

    Points on the diagonal keep their promise; bars are 95 % Wilson intervals. Both axes are logarithmic above
    0.001 and linear below, as most claims are small.

    Args:
        table: rows with `claimed`, `hit_rate`, `hit_low`, `hit_high`, one a bin, and `series` where there are
            several; or a run, whose pairs are all scored.
        subset: of a run's edges.
        ax: Axes to draw on; None: new ones.
    """
    frame = run_reliability(table, subset).table if isinstance(table, Run) else table
    frame = require(frame, ("claimed", "hit_rate", "hit_low", "hit_high"), "reliability")
    ax = axes_of(ax)
    if "series" not in frame:
        frame = frame.assign(series="model")
    look = looks(frame["series"], ax)
    ax.plot(DIAGONAL, DIAGONAL, color="#999999", lw=0.8)
    for name, line in frame.groupby("series", sort=False):
        claimed, rate, low, high = (
            line[key].to_numpy(float) for key in ("claimed", "hit_rate", "hit_low", "hit_high")
        )
        own, bars = look[str(name)], np.clip([rate - low, high - rate], 0, None)
        ax.errorbar(
            claimed,
            rate,
            bars,
            color=own.color,
            marker=own.marker,
            elinewidth=0.8,
            capsize=2,
            label=str(name),
        )
    legend(ax, len(look))
    ticks = [0, 0.001, 0.01, 0.1, 1]
    ax.set_xscale("symlog", linthresh=0.001)
    ax.set_yscale("symlog", linthresh=0.001)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_ticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.set(xlabel="claimed probability", ylabel="share that are edges", xlim=(0, 1.1), ylim=(0, 1.1))
    return ax


@styled
def probabilities(edges: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw a histogram of the probabilities of a network, known and new edges apart.

    Args:
        edges: the network table, with `probability` and `known`; or counts from `histogram`.
        ax: Axes to draw on; None: new ones.

    Raises:
        InputError: no pair has a probability.
    """
    counts = edges if "new" in edges else histogram(edges)
    ax = axes_of(ax)
    at, width = counts["from"], counts["to"] - counts["from"]
    ax.bar(at, counts["new"], width, align="edge", color=NEW, label="new")
    ax.step(
        [*at, counts["to"].iloc[-1]],
        [*counts["known"], counts["known"].iloc[-1]],
        where="post",
        color=style.PALETTE[1],
        label="known",
    )
    ax.set_yscale("symlog", linthresh=1)
    plain_ticks(ax.yaxis)
    ax.set(xlabel="probability", ylabel="pairs of the network", xlim=(0, 1), ylim=(0, None))
    legend(ax, 2)
    return ax


def histogram(edges: pd.DataFrame) -> pd.DataFrame:
    """Pairs in bins of their probability: `from to new known`.

    Raises:
        InputError: no pair has a probability.
    """
    edges = require(edges, (PROBABILITY,), "probabilities")
    edges = edges[edges[PROBABILITY].notna()]
    if edges.empty:
        raise InputError(
            "no pair has a probability", where="probabilities", fix="draw the importance instead"
        )
    known = edges[KNOWN].to_numpy(bool) if KNOWN in edges else np.zeros(len(edges), bool)
    value = edges[PROBABILITY].to_numpy(float)
    new, old = (np.histogram(value[which], BINS)[0] for which in (~known, known))
    return pd.DataFrame({"from": BINS[:-1], "to": BINS[1:], "new": new, "known": old})


@styled
def stability(edges: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw how often the new edges are among the best of a single training.

    Args:
        edges: the network table, with `frequency` and `known`; or counts from `frequencies`.
        ax: Axes to draw on; None: new ones.

    Raises:
        InputError: no pair has a frequency, as in a network of one training.
    """
    counts = edges if "edges" in edges else frequencies(edges)
    ax = axes_of(ax)
    at = np.arange(len(counts))
    ax.bar(at, counts["edges"], color=NEW)
    ax.set_xticks(at, [f"{value:.2g}" for value in counts["frequency"]])
    ax.set(xlabel="share of the trainings that rank the edge among their best", ylabel="new edges")
    return ax


def frequencies(edges: pd.DataFrame) -> pd.DataFrame:
    """New edges by the share of the trainings that have them among their best: `frequency edges`.

    Raises:
        InputError: no pair has a frequency.
    """
    edges = require(edges, ("frequency",), "stability")
    if KNOWN in edges:
        edges = edges[~edges[KNOWN]]
    counts = edges["frequency"].dropna().round(4).value_counts().sort_index()
    if counts.empty:
        raise InputError("no new pair has a frequency", where="stability", fix="average several trainings")
    return pd.DataFrame({"frequency": counts.index, "edges": counts.to_numpy()})
