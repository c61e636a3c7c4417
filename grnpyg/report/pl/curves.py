"""ROC, precision and recall, and the course of a training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray
from sklearn.metrics import precision_recall_curve, roc_curve

from grnpyg.core.errors import InputError
from grnpyg.report.pl.style import axes_of, legend, looks, require, styled
from grnpyg.report.scores import scores_of_run
from grnpyg.runs import Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[Any]
Scores = Run | Mapping[str, tuple[Array, Array]]
POINTS = 400  # of a curve; more cannot be seen
COLUMNS = ("method", "x", "y", "chance")


@styled
def roc(scores: Scores | pd.DataFrame, *, setting: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw true positive rate against false positive rate, a line for each method.

    Args:
        scores: method -> (labels, scores), both (num_pairs,), label 1 for an edge; or a run, whose model is
            drawn beside degree and additive; or a table from `curve_points`.
        setting: of a run, which evaluation negatives; None: the first.
        ax: Axes to draw on; None: new ones.

    Raises:
        InputError: labels of one kind only.

    Example:
        >>> ax = roc({"model": (np.array([0, 1, 1]), np.array([0.1, 0.4, 0.3]))})
        >>> ax.get_xlabel()
        'false positive rate'
    """
    ax = axes_of(ax)
    _lines(_points(scores, "roc", setting), ax)
    ax.axline((0, 0), slope=1, color="#999999", lw=0.6)
    ax.set(xlabel="false positive rate", ylabel="true positive rate", xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    return ax


@styled
def precision_recall(
    scores: Scores | pd.DataFrame, *, setting: str | None = None, ax: Axes | None = None
) -> Axes:
    """Draw precision against recall, a line for each method; the thin line is the share of edges.

    Args:
        scores: as for `roc`.
        setting: of a run, which evaluation negatives; None: the first.
        ax: Axes to draw on; None: new ones.

    Raises:
        InputError: labels of one kind only.
    """
    ax, points = axes_of(ax), _points(scores, "pr", setting)
    _lines(points, ax)
    ax.axhline(points["chance"].iloc[0], color="#999999", lw=0.6)
    ax.set(xlabel="recall", ylabel="precision", xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    return ax


@styled
def training(epochs: Run | pd.DataFrame, *, metric: str = "val_auroc", ax: Axes | None = None) -> Axes:
    """Draw a metric over the epochs of a training; a column `series` gives each of its values a line.

    Args:
        epochs: a run, or a table with `epoch` and the metric.
        metric: `loss`, `val_auroc`, `val_ap`, ...
        ax: Axes to draw on; None: new ones.

    Raises:
        InputError: no such metric.
    """
    ax = axes_of(ax)
    table = require(epochs.epochs if isinstance(epochs, Run) else epochs, ("epoch", metric), "training")
    series = table.get("series", pd.Series("model", table.index))
    look = looks(series, ax)
    by: list[Any] = [series] if "run" not in table else [series, table["run"]]
    seen = set[str]()
    for (name, *_), line in table.groupby(by, sort=False):
        line = line[line[metric].notna()]
        label = None if name in seen else str(name)
        ax.plot(line["epoch"], line[metric], color=look[str(name)].color, lw=0.9, label=label)
        seen.add(str(name))
    names = {"loss": "training loss", "val_auroc": "validation AUROC", "val_ap": "validation AP"}
    ax.set(xlabel="epoch", ylabel=names.get(metric, metric.replace("_", " ")))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    legend(ax, len(seen))
    return ax


def curve_points(scores: Scores, kind: str, setting: str | None = None) -> pd.DataFrame:
    """The points of ROC (`roc`) or precision-recall curves (`pr`): `method x y chance`.

    Args:
        scores: as for `roc`.
        kind: of curve.
        setting: of a run.

    Raises:
        InputError: labels of one kind only.
    """
    given = scores_of_run(scores, setting) if isinstance(scores, Run) else scores
    tables = []
    for method, (label, score) in given.items():
        label = np.asarray(label) > 0.5
        if label.all() or not label.any():
            raise InputError("all labels are the same", where=f"curve of {method}", fix="give both kinds")
        if kind == "roc":
            x, y, _ = roc_curve(label, score)
        else:
            y, x, _ = precision_recall_curve(label, score)
            x, y = x[::-1], y[::-1]
        at = np.unique(np.linspace(0, len(x) - 1, POINTS).round().astype(int))
        tables.append(pd.DataFrame({"method": method, "x": x[at], "y": y[at], "chance": label.mean()}))
    return pd.concat(tables, ignore_index=True)


def _points(scores: Scores | pd.DataFrame, kind: str, setting: str | None) -> pd.DataFrame:
    if isinstance(scores, pd.DataFrame):
        return require(scores, COLUMNS, kind)
    return curve_points(scores, kind, setting)


def _lines(points: pd.DataFrame, ax: Axes) -> None:
    look = looks(points["method"], ax)
    for name, line in points.groupby("method", sort=False):
        own = look[str(name)]
        ax.plot(line["x"], line["y"], color=own.color, ls=own.dashes, label=str(name))
    legend(ax, len(look), loc="best")
