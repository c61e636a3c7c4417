"""Fill README.md from the stored rows of the compression studies.

    python benchmarks/compress/write.py

Reads `benchmarks/results/compress_*.csv` (written by `grnpyg study export`); trains nothing. Writes between
the markers of README.md. What was not run is called so. Writing twice gives the same bytes.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from grnpyg.studies.formats import fill_sections, markdown_table
from grnpyg.studies.rows import read_rows
from grnpyg.studies.spread import t_interval
from grnpyg.studies.study import read_study

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "results"
STUDIES = ("symbols", "paper_labels")
NOT_RUN = "Not run."
WHOLE = "whole"
LOSSES = (0.005, 0.01)  # of AUROC and of AP that a level may cost
SMALL, QUICK = 0.25, 0.35  # shares of parameters and of latency wanted


def table(name: str) -> str:
    """One study: what each level costs, what it loses, and how far down the two heads go."""
    path = RESULTS / f"compress_{name}.csv"
    study = read_study(HERE / "studies" / f"{name}.yaml")
    if not path.exists():
        return NOT_RUN
    rows = read_rows(study, path)
    model = rows[rows["row"] == "model"]
    keys = ["model", "removed", "seed"]
    cost = model[model["regime"] == "compression"].set_index(keys).sort_index()
    sets = model[model["regime"] != "compression"]
    regimes = list(dict.fromkeys(sets["regime"]))
    sets = sets.set_index([*keys, "regime"]).sort_index()
    lines, reached = [], []
    for head in study.axes["model"]:
        for level in study.axes["removed"]:
            seeds = [s for s in study.axes["seed"] if (head, level, s, "uniform") in sets.index]
            if not seeds:
                continue
            own = [sets.loc[(head, level, seed)] for seed in seeds]
            line = [head, level]
            if level == WHOLE:
                line += [f"{own[0]['parameters'].iloc[0]:,.0f}", "1", "1", "1"]
                line += [mean([table.loc[g, "auroc"] for table in own]) for g in regimes]
                line += [mean([table.loc["uniform", "ap"] for table in own]), "-"]
            else:
                costs = cost.loc[[(head, level, seed) for seed in seeds]]
                shares = {
                    "parameters": costs["parameters"].astype(float) / costs["parameters_before"],
                    "MACs": costs["macs_per_pair"] / costs["macs_per_pair_before"],
                    "latency": costs["latency_ratio"],
                }
                base = [sets.loc[(head, WHOLE, seed)] for seed in seeds]
                line += [f"{costs['parameters'].astype(float).mean():,.0f}"]
                line += [f"{share.mean():.3f}" for share in shares.values()]
                losses = {
                    (g, m): [float(a.loc[g, m] - b.loc[g, m]) for a, b in zip(own, base, strict=True)]
                    for g, m in [*((g, "auroc") for g in regimes), ("uniform", "ap")]
                }
                line += [points(change) for change in losses.values()]
                line += [mean([float(v) for v in costs["score_spearman"]])]
                worst = min(sum(losses["uniform", m]) / len(seeds) for m in ("auroc", "ap"))
                reached.append((head, level, worst, shares))
            lines.append([*line, str(len(seeds))])
    headings = ["head", "removed", "parameters", "share", "MACs", "latency"]
    headings += [f"AUROC {regime}" for regime in regimes] + ["AP uniform", "Spearman", "n"]
    said = [sentence(head, [r for r in reached if r[0] == head]) for head in study.axes["model"]]
    return "\n\n".join([markdown_table(headings, lines), "  \n".join(said), beside(rows)])


def sentence(head: str, levels: list[tuple[str, str, float, dict[str, pd.Series]]]) -> str:
    """The smallest model within each loss, and whether what was wanted is reached."""
    said = []
    for loss in LOSSES:
        within = [level for level in levels if level[2] >= -loss]
        if within:
            _, removed, worst, shares = min(within, key=lambda level: level[3]["parameters"].mean())
            said.append(
                f"smallest with at most {100 * loss:g} points lost: {removed} ({100 * worst:+.2f}), "
                f"{shares['parameters'].mean():.1%} of the parameters, "
                f"{shares['latency'].mean():.1%} of the latency"
            )
        else:
            said.append(f"no level loses at most {100 * loss:g} points")
    wanted = any(
        worst >= -LOSSES[0] and shares["parameters"].mean() <= SMALL and shares["latency"].mean() <= QUICK
        for _, _, worst, shares in levels
    )
    verdict = "reached" if wanted else "missed"
    return f"**{head}**: {'; '.join(said)}. Wanted: {SMALL:.0%} and {QUICK:.0%} within .5 points: {verdict}."


def beside(rows: pd.DataFrame) -> str:
    """The rows without a model in every regime."""
    own = rows[~rows["row"].str.startswith("model") & (rows["regime"] != "compression")]
    means = own.groupby(["regime", "row"], sort=False)["auroc"].mean()
    lines = [
        f"{regime}: " + ", ".join(f"{row} {value:.4f}" for (_, row), value in of_regime.items())
        for regime, of_regime in means.groupby(level="regime", sort=False)
    ]
    return "AUROC of the rows beside, on the same pairs. " + "; ".join(lines) + "."


def mean(values: list[float]) -> str:
    """Mean and sample deviation."""
    series = pd.Series(values)
    return f"{series.mean():.4f}" + (f" ± {series.std():.4f}" if len(series) > 1 else "")


def points(changes: list[float]) -> str:
    """Mean change in points with its 95 % interval."""
    series = 100 * pd.Series(changes)
    low, high = t_interval(series.mean(), series.sem(), len(series) - 1)
    return f"{series.mean():+.2f}" + ("" if low is None else f" [{low:+.2f}, {high:+.2f}]")


def sections() -> dict[str, str]:
    """What stands between the markers."""
    return {name: table(name) for name in STUDIES}


if __name__ == "__main__":
    path = HERE / "README.md"
    path.write_text(fill_sections(path.read_text(), sections()))
