"""What degree, known edges, knowledge and learned vectors are worth in a score: measure, and the tables.

    python benchmarks/heads/explain.py --runs runs      trains what is not there, and stores the rows
    python benchmarks/heads/write.py                    writes the tables

Every test pair of a run is explained as `grnpyg predict --explain` does it. What a group adds is then taken
for a score of its own (alone), and taken out of the score (without it).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from paired import CLOSED, RESULTS, stored_rows

from grnpyg import Run, train
from grnpyg.metrics import auroc
from grnpyg.networks import View, ViewOptions, explanation_of, keys
from grnpyg.recipes import read_recipe
from grnpyg.resolve import config_hash, make_config
from grnpyg.studies import markdown_table
from grnpyg.training import TrainOptions

STORED = RESULTS / "explain.csv"
RECIPES = ("best", "best-dual")
SEEDS = (42, 123)
SETTINGS = {"uniform": "uniform", "same_tf": "same TF", "degree_matched": "degree-matched"}
SCORE = "score"
STUDIES = {"best": "additive_best", "best-dual": "additive_best_dual"}


def main() -> None:
    """Measure what is not stored."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    measure(parser.parse_args().runs)


def measure(runs: Path) -> None:
    """Train and explain every run that is not stored."""
    for recipe in RECIPES:
        for seed in SEEDS:
            config, stored = make_config(read_recipe(recipe) | {"seed": seed}), read()
            if len(stored) and (stored["config_hash"] == config_hash(config)).any():
                print(f"{recipe}, seed {seed}: stored already", file=sys.stderr)
                continue
            say = lambda line: print(line, file=sys.stderr)  # noqa: E731
            run = train(config, TrainOptions(runs=runs, resume=True), say=say)
            own = {"recipe": recipe, "seed": seed, "config_hash": run.manifest.config_hash}
            versions = {**run.manifest.versions, "processor": run.manifest.machine.processor}
            rows = pd.DataFrame(explained(run)).assign(**own, **versions)
            pd.concat([stored, rows]).to_csv(STORED, index=False, float_format="%.6g")


def explained(run: Run) -> Iterator[dict[str, Any]]:
    """A row for each setting and group: its mean for positives and negatives, and what it is worth."""
    explanation = explanation_of(View(run, ViewOptions()))
    because = [name for name in keys.EXPLAINED if name.startswith(keys.BECAUSE)]
    groups = [name.removeprefix(keys.BECAUSE) for name in because]
    for setting in SETTINGS:
        pairs = run.evaluation[setting]["test"]
        values, positive = explanation.of(pairs.edge_label_index), pairs.edge_label.numpy() > 0
        score = explanation.base + values.sum(axis=1)
        parts = {SCORE: score} | {group: values[:, at] for at, group in enumerate(groups)}
        for group, own in parts.items():
            if group != SCORE and not own.any():
                continue  # the model does not have it
            yield {
                "kind": explanation.kind,
                "setting": setting,
                "group": group,
                "positives": own[positive].mean(),
                "negatives": own[~positive].mean(),
                "alone": auroc(positive, own),
                "without": np.nan if group == SCORE else auroc(positive, score - own),
            }
        for name in CLOSED:
            found = run.metrics("test", [setting], [name]).set_index("metric")["value"]
            yield {"setting": setting, "group": name, "alone": found["auroc"]}


def read() -> pd.DataFrame:
    """Stored rows; an empty table if there are none."""
    return pd.read_csv(STORED, dtype={"config_hash": str}) if STORED.is_file() else pd.DataFrame()


def sections() -> dict[str, str]:
    """Marker -> text."""
    return {"explain": "\n".join(worth()), "additive": "\n".join(additive())}


TITLES = {
    "degree": "degree",
    "known_edges": "known edges around the pair",
    "knowledge": "knowledge",
    "vectors": "learned vectors",
    SCORE: "the whole score",
    **CLOSED,
}


def worth() -> list[str]:
    """Per recipe: AUROC of a group alone and without it, and what it adds to each kind of pairs."""
    rows, lines = read(), list[str]()
    for recipe in RECIPES:
        own = rows[rows["recipe"] == recipe]
        groups = [group for group in TITLES if (own["group"] == group).any()]
        mean = own.groupby(["group", "setting"])[["positives", "negatives", "alone", "without"]].mean()
        judged = [
            [TITLES[group], *(_worth(mean.loc[group, setting]) for setting in SETTINGS)] for group in groups
        ]
        columns = [("uniform", "positives"), *((setting, "negatives") for setting in SETTINGS)]
        added = [
            [TITLES[group], *(f"{mean.loc[group, setting][kind]:+.2f}" for setting, kind in columns)]
            for group in groups
            if group not in CLOSED
        ]
        rest = mean.loc[SCORE] - mean.drop(index=[SCORE, *CLOSED], level="group").groupby("setting").sum()
        added.insert(
            -1, ["an average pair", *(f"{rest.loc[setting][kind]:+.2f}" for setting, kind in columns)]
        )
        heads = [f"{title} negatives" for title in SETTINGS.values()]
        lines += [
            f"**{recipe}**, test AUROC of what a group adds, alone / of the score without it:",
            "",
            markdown_table(["", *SETTINGS.values()], judged),
            "",
            f"**{recipe}**, mean of what a group adds to a pair's importance:",
            "",
            markdown_table(["", "test edges", *heads], added),
            "",
        ]
    said = ", ".join(f"{r}: {own['kind'].dropna().iloc[0]}" for r, own in rows.groupby("recipe"))
    return [*lines, f"Means over seeds {' and '.join(map(str, SEEDS))}; kind of explanation: {said}."]


def _worth(own: pd.Series) -> str:
    without = "" if np.isnan(own["without"]) else f" / {own['without']:.3f}"
    return f"{own['alone']:.3f}{without}"


def additive() -> list[str]:
    """Validation AUROC of one network for all groups, and of one for each group."""
    lines = []
    for recipe, name in STUDIES.items():
        rows = stored_rows(name, "validation")
        own = rows[(rows["row"] == "model") & rows["regime"].isin(SETTINGS)]
        by = own.pivot_table(index=["regime", "run_seed"], columns="reader", values="auroc")
        of_closed = rows.groupby(["regime", "row"])["auroc"].mean()
        for setting, title in SETTINGS.items():
            both = by.loc[setting]
            differences = ", ".join(f"{d:+.4f}" for d in both["additive"] - both["joint"])
            means = [f"{both[reader].mean():.4f}" for reader in ("joint", "additive")]
            closed = [f"{of_closed.loc[setting, name]:.4f}" for name in CLOSED]
            lines.append([recipe, title, *means, differences, *closed])
    head = ["recipe", "validation negatives", "one network", "one for each group", "difference by seed"]
    head += CLOSED.values()
    seeds = sorted({int(seed) for seed in own["run_seed"]})
    return [markdown_table(head, lines), "", f"AUROC, seeds {' and '.join(map(str, seeds))}."]


if __name__ == "__main__":
    main()
