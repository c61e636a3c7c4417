"""Figures of README.md from the stored curves: the same rows give the same bytes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import stored

STUDIES = {"as_coded": "as coded", "as_described": "as described", "clean": "best practice, clean labels"}
COLOURS = {
    "dual": "#0072b2",
    "dual-fp32": "#56b4e9",
    "cross": "#d55e00",
    "cross-1e-3": "#e69f00",
    "cross-no-product": "#009e73",
}
BESIDE = {"additive": "--", "degree_product": ":"}  # baselines that are drawn as level lines
POINTS = 200  # of a line at most
RC: Any = {"svg.hashsalt": "grnpyg", "svg.fonttype": "path", "font.size": 8, "axes.linewidth": 0.6}


def draw(results: Path, folder: Path) -> dict[str, str]:
    """Draw what is stored.

    Args:
        results: folder of `paper_curves.csv`, `paper_roc.csv` and the rows of the studies.
        folder: where the SVG files go; made if need be.

    Returns:
        File name -> description of every figure that could be drawn.
    """
    drawn = {}
    for kind, panels, what in (
        ("curves", _curves, "training loss and validation AUROC (raw logits), one line a seed"),
        ("roc", _roc, "ROC and precision-recall on the test pairs (raw logits), one seed"),
    ):
        path = results / f"paper_{kind}.csv"
        if not path.exists():
            continue
        table = stored.read(path)
        for study, title in STUDIES.items():
            of_study = table[table["study"] == study]
            if of_study.empty:
                continue
            rows = results / f"paper_{study}.csv"
            beside = _level_lines(stored.read(rows, dtype={"ratio": str})) if rows.exists() else {}
            name = f"{kind}_{study}.svg"
            _save(of_study, panels, beside, title, folder / name)
            lines = "; dashed additive, dotted degree product (test pairs)"
            drawn[name] = f"{title}: {what}{lines if kind == 'curves' else ''}"
    return drawn


def _level_lines(rows: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Ratio -> baseline -> mean test AUROC."""
    rows = rows[(rows["part"] == "test") & (rows["regime"] == "uniform") & rows["row"].isin(BESIDE)]
    means = rows.sort_values("auroc").groupby(["ratio", "row"])["auroc"].mean()
    return {ratio: means[ratio].to_dict() for ratio in dict.fromkeys(rows["ratio"])}


def _save(
    table: pd.DataFrame,
    panels: Callable[[pd.DataFrame, dict[str, float], Any, Any], None],
    beside: dict[str, dict[str, float]],
    title: str,
    path: Path,
) -> None:
    """One column for each ratio, two rows of panels."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    levels = table["cell"].map(lambda cell: dict(part.split("=", 1) for part in cell.split()))
    table = table.assign(ratio=levels.map(lambda at: at["ratio"]), model=levels.map(lambda at: at["model"]))
    ratios = sorted(set(table["ratio"]), key=float)
    with rc_context(RC):
        figure = Figure(figsize=(2.3 * len(ratios) + 2.0, 4.4), layout="constrained")
        axes = figure.subplots(2, len(ratios), squeeze=False)
        for column, ratio in enumerate(ratios):
            panels(table[table["ratio"] == ratio], beside.get(ratio, {}), *axes[:, column])
            axes[0, column].set_title(f"{ratio}:1")
        handles = {line.get_label(): line for panel in axes.flat for line in panel.lines}
        names = sorted(name for name in handles if not name.startswith("_"))
        figure.legend([handles[n] for n in names], names, loc="outside right upper", frameon=False)
        figure.suptitle(title)
        path.parent.mkdir(exist_ok=True)
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})


def _curves(table: pd.DataFrame, beside: dict[str, float], above: Any, below: Any) -> None:
    for (model, _), run in table.groupby(["model", "seed"], sort=False):
        style: Any = {"color": COLOURS.get(str(model), "#555555"), "lw": 0.7, "label": model}
        run = run.sort_values("epoch")
        for axes, metric in ((above, "loss"), (below, "val_auroc")):
            known = run[run[metric].notna()]
            axes.plot(known["epoch"], known[metric], **style)
    for name, dashes in BESIDE.items():
        if name in beside:
            below.axhline(beside[name], color="#555555", ls=dashes, lw=0.8, label=f"{name} (test)")
    above.set(ylabel="training loss")
    below.set(xlabel="epoch", ylabel="validation AUROC")


def _roc(table: pd.DataFrame, beside: dict[str, float], above: Any, below: Any) -> None:
    for axes, kind in ((above, "roc"), (below, "pr")):
        lines = table[table["kind"] == kind]
        for key, line in lines.groupby(["model", "row", "seed"], sort=False):
            model, row = map(str, key[:2])
            at = np.unique(np.linspace(0, len(line) - 1, POINTS).round().astype(int))
            is_model = row.startswith("model")
            label = model if row == "model" else f"{model} {row}" if is_model else row
            colour = COLOURS.get(model, "#555555") if is_model else "#555555"
            dashes = "-" if row == "model" else BESIDE.get(row, "-.")
            x, y = line["x"].to_numpy()[at], line["y"].to_numpy()[at]
            axes.plot(x, y, color=colour, ls=dashes, lw=0.9, label=label)
    above.plot([0, 1], [0, 1], color="#bbbbbb", lw=0.6, label="_chance")
    above.set(xlabel="false positive rate", ylabel="true positive rate")
    below.set(xlabel="recall", ylabel="precision")
