"""The later-curation benchmark: measure, and store rows in benchmarks/results/later_*.csv.

    python benchmarks/later/run.py                                      the closed forms on every task
    python benchmarks/later/run.py --model best-dual --task trrust-dorothea    a model of models.yaml
    python benchmarks/later/write.py                                    the tables of the README

A model is trained on all labels of a task but 5 % for validation. What is stored already, by config hash, is
not opened again. Each opening of a task is counted in later_openings.csv: the seeds of one recipe are
one opening, a changed recipe is another.
"""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from grnpyg import Run, train
from grnpyg.core import ExperimentConfig
from grnpyg.evaluation import LaterOptions, LaterResult, evaluate_later
from grnpyg.recipes import read_recipe
from grnpyg.resolve import config_hash, make_config, merge
from grnpyg.training import TrainOptions

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "results"
TASKS: dict[str, dict[str, Any]] = yaml.safe_load((HERE / "tasks.yaml").read_text())
MODELS: dict[str, dict[str, Any]] = yaml.safe_load((HERE / "models.yaml").read_text())
CLOSED = "closed forms"
SEED = 42
SPLIT = {"name": "transductive", "val_ratio": 0.05, "test_ratio": 0}
OWN = ["task", "recipe", "method", "config_hash", "seed"]


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--task", action="append", choices=list(TASKS), help="default: all")
    parser.add_argument("--model", action="append", choices=list(MODELS), help="default: the closed forms")
    parser.add_argument("--seed", action="append", type=int, help="default: those of the model")
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    parser.add_argument("--resamples", type=int, default=1000)
    given = parser.parse_args()
    for task in given.task or TASKS:
        for recipe in given.model or [CLOSED]:
            for seed in given.seed or MODELS.get(recipe, {}).get("seeds", [SEED]):
                open_task(task, recipe, seed, given.runs, given.resamples)


def open_task(task: str, recipe: str, seed: int, runs: Path, resamples: int) -> None:
    """Train a recipe on the labels of a task, judge it, and store the rows."""
    config = config_of(task, recipe, seed)
    stored = read("metrics")
    if len(stored) and (stored["config_hash"] == config_hash(config)).any():
        say(f"{task}, {recipe}, seed {seed}: stored already")
        return
    run = train(config, TrainOptions(runs=runs, resume=True), say=say)
    count(task, recipe, config_hash(config_of(task, recipe, SEED)))
    judged = {"model": False} if recipe == CLOSED else {"closed": ()}  # closed forms have rows of their own
    options = LaterOptions(TASKS[task].get("confidence"), resamples=resamples, **judged)
    result = evaluate_later(run, TASKS[task]["later"], options, say=say)
    store(task, recipe, run, result)


def config_of(task: str, recipe: str, seed: int) -> ExperimentConfig:
    """The config of a recipe on a task; for the closed forms that of a run without a model."""
    own = {"data": TASKS[task]["data"], "split": SPLIT, "seed": seed}
    if recipe == CLOSED:
        nothing = {"negatives": ["uniform"], "baselines": ["pearson"]}
        return make_config({**own, "baseline": "degree_product", "evaluation": nothing})
    values = merge(read_recipe(MODELS[recipe]["recipe"]), MODELS[recipe].get("change", {}))
    return make_config(merge(values, own))


def store(task: str, recipe: str, run: Run, result: LaterResult) -> None:
    """Add the rows: of a model its own and those of its outputs, of the closed forms one each."""
    own = {"task": task, "recipe": recipe, "config_hash": run.manifest.config_hash, "seed": run.manifest.seed}
    metrics = result.to_frame()
    counts = {"positives": result.positives, "unlabelled": result.unlabelled, **run.manifest.versions}
    strata = [result.strata]
    if len(result.signs):
        strata.append(result.signs.rename(columns={"sign": "stratum"}).assign(by="sign"))
    for name, table in (("metrics", metrics.assign(**counts)), ("strata", pd.concat(strata))):
        kept = table if recipe == CLOSED else table[table["method"].str.startswith("model")]
        add(name, kept.assign(**own))


def count(task: str, recipe: str, recipe_hash: str) -> None:
    """Count an opening, unless another seed of the same recipe has opened the task."""
    earlier = read("openings")
    of_task = earlier[earlier["task"] == task] if len(earlier) else earlier
    if len(of_task) and (of_task["recipe_hash"] == recipe_hash).any():
        return
    number = 1 + (int((of_task["recipe"] == recipe).sum()) if len(of_task) else 0)
    if number > 1 and TASKS[task].get("once"):
        say(f"note: {task} is opened once a recipe; this is opening {number} of {recipe}, and is counted")
    line = {"task": task, "recipe": recipe, "recipe_hash": recipe_hash, "opening": number}
    add("openings", pd.DataFrame([line | {"date": date.today().isoformat()}]))


def read(name: str) -> pd.DataFrame:
    """Stored rows; an empty table if there are none."""
    path = RESULTS / f"later_{name}.csv"
    dtype = {"config_hash": str, "recipe_hash": str}
    return pd.read_csv(path, dtype=dtype) if path.is_file() else pd.DataFrame()


def add(name: str, rows: pd.DataFrame) -> None:
    """Append rows to those that are stored."""
    first = [column for column in OWN if column in rows]
    rows = rows[[*first, *(column for column in rows if column not in first)]]
    pd.concat([read(name), rows]).to_csv(RESULTS / f"later_{name}.csv", index=False, float_format="%.6g")


def say(line: str) -> None:
    """A line on standard error."""
    print(line, file=sys.stderr)


if __name__ == "__main__":
    main()
