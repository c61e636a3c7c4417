"""The paper's pruning tables and what they leave open: retention, cost, start, importance, rank."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from gap import interval
from stored import read
from tables import Grid, mean_sd

from grnpyg.studies import markdown_table

PUBLISHED = Path(__file__).resolve().parent / "published_pruning.csv"
POST_HOC, TUNED, START, IMPORTANCE = (
    "pruning_posthoc",
    "pruning_finetuned",
    "pruning_start",
    "pruning_importance",
)
UNPRUNED = "as_coded"
NOT_RUN = "Not run."
TARGETS = {"0.60": 0.99, "0.90": 0.97}  # retention wanted post hoc
CENTRED = {False: "as published", True: "centred"}


def pruning_parts(grids: Mapping[str, Grid], results: Path) -> dict[str, list[str]]:
    """What stands between the markers of the pruning sections: name -> paragraphs and tables."""
    parts = {}
    for model in ("dual", "cross"):
        parts[f"pruning {model}"] = [retention(grids, model), targets(grids, model)]
        parts[f"pruning cost {model}"] = [cost(grids, model)]
    parts["pruning start"] = [start(grids)]
    parts["pruning importance"] = [importance(grids[IMPORTANCE], grids[POST_HOC])]
    parts["effective rank"] = [effective_rank(results)]
    return parts


def scores(grid: Grid, axis: str, metric: str = "auroc_probability") -> pd.DataFrame:
    """Columns model, seed, the axis, and the metric of the pruned model on the uniform test pairs."""
    rows = grid.rows
    if rows.empty or metric not in rows:
        return pd.DataFrame({"model": [], "seed": [], axis: [], metric: []})
    own = rows[(rows["regime"] == "uniform") & (rows["row"] == "model")]
    return own[["model", "seed", axis, metric]].dropna()


def retained(grids: Mapping[str, Grid], grid: Grid, axis: str, metric: str) -> pd.DataFrame:
    """`scores` with the columns `whole`, the unpruned model of the seed, and `share`, what is left of it."""
    whole = scores(grids[UNPRUNED], "ratio", metric)
    whole = whole[whole["ratio"] == "1"].drop(columns="ratio").rename(columns={metric: "whole"})
    table = scores(grid, axis, metric).merge(whole, on=["model", "seed"])
    return table.assign(share=table[metric] / table["whole"])


def spread(values: pd.Series) -> str:
    """Mean and sample deviation of some seeds."""
    if values.empty:
        return "-"
    return mean_sd(float(values.mean()), float(values.std()) if len(values) > 1 else None)


def change(values: list[float]) -> str:
    """Mean difference in points with its 95 % t-interval over the seeds."""
    mean, low, high = interval(values)
    return f"{mean:+.2f}" + (f" [{low:+.2f}, {high:+.2f}]" if len(values) > 1 else "")


def retention(grids: Mapping[str, Grid], model: str) -> str:
    """Published and our share of the AUROC that is left at each level, post hoc and fine-tuned."""
    published = pd.read_csv(PUBLISHED, dtype={"removed": str})
    published = published[published["model"] == model]
    lines = []
    for level, own in published.groupby("removed", sort=False):
        line = [str(level), str(own["neurons"].iloc[0])]
        for kind, name in (("post hoc", POST_HOC), ("fine-tuned", TUNED)):
            value = own[own["kind"] == kind].iloc[0]
            sd = None if pd.isna(value["sd"]) else float(value["sd"])
            line.append(mean_sd(float(value["retention"]), sd))
            for metric in ("auroc_probability", "auroc"):
                found = retained(grids, grids[name], "removed", metric)
                found = found[(found["model"] == model) & (found["removed"] == level)]
                line.append(spread(found["share"]))
            line.append(str(len(found)))
        lines.append(line)
    kinds = ("post hoc", "fine-tuned")
    columns = [f"{kind}, {who}" for kind in kinds for who in ("published", "ours", "ours by raw logits", "n")]
    return markdown_table(["removed", "neurons", *columns], lines)


def targets(grids: Mapping[str, Grid], model: str) -> str:
    """Whether the share kept post hoc reaches what was wanted."""
    said = []
    for metric, name in (("auroc_probability", "float32 probability"), ("auroc", "raw logits")):
        found = retained(grids, grids[POST_HOC], "removed", metric)
        for level, wanted in TARGETS.items():
            own = found[(found["model"] == model) & (found["removed"] == level)]["share"]
            verdict = "not run" if own.empty else "reached" if own.mean() >= wanted else "missed"
            said.append(f"{float(level):.0%} removed, by {name}: {spread(own)} of {wanted} wanted, {verdict}")
    return "Targets: " + "; ".join(said) + "."


def figures(grid: Grid, model: str) -> pd.DataFrame:
    """The rows of the regime `compression` of one head, with parameters and what was stored beside."""
    rows = grid.rows
    if rows.empty:
        return rows
    return rows[(rows["regime"] == "compression") & (rows["row"] == "model") & (rows["model"] == model)]


def cost(grids: Mapping[str, Grid], model: str) -> str:
    """What each level costs and keeps, by raw logits; fine-tuned AUROC and AP beside."""
    post, tuned = figures(grids[POST_HOC], model), figures(grids[TUNED], model)
    if post.empty:
        return NOT_RUN
    lines = []
    for level, own in post.groupby("removed", sort=False):
        after = tuned[tuned["removed"] == level] if len(tuned) else tuned
        lines.append(
            [
                str(level),
                f"{own['parameters'].mean():,.0f}",
                f"{own['embedding_parameters'].mean():,.0f}",
                f"{own['macs_per_pair'].mean():,.0f}",
                f"{own['weight_bytes'].mean() / 2**20:.1f}",
                f"{own['latency_ratio'].mean():.2f}",
                *(spread(own[metric]) for metric in ("auroc", "ap", "score_spearman", "per_tf_auroc")),
                *(spread(after[metric]) if len(after) else "-" for metric in ("auroc", "ap")),
                str(own["seed"].nunique()),
            ]
        )
    headings = ["removed", "parameters", "in embeddings", "MACs a pair", "MiB", "latency"]
    headings += ["AUROC", "AP", "Spearman", "TF AUROC", "fine-tuned AUROC", "fine-tuned AP", "n"]
    return markdown_table(headings, lines) + f"\n\n{beside(grids[POST_HOC])}"


def beside(grid: Grid) -> str:
    """The rows without a model on the same pairs."""
    rows = grid.rows[grid.rows["regime"] == "uniform"].groupby("row")["auroc"].mean()
    said = [
        f"{name} {rows[name]:.4f}" for name in ("degree_product", "tf_degree", "additive") if name in rows
    ]
    return f"AUROC on the same pairs: {', '.join(said)}."


def start(grids: Mapping[str, Grid]) -> str:
    """What is left after fine-tuning with nothing removed, by what Adam remembers and by learning rate."""
    probability = retained(grids, grids[START], "start", "auroc_probability")
    logit = retained(grids, grids[START], "start", "auroc")
    if logit.empty:
        return NOT_RUN
    lines = []
    for (model, how), raw in logit.groupby(["model", "start"], sort=False):
        line = [str(model), str(how)]
        for own, metric in (
            (
                probability[(probability["model"] == model) & (probability["start"] == how)],
                "auroc_probability",
            ),
            (raw, "auroc"),
        ):
            lost = change([float(v) for v in own[metric] - own["whole"]])
            line += [spread(own["whole"]), spread(own[metric]), lost, spread(own["share"])]
        lines.append([*line, str(len(raw))])
    columns = ("before", "after", "difference, points", "retention")
    named = [f"{column}{how}" for how in ("", " (logits)") for column in columns]
    return markdown_table(["head", "fine-tuning", *named, "n"], lines) + f"\n\n{beside(grids[START])}"


def figures_of_all(grid: Grid) -> pd.DataFrame:
    """The rows of the regime `compression`."""
    rows = grid.rows
    return rows if rows.empty else rows[(rows["regime"] == "compression") & (rows["row"] == "model")]


def importance(grid: Grid, whole: Grid) -> str:
    """What 80 % removed leaves by each importance, and the paired difference to random."""
    rows = figures_of_all(grid)
    if rows.empty:
        return NOT_RUN
    lines = []
    for model, of_model in rows.groupby("model", sort=False):
        chance = of_model[of_model["importance"] == "random"].set_index("seed")
        for name, own in of_model.groupby("importance", sort=False):
            line = [model, name, *(spread(own[m]) for m in ("auroc", "retention_auroc", "per_tf_auroc"))]
            own = own.set_index("seed")
            both = own.index.intersection(chance.index)
            gain = [float(own["auroc"][seed] - chance["auroc"][seed]) for seed in both]
            against = "-" if name == "random" or not gain else change(gain)
            lines.append([*line, against, str(len(own))])
    headings = ["head", "importance", "AUROC", "retention", "TF AUROC", "AUROC above random, points", "n"]
    return markdown_table(headings, lines) + f"\n\n{beside(whole if len(whole.rows) else grid)}"


def effective_rank(results: Path) -> str:
    """Both effective ranks of both heads, whole and pruned."""
    path = results / "paper_effective_rank.csv"
    if not path.exists():
        return NOT_RUN
    table = read(path, dtype={"removed": str, "seed": str})
    lines = []
    for (study, model, removed), own in table.groupby(["study", "model", "removed"], sort=False):
        line = [study.replace("_", " "), model, removed, str(own["channels"].iloc[0])]
        for centred in CENTRED:
            of_kind = own[own["centred"] == centred]
            for measure in ("participation_ratio", "entropy_rank"):
                sd = float(of_kind[measure].std()) if len(of_kind) > 1 else None
                mean = f"{of_kind[measure].mean():.2f}"
                line.append(mean if sd is None else f"{mean} ± {sd:.2f}")
        lines.append([*line, str(own["seed"].nunique())])
    measures = [f"{name}, {how}" for how in CENTRED.values() for name in ("participation ratio", "entropy")]
    return markdown_table(["settings", "head", "removed", "channels", *measures, "n"], lines)
