"""What the interaction of a pair is worth: all heads beside the dual encoder, from stored rows of studies.

    grnpyg study run STUDY.yaml --runs runs                                       for each file of studies/
    grnpyg study export STUDY.yaml --runs runs -o benchmarks/results/heads_STUDY.csv
    python benchmarks/heads/write.py

The rows of tuning.yaml are exported with `--subset validation`. Heads of one study share the encoder, the
seeds and the pairs that they are judged by, so that every difference is paired; in all but scoring_cost.yaml
they share the number of parameters as well.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
from cost import MACS, costs
from paired import CLOSED, COLUMNS, FACTORISING, beside, parameters, stored_rows, values

from grnpyg.studies import interval_cell, markdown_table

DUAL = "dual"
STUDIES = ("best_encoder", "paper_labels", "lookup", "scoring_cost", "unseen")
SETTINGS = {"symbols": "Symbol labels", "paper_labels": "The paper's labels"}
PARTS = {
    "test": "Nodes seen in training",
    "test_cold_tf": "Unseen TFs",
    "test_cold_gene": "Unseen genes",
    "test_cold_both": "Both unseen",
}


def sections() -> dict[str, str]:
    """Marker -> text."""
    found = {name: "\n\n".join(tables(name)) for name in STUDIES}
    return found | {"no_head": "\n\n".join(_without()), "tuning": _tuning()}


def tables(name: str) -> Iterator[str]:
    """A table and a line for each test subset and kind of training negatives, as far as the study was run."""
    rows = stored_rows(name)
    if "trained_on" not in rows:  # nodes held out: those seen are the business of the other studies
        rows = rows[rows["part"] != "test"].assign(trained_on="mixed")
    for (part, kind), own in rows[rows["part"].isin(PARTS)].groupby(["part", "trained_on"], sort=False):
        seeds = len(values(own, "model", "uniform"))
        yield f"**{PARTS[part]}**, trained on {kind.replace('_', '-')} negatives; seeds: {seeds}."
        sizes = {"parameters": parameters(own)}
        if name == "scoring_cost":
            sizes[MACS] = costs(name)[MACS]
        also = {}
        if name == "paper_labels":
            names = stored_rows("paper_labels_names")
            also["*names alone*"] = names[names["part"] == part]
        if name == "unseen":
            also["*family*"] = own[own["row"] == "family"].assign(row="model")
        yield beside(own, DUAL, sizes=sizes, also=also)
        yield nearest(own)


def _without() -> Iterator[str]:
    """The dual encoder beside pair structure alone, on the labels of every setting."""
    rows = stored_rows("no_head")
    for setting, own in rows.groupby("setting", sort=False):
        seeds = len(values(own, "model", "uniform"))
        yield f"**{SETTINGS[str(setting)]}**; seeds: {seeds}."
        yield beside(own, "none", sizes={"parameters": parameters(own)})


def _tuning() -> str:
    """Validation AUROC, mean of the three kinds of negatives, of every setting; the chosen one is bold."""
    rows = stored_rows("tuning", "validation")
    own = rows[rows["row"] == "model"]
    found = own.groupby(["head", "softer"], sort=False)["auroc"].mean().unstack()
    lines = []
    for head, line in found[list(own["softer"].unique())].iterrows():
        best = line.max()
        cells = ["" if pd.isna(v) else f"**{v:.4f}**" if v == best else f"{v:.4f}" for v in line]
        lines.append([f"`{head}`", *cells])
    means = rows[rows["regime"].isin(own["regime"])].groupby("row")["auroc"].mean()
    also = ", ".join(f"{words} {means[row]:.4f}" for row, words in CLOSED.items())
    return f"{markdown_table(['head', *own['softer'].unique()], lines)}\n\nBeside them: {also}."


def nearest(rows: pd.DataFrame) -> str:
    """The best factorising head beside the best of the others, column by column; best by the mean."""
    said = []
    for column in COLUMNS:
        found = values(rows, "model", column)
        factorises = found.columns.isin(FACTORISING)
        own, other = (found.loc[:, which].mean().idxmax() for which in (factorises, ~factorises))
        said.append(f"{column} {interval_cell(found[own] - found[other], 4)} (`{own}`, `{other}`)")
    return f"Best factorising head minus best joint head: {'; '.join(said)}."
