"""What the interaction of a pair is worth: all heads beside the dual encoder, from stored rows of studies.

    grnpyg study run STUDY.yaml --runs runs                                       for each file of studies/
    grnpyg study export STUDY.yaml --runs runs -o benchmarks/results/heads_STUDY.csv
    python benchmarks/heads/write.py

The rows of tuning.yaml are exported with `--subset validation`. Heads of one study share the encoder, the
number of parameters, the seeds and the pairs that they are judged by, so that every difference is paired.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure

from grnpyg.studies import interval_cell, markdown_table, read_rows, read_study

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "results"
COLUMNS = {  # words -> setting, metric
    "uniform": ("uniform", "auroc"),
    "same TF": ("same_tf", "auroc"),
    "degree-matched": ("degree_matched", "auroc"),
    "per TF": ("ranking", "per_tf_auroc"),
}
DUAL, CLOSED = "dual", {"degree_product": "*degree product*", "additive": "*additive*"}
FACTORISING = ("dual", "additive_dual", "bilinear", "bilinear_low_rank", "tucker", "learned_sum")
STUDIES = ("best_encoder", "lookup", "scoring_cost", "unseen")
PARTS = {
    "test": "Nodes seen in training",
    "test_cold_tf": "Unseen TFs",
    "test_cold_gene": "Unseen genes",
    "test_cold_both": "Both unseen",
}
COST = RESULTS / "head_speed.csv"
RC: Any = {"svg.hashsalt": "grnpyg", "svg.fonttype": "path", "font.size": 7, "axes.linewidth": 0.6}


def sections() -> dict[str, str]:
    """Marker -> text."""
    return {name: "\n\n".join(tables(name)) for name in STUDIES} | {"tuning": _tuning()}


def tables(name: str) -> Iterator[str]:
    """A table and a line for each test subset and kind of training negatives, as far as the study was run."""
    rows = read_rows(read_study(HERE / "studies" / f"{name}.yaml"), RESULTS / f"heads_{name}.csv")
    if "trained_on" not in rows:  # nodes held out: those seen are the business of the other studies
        rows = rows[rows["part"] != "test"].assign(trained_on="mixed")
    for (part, kind), own in rows[rows["part"].isin(PARTS)].groupby(["part", "trained_on"], sort=False):
        seeds = len(values(own, "model", "uniform"))
        yield f"**{PARTS[part]}**, trained on {kind.replace('_', '-')} negatives; seeds: {seeds}."
        yield beside_dual(own, macs(name) if name == "scoring_cost" else None)
        yield nearest(own)


def macs(study: str) -> pd.Series:
    """Multiply-accumulates a pair of every head of a study."""
    rows = pd.read_csv(COST)
    return rows[rows["study"] == study].groupby("head")["macs_per_pair"].first()


def _tuning() -> str:
    """Validation AUROC, mean of the three kinds of negatives, of every setting; the chosen one is bold."""
    study = read_study(HERE / "studies" / "tuning.yaml")
    rows = read_rows(study, RESULTS / "heads_tuning.csv", "validation")
    own = rows[rows["row"] == "model"]
    found = own.groupby(["head", "softer"], sort=False)["auroc"].mean().unstack()
    lines = []
    for head, line in found[list(own["softer"].unique())].iterrows():
        best = line.max()
        cells = ["" if pd.isna(v) else f"**{v:.4f}**" if v == best else f"{v:.4f}" for v in line]
        lines.append([f"`{head}`", *cells])
    means = rows[rows["regime"].isin(own["regime"])].groupby("row")["auroc"].mean()
    beside = ", ".join(f"{words} {means[row]:.4f}" for row, words in CLOSED.items())
    return f"{markdown_table(['head', *own['softer'].unique()], lines)}\n\nBeside them: {beside}."


def values(rows: pd.DataFrame, row: str, column: str) -> pd.DataFrame:
    """One number for each seed (index) that all heads have, and head (columns)."""
    setting, metric = COLUMNS[column]
    own = rows[(rows["row"] == row) & (rows["regime"] == setting)]
    return own.pivot_table(index="run_seed", columns="head", values=metric, sort=False).dropna()


def beside_dual(rows: pd.DataFrame, cost: pd.Series | None = None) -> str:
    """Every head: its mean, and the difference to the dual encoder with its interval over the seeds.

    Args:
        rows: of one study and test subset.
        cost: a number for each head that stands beside its parameters; None: none does.
    """
    of_model = {column: values(rows, "model", column) for column in COLUMNS}
    parameters = rows[rows["row"] == "model"].groupby("head")["parameters"].first()
    lines = []
    for head in of_model["uniform"].columns:
        cells = []
        for found in of_model.values():
            beside = "" if head == DUAL else f" ({interval_cell(found[head] - found[DUAL], 4)})"
            cells.append(f"{found[head].mean():.4f}{beside}")
        sizes = [f"{size[head]:,.0f}" for size in (parameters, cost) if size is not None]
        lines.append([f"`{head}`", *sizes, *cells])
    for row, words in CLOSED.items():
        means = (f"{values(rows, row, column)[DUAL].mean():.4f}" for column in COLUMNS)
        lines.append([words, *[""] * (1 if cost is None else 2), *means])
    return markdown_table(["head", "parameters", *([] if cost is None else ["MACs a pair"]), *COLUMNS], lines)


def nearest(rows: pd.DataFrame) -> str:
    """By how much the best factorising head is behind the best of all heads, column by column."""
    said = []
    for column in COLUMNS:
        found = values(rows, "model", column)
        mean = found.mean()
        best, own = mean.idxmax(), mean[[head for head in FACTORISING if head in mean]].idxmax()
        behind = f"{interval_cell(found[own] - found[best], 4)} beside `{best}`"
        said.append(f"{column} `{own}`, {'the best of all' if best == own else behind}")
    return f"Best factorising head: {'; '.join(said)}."


def draw(target: Path) -> None:
    """AUROC of every head of the study `lookup`, trained on mixed negatives, against what a pair costs."""
    rows = read_rows(read_study(HERE / "studies" / "lookup.yaml"), RESULTS / "heads_lookup.csv")
    rows = rows[rows["trained_on"] == "mixed"]
    cost = macs("lookup")
    with mpl.rc_context(RC):
        figure = Figure(figsize=(7.2, 2.9))
        panels = figure.subplots(1, len(COLUMNS))
        for panel, column in zip(panels, COLUMNS, strict=True):
            for head, value in values(rows, "model", column).mean().items():
                marker = "o" if head in FACTORISING else "s"
                panel.plot(cost[head], value, marker, ms=5, label=str(head))
            panel.set(title=column, xscale="log", xlabel="MACs a pair")
        panels[0].set_ylabel("test AUROC")
        figure.legend(*panels[0].get_legend_handles_labels(), ncols=5, loc="upper center", frameon=False)
        figure.subplots_adjust(top=0.74, wspace=0.4)
        figure.savefig(target, bbox_inches="tight", metadata={"Date": None})
