"""Which epoch a validation score chooses: the same trainings seen with two kinds of negatives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

COLOURS = {"dual": "#0072b2", "cross": "#d55e00"}
STYLES = {"uniform": "-", "degree_matched": "--"}
RC: Any = {"svg.hashsalt": "grnpyg", "svg.fonttype": "path", "font.size": 8, "axes.linewidth": 0.6}


def draw(table: Path, hashes: set[str], target: Path) -> bool:
    """Draw validation AUROC by epoch with uniform and degree-matched negatives, one line a training.

    A dot is the epoch that the score of its line chooses.

    Args:
        table: the stored epochs.
        hashes: the config hashes of the study's trials.
        target: the SVG file.

    Returns:
        Whether there was anything to draw.
    """
    if not table.exists():
        return False
    import matplotlib as mpl
    from matplotlib.figure import Figure

    curves = pd.read_csv(table, dtype={"seed": str, "config_hash": str})
    curves = curves[curves["config_hash"].isin(hashes)]
    chosen = curves[curves["training.monitor"] == "auroc@degree_matched"]
    with mpl.rc_context(RC):
        figure = Figure(figsize=(6.4, 2.8))
        panels = figure.subplots(1, 2, sharey=True)
        for panel, regime in zip(panels, STYLES, strict=True):
            for (model, _), line in chosen.groupby(["model", "seed"]):
                y = line[f"val_auroc@{regime}"]
                panel.plot(line["epoch"], y, color=COLOURS[model], linewidth=0.8)
                best = y.idxmax()
                panel.plot(line["epoch"][best], y[best], "o", color=COLOURS[model], markersize=3)
            panel.set_title(f"{regime.replace('_', '-')} negatives", fontsize=8)
            panel.set_xlabel("epoch")
        panels[0].set_ylabel("validation AUROC")
        for model, colour in COLOURS.items():
            panels[1].plot([], [], color=colour, label=model)
        panels[1].legend(frameon=False)
        figure.savefig(target, bbox_inches="tight", metadata={"Date": None})
    return True
