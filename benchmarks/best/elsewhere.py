"""The recipe best without the negatives that another database reports: measure, and the table of README.md.

    python benchmarks/best/elsewhere.py --runs runs      trains what is not there, and stores the rows
    python benchmarks/best/write.py                      writes the table

A pair that these labels do not hold may be an edge that CollecTRI holds. Such a negative counts against a
model that is right. Every seed is judged twice on its test pairs: with all negatives, and without those that
the other database holds.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pandas as pd
from heads import BEST

from grnpyg import train
from grnpyg.evaluation import EvalOptions, evaluate
from grnpyg.recipes import read_recipe
from grnpyg.resolve import config_hash, make_config
from grnpyg.studies import markdown_table
from grnpyg.training import TrainOptions

STORED = Path(__file__).resolve().parent.parent / "results" / "best_elsewhere.csv"
OTHER = "collectri"
SEEDS = (42, 123, 456, 789, 1337)
SETTINGS = {"uniform": "uniform", "same_tf": "same TF", "degree_matched": "degree-matched"}
METHODS = {"model": "best", "model_degree_matched": "its output beyond degree", **BEST}


def main() -> None:
    """Train and judge every seed that is not stored."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    runs = parser.parse_args().runs
    for seed in SEEDS:
        config = make_config(read_recipe("best") | {"seed": seed})
        stored = read()
        if len(stored) and (stored["config_hash"] == config_hash(config)).any():
            print(f"seed {seed}: stored already", file=sys.stderr)
            continue
        run = train(
            config, TrainOptions(runs=runs, resume=True), say=lambda line: print(line, file=sys.stderr)
        )
        tables = []
        for other in (None, OTHER):
            result = evaluate(run, "test", EvalOptions(resamples=0, known_elsewhere=other))
            table = result.to_frame()
            left_out = result.about["known_elsewhere"]["left_out"]["test"] if other else {}
            tables.append(table.assign(left_out_of=other or "none", left_out=table["setting"].map(left_out)))
        own = {"seed": seed, "config_hash": run.manifest.config_hash, **run.manifest.versions}
        rows = pd.concat([stored, pd.concat(tables).assign(**own)])
        rows.to_csv(STORED, index=False, float_format="%.6g")


def read() -> pd.DataFrame:
    """Stored rows; an empty table if there are none."""
    return pd.read_csv(STORED, dtype={"config_hash": str}) if STORED.is_file() else pd.DataFrame()


def table() -> list[str]:
    """Methods x settings: AUROC with all negatives, and without those that the other database reports."""
    rows = read()
    if rows.empty:
        return ["Not run."]
    rows = rows.assign(left_out_of=rows["left_out_of"].fillna("none"))
    lines = []
    for method, title in METHODS.items():
        cells = []
        for setting in SETTINGS:
            own = rows[(rows["method"] == method) & (rows["setting"] == setting)]
            pair = (own[own["left_out_of"] == other]["auroc"] for other in ("none", OTHER))
            cells.append(" → ".join(map(_mean, pair)))
        lines.append([title, *cells])
    judged = rows[(rows["left_out_of"] == OTHER) & (rows["method"] == "model")]
    shares = ", ".join(
        f"{100 * (own['left_out'] / (own['left_out'] + own['negatives'])).mean():.1f} % ({title})"
        for setting, title in SETTINGS.items()
        if len(own := judged[judged["setting"] == setting])
    )
    seeds = judged["seed"].nunique()
    return [
        markdown_table(["test AUROC", *SETTINGS.values()], lines),
        "",
        f"All negatives → without those that CollecTRI reports, mean ± sd over {seeds} seeds. "
        f"Left out: {shares}.",
    ]


def _mean(seeds: pd.Series) -> str:
    spread = f" ± {seeds.std():.3f}" if len(seeds) > 1 else ""
    return f"{seeds.mean():.3f}{spread}"


if __name__ == "__main__":
    main()
