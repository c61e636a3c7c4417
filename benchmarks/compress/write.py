"""Fill README.md from the stored rows of the compression studies.

    python benchmarks/compress/write.py

Reads `benchmarks/results/compress_*.csv` (written by `grnpyg study export`); trains nothing. Writes between
the markers of README.md. What was not run is called so. Writing twice gives the same bytes.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from grnpyg.studies import fill_sections, markdown_table, read_rows, read_study, t_interval

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "results"
STUDIES = ("symbols", "paper_labels")
NOT_RUN = "Not run."
WHOLE = "whole"
WANTED = 0.005  # of AUROC and of AP that a level may lose
SMALL, QUICK = 0.25, 0.35  # shares of parameters and of latency wanted


@dataclass(frozen=True)
class Level:
    """What one level of one head came to.

    Attributes:
        head, removed: which.
        parameters, macs: shares of the whole model's.
        latency: of a pass, relative to the whole model; None where the last of two steps was timed.
        changes: (regime, metric) -> one difference to the whole model per seed.
        validation: the larger mean loss of AUROC and AP with uniform validation pairs, as a negative number.
    """

    head: str
    removed: str
    parameters: float
    macs: float
    latency: float | None
    changes: dict[tuple[str, str], list[float]]
    validation: float

    @property
    def fits(self) -> bool:
        """Whether it is as small and as quick as wanted."""
        return self.parameters <= SMALL and self.latency is not None and self.latency <= QUICK

    def worst(self, regimes: Collection[str]) -> float:
        """The largest mean loss of AUROC or AP in these regimes, as a negative number."""
        return min(sum(v) / len(v) for (regime, _), v in self.changes.items() if regime in regimes)


def table(name: str) -> str:
    """One study: what each level costs, what it loses, and how far down the two heads go."""
    path = RESULTS / f"compress_{name}.csv"
    study = read_study(HERE / "studies" / f"{name}.yaml")
    if not path.exists():
        return NOT_RUN
    rows = read_rows(study, path)
    held_out = read_rows(study, RESULTS / f"compress_{name}_validation.csv", "validation")
    held_out = held_out[(held_out["row"] == "model") & (held_out["regime"] == "uniform")]
    validation = held_out.groupby(["model", "removed"])[["auroc", "ap"]].mean()
    model = rows[rows["row"] == "model"]
    keys = ["model", "removed", "seed"]
    cost = model[model["regime"] == "compression"].set_index(keys).sort_index()
    sets = model[model["regime"] != "compression"]
    regimes = list(dict.fromkeys(sets["regime"]))
    sets = sets.set_index([*keys, "regime"]).sort_index()
    steps = {cell.levels["removed"]: len(cell.config.prune) for cell in study.trials}
    lines, levels = [], list[Level]()
    for head, removed in itertools.product(study.axes["model"], study.axes["removed"]):
        seeds = [s for s in study.axes["seed"] if (head, removed, s, "uniform") in sets.index]
        own = [sets.loc[(head, removed, seed)] for seed in seeds]
        if not own:
            continue
        line = [head, removed, f"{own[0]['parameters'].iloc[0]:,.0f}"]
        whole = [sets.loc[(head, WHOLE, seed)] for seed in seeds]
        asked = [*((regime, "auroc") for regime in regimes), ("uniform", "ap")]
        if steps[removed] == 0:
            line += ["1", "1", "1", *(mean([w.loc[g, m] for w in whole]) for g, m in asked), "-"]
        else:
            costs = cost.loc[[(head, removed, seed) for seed in seeds]]
            once = steps[removed] == 1
            macs = cost.loc[head]["macs_per_pair_before"].max()  # the whole model's
            level = Level(
                head,
                removed,
                float(own[0]["parameters"].iloc[0] / whole[0]["parameters"].iloc[0]),
                float(costs["macs_per_pair"].mean() / macs),
                float(costs["latency_ratio"].mean()) if once else None,
                {
                    (g, m): [a.loc[g, m] - b.loc[g, m] for a, b in zip(own, whole, strict=True)]
                    for g, m in asked
                },
                float((validation.loc[(head, removed)] - validation.loc[(head, WHOLE)]).min()),
            )
            levels.append(level)
            line += [f"{level.parameters:.3f}", f"{level.macs:.3f}"]
            line += ["-" if level.latency is None else f"{level.latency:.3f}"]
            line += [points(change) for change in level.changes.values()]
            line += [mean(costs["score_spearman"].tolist()) if once else "-"]
        lines.append([*line, str(len(seeds))])
    headings = ["head", "removed", "parameters", "share", "MACs", "latency"]
    headings += [f"AUROC {regime}" for regime in regimes] + ["AP uniform", "Spearman", "n"]
    said = [sentence([v for v in levels if v.head == head], regimes) for head in study.axes["model"]]
    return "\n\n".join([markdown_table(headings, lines), "  \n".join(said), beside(rows)])


def sentence(levels: list[Level], regimes: list[str]) -> str:
    """The smallest model within each loss, and whether what was wanted is reached."""
    said = []
    for loss, where in ((WANTED, ["uniform"]), (2 * WANTED, ["uniform"]), (2 * WANTED, regimes)):
        within = [level for level in levels if level.worst(where) >= -loss]
        condition = f"{100 * loss:g} points lost" + (" in every regime" if len(where) > 1 else "")
        if within:
            least = min(within, key=lambda level: level.parameters)
            said.append(
                f"smallest with at most {condition}: {least.removed} ({100 * least.worst(where):+.2f}), "
                f"{least.parameters:.1%} of the parameters"
                + ("" if least.latency is None else f", {least.latency:.1%} of the latency")
            )
        else:
            said.append(f"no level has at most {condition}")
    chosen = max((level for level in levels if level.fits), key=lambda level: level.validation)
    lost = chosen.worst(["uniform"])
    verdict = "reached" if lost >= -WANTED else "missed"
    said = list(dict.fromkeys(said))
    wanted = (
        f"Wanted: {SMALL:.0%} and {QUICK:.0%} within .5 points. Of the models that small and quick, "
        f"validation chooses {chosen.removed} ({100 * chosen.validation:+.2f} there, "
        f"{100 * lost:+.2f} in the test): {verdict}."
    )
    return f"**{levels[0].head}**: {'; '.join(said)}. {wanted}"


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
