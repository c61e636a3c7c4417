"""One TF: its targets by degree and by the model, and as a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from grnpyg.core.errors import unknown
from grnpyg.networks.keys import IMPORTANCE, KNOWN, PROBABILITY, SIGN, TARGET, TF
from grnpyg.report.pl import style
from grnpyg.report.pl.style import NEW, PALETTE, axes_of, ink, legend, plain_ticks, require, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIGNS = {1: ("activation", "-"), -1: ("repression", "--"), 0: ("sign not known", ":")}


@styled
def tf(edges: pd.DataFrame, name: str, *, top: int = 200, ax: Axes | None = None) -> Axes:
    """Draw the targets of a TF: their place by degree against their place by the model.

    Below the diagonal are targets that the model ranks higher than degree alone would.

    Args:
        edges: the network table, with `rank` and `degree_rank`.
        name: of the TF.
        top: how many of its best targets.
        ax: Axes to draw on; None: new ones.

    Raises:
        InputError: the network has no such TF.
    """
    own = _of(edges, name, ("rank", "degree_rank"), top)
    ax = axes_of(ax)
    for known, colour, label in ((True, style.KNOWN, "known"), (False, NEW, "new")):
        part = own[own[KNOWN].astype(bool) == known] if KNOWN in own else own[[not known] * len(own)]
        if len(part):
            marker = "s" if known else "o"
            ax.plot(part["degree_rank"], part["rank"], marker, color=colour, ms=3, label=label)
    ax.axline((1, 1), (10, 10), color="#999999", lw=0.6)
    ax.set(xscale="log", yscale="log", title=name)
    plain_ticks(ax.xaxis, ax.yaxis)
    ax.set(xlabel="place by degree (1: highest)", ylabel="place by the model (1: best)")
    legend(ax, 2)
    return ax


@styled
def network_view(edges: pd.DataFrame, name: str, *, top: int = 50, ax: Axes | None = None) -> Axes:
    """Draw a TF with its best targets around it, the best at the top and then clockwise.

    Grey: known; blue: new. Solid: activation; dashed: repression; dotted: sign not known. The nearer, the
    more probable, where there are probabilities.

    Args:
        edges: the network table.
        name: of the TF.
        top: how many of its best targets; up to 200 can be read at the size of a page.
        ax: Axes to draw on; None: new ones.

    Raises:
        InputError: the network has no such TF.
    """
    own = _of(edges, name, (), top)
    ax = axes_of(ax, style.PAGE if len(own) > 60 else 4.5, style.PAGE if len(own) > 60 else 4.5)
    angle = np.pi / 2 - 2 * np.pi * np.arange(len(own)) / len(own)
    value = own[PROBABILITY] if PROBABILITY in own else pd.Series(np.nan, own.index)
    radius = 1.0 - 0.4 * value.fillna(0.0).to_numpy(float)
    size = max(3.0, min(7.0, 420 / len(own)))
    for row, (x, y), turn in zip(
        own.to_dict("records"), np.c_[radius * np.cos(angle), radius * np.sin(angle)], angle, strict=True
    ):
        colour = style.KNOWN if row.get(KNOWN) else NEW
        ax.plot([0, x], [0, y], color=colour, ls=SIGNS[int(row.get(SIGN) or 0)][1], lw=0.8, zorder=1)
        ax.plot(x, y, "s" if row.get(KNOWN) else "o", color=colour, ms=size / 2)
        degrees = np.degrees(turn) % 360
        left = 90 < degrees < 270
        ax.text(
            1.05 * np.cos(turn),
            1.05 * np.sin(turn),
            row[TARGET],
            rotation=degrees - 180 if left else degrees,
            ha="right" if left else "left",
            va="center",
            rotation_mode="anchor",
            fontsize=size,
        )
    ax.plot(0, 0, "D", color=PALETTE[1], ms=8, zorder=3)
    ax.annotate(name, (0, 0), (0, -11), textcoords="offset points", ha="center", color=ink(ax), weight="bold")
    ax.set(xlim=(-1.5, 1.5), ylim=(-1.5, 1.5), aspect="equal")
    ax.axis("off")
    return ax


def _of(edges: pd.DataFrame, name: str, columns: tuple[str, ...], top: int) -> pd.DataFrame:
    edges = require(edges, (TF, TARGET, *columns), f"targets of {name}")
    own = edges[edges[TF] == name]
    if own.empty:
        raise unknown("TF", name, sorted(set(edges[TF])), where="network")
    by = "rank_in_tf" if "rank_in_tf" in own else IMPORTANCE if IMPORTANCE in own else TARGET
    return own.sort_values(by, ascending=by != IMPORTANCE, kind="stable").head(top)
