"""What the trainings of a network reached on their test edges, beside closed forms of the same pairs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from grnpyg.evaluation.methods import TRAINED
from grnpyg.metrics.gains import DEGREES
from grnpyg.networks.ensemble import common_method
from grnpyg.runs import Run
from grnpyg.studies.spread import mean_interval

PER_TF = "per_tf_auroc"  # of the setting `ranking`
OWN = "model"


def gains(runs: Sequence[Run], subset: str = "test") -> list[dict[str, Any]]:
    """One line for each setting: AUROC of the model, of degree and of the best closed form, mean over runs.

    The model is what most runs hand out, which scores the network (`grnpyg.networks.ensemble`). The last
    line, `ranking`, is the mean AUROC of the TFs in the full ranking.

    Args:
        runs: trainings of one config, which differ in their seed.
        subset: of the edges.

    Returns:
        `setting`, `model`, `degree` (of the best degree method), `best` (name of the best closed form),
        `best_value`, `gain` (model less degree), `low` and `high` (95 % t-interval over runs; None for one
        run), `gain_over_best`.
    """
    method = common_method(runs)
    tables = [_auroc(run, subset, method) for run in runs]
    lines = []
    for setting in tables[0].columns:
        values = pd.DataFrame({at: table[setting] for at, table in enumerate(tables)}).dropna(how="all")
        degrees = [name for name in DEGREES if name in values.index]
        if OWN not in values.index or not degrees:
            continue
        closed = [row for row in values.index if not row.startswith(OWN)]
        means = values.mean(axis=1)
        best = str(means[closed].idxmax())
        degree = str(means[degrees].idxmax())
        gain, low, high = mean_interval(values.T[OWN] - values.T[degree])
        lines.append(
            {
                "setting": str(setting),
                "model": float(means[OWN]),
                "degree": float(means[degree]),
                "best": best,
                "best_value": float(means[best]),
                "gain": gain,
                "low": low,
                "high": high,
                "gain_over_best": float(means[OWN] - means[best]),
            }
        )
    return lines


def _auroc(run: Run, subset: str, method: str | None) -> pd.DataFrame:
    """Method x setting; the row `model` is that of a baseline, or for None that of the trained model."""
    lines = run.metrics(subset)
    wanted = lines[lines["metric"].isin(["auroc", PER_TF])]
    table = wanted.pivot_table(index="method", columns="setting", values="value", sort=False)
    if run.manifest.handed_out != method:
        table.loc[OWN] = table.loc[TRAINED if method is None else method]
    return table
