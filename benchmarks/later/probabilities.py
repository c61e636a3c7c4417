"""Do the probabilities of `predict` hold? Store claims beside hits in benchmarks/results/probabilities.csv.

    python benchmarks/later/probabilities.py --task trrust-dorothea    by validation edges and by later ones
    python benchmarks/later/probabilities.py --task trrust-dorothea --seeds 42 123 456    their mean
    python benchmarks/later/probabilities.py --held-out                by validation edges and by test edges
    python benchmarks/later/probabilities.py --write                   the tables of docs/probabilities.md

The runs are those of run.py (with `--held-out` that of the recipe's own data and split), trained where they
are not there. Nothing is chosen by a later database: the probabilities are fitted on validation edges.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from grnpyg import Run, train
from grnpyg.core import ExperimentConfig
from grnpyg.evaluation import Reliability, judge_by_later, run_reliability
from grnpyg.networks import as_runs
from grnpyg.recipes import read_recipe
from grnpyg.resolve import config_hash, make_config, merge
from grnpyg.studies import fill_sections
from grnpyg.training import TrainOptions

HERE = Path(__file__).resolve().parent
STORED = HERE.parent / "results" / "probabilities.csv"
DOCS = HERE.parent.parent / "docs" / "probabilities.md"
TASKS: dict[str, dict[str, Any]] = yaml.safe_load((HERE / "tasks.yaml").read_text())
HELD_OUT = "held out"  # the task of a recipe's own split
LATER_SPLIT = {"name": "transductive", "val_ratio": 0.05, "test_ratio": 0}  # of run.py
BEFOREHAND, TOLD = "later, number expected beforehand", "later, told their number"
ABOVE = 0.05
SEVERAL = "+"  # between the seeds of runs that are averaged
BINS = ["probability", "pairs", "claimed mean", "hit rate", "95 % interval", "hits"]


def main() -> None:
    """Measure what is asked for, or write the tables."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--task", action="append", choices=list(TASKS), default=[])
    parser.add_argument("--held-out", action="store_true", help="the recipe's own split; opens its test")
    parser.add_argument("--recipe", default="best")
    parser.add_argument("--seeds", type=int, nargs="+", default=[42], help="of several the mean is judged")
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    if given.held_out and len(given.seeds) > 1:
        parser.error("--held-out takes one seed: what one run holds out another one is trained on")
    for task in [*given.task, *([HELD_OUT] if given.held_out else [])]:
        configs = [config_of(task, given.recipe, seed) for seed in given.seeds]
        seeds, hashes = SEVERAL.join(map(str, given.seeds)), SEVERAL.join(map(config_hash, configs))
        stored = read()
        if len(stored) and ((stored["config_hash"] == hashes) & (stored["task"] == task)).any():
            say(f"{task}, {given.recipe}, seed {seeds}: stored already")
            continue
        runs = [train(config, TrainOptions(runs=given.runs), say=say) for config in configs]
        own = {"task": task, "recipe": given.recipe, "config_hash": hashes, "seed": seeds}
        store(own, judged(task, runs))
    if given.write:
        DOCS.write_text(fill_sections(DOCS.read_text(), sections()))


def config_of(task: str, recipe: str, seed: int) -> ExperimentConfig:
    """The config of a recipe on a task."""
    own: dict[str, Any] = {"seed": seed}
    if task != HELD_OUT:
        own |= {"data": TASKS[task]["data"], "split": LATER_SPLIT}
    return make_config(merge(read_recipe(recipe), own))


def judged(task: str, runs: list[Run]) -> Iterable[tuple[str, Reliability]]:
    """(judge, claims beside hits) of a run; of several, whose validations differ, by later edges alone."""
    if len(runs) == 1:
        yield "validation", run_reliability(runs[0], "validation")
    if task == HELD_OUT:
        yield "test", run_reliability(runs[0], "test")
        return
    about = TASKS[task]
    both = judge_by_later(as_runs(runs), about["later"], about.get("confidence"), say=say)
    yield from zip((BEFOREHAND, TOLD), both, strict=True)


def store(about: Mapping[str, str], results: Iterable[tuple[str, Reliability]]) -> None:
    """Add one row per bin."""
    tables = []
    for judge, result in results:
        say(result.sentence())
        own = {**about, "judge": judge, "edges": result.edges, "expected": result.expected}
        own |= {f"above_{key}": value for key, value in result.summary.items()}
        tables.append(result.table.assign(**own))
    rows = pd.concat([read(), *tables])
    first = ["task", "recipe", "config_hash", "seed", "judge", "edges", "expected"]
    rows = rows[[*first, *(column for column in rows if column not in first)]]
    rows.to_csv(STORED, index=False, float_format="%.10g")


def read() -> pd.DataFrame:
    """Stored rows; an empty table if there are none."""
    return (
        pd.read_csv(STORED, dtype={"config_hash": str, "seed": str}) if STORED.is_file() else pd.DataFrame()
    )


def sections() -> dict[str, str]:
    """Marker -> text."""
    rows, overview, parts = read(), list[list[str]](), list[str]()
    for (task, recipe, seed, judge), own in rows.groupby(["task", "recipe", "seed", "judge"], sort=False):
        words = TASKS[task]["words"] if task in TASKS else "DoRothEA and TRRUST (symbol labels), held out"
        which = f"mean of seeds {seed.replace(SEVERAL, ', ')}" if SEVERAL in seed else f"seed {seed}"
        name, first = f"{words}, `{recipe}`, {which}", own.iloc[0]
        overview.append(
            [
                name,
                str(judge),
                f"{first['above_pairs']:,.0f}",
                f"{first['above_expected']:,.0f}",
                f"{first['above_hits']:,.0f}",
                f"{first['above_ece']:.3f}",
                f"{first['above_ece_of_chance']:.3f}",
            ]
        )
        size = f"{first['edges']:,} edges, {first['expected']:,.0f} expected"
        parts += [f"**{name}, judged by {judge}** ({size})", "", *_lines(BINS, _bins(own)), ""]
    heads = ["", "judge", f"pairs above p = {ABOVE:g}", "expected", "found", "ECE", "ECE if every claim held"]
    return {"overview": "\n".join(_lines(heads, overview)), "bins": "\n".join(parts).rstrip()}


def _bins(rows: pd.DataFrame) -> list[list[str]]:
    return [
        [
            f"{row.low:g} to {row.high:g}",
            f"{row.pairs:,.0f}",
            f"{row.claimed:.4f}",
            f"{row.hit_rate:.4f}",
            f"{row.hit_low:.4f} to {row.hit_high:.4f}",
            f"{row.hits:,.0f}",
        ]
        for row in rows.itertuples()
    ]


def _lines(heads: list[str], rows: list[list[str]]) -> list[str]:
    cells = [f"| {' | '.join(row)} |" for row in (heads, *rows)]
    return [cells[0], f"|{'---|' * len(heads)}", *cells[1:]]


def say(line: str) -> None:
    """A line on standard error."""
    print(line, file=sys.stderr)


if __name__ == "__main__":
    main()
