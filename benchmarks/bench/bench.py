"""The baselines of PyTorch Geometric beside the closed forms, and what they cost.

python benchmarks/bench/bench.py collect RUNS   stores the runs of `grnpyg bench` as results/bench.csv
python benchmarks/bench/bench.py write          writes the table into README.md beside this file
"""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from grnpyg.runs import Run
from grnpyg.studies import fill_sections, study_rows
from grnpyg.studies.bench import ENTRY, FIGURES, SEED, Costs, read_suite

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "results" / "bench.csv"
COSTS = HERE.parent / "results" / "bench_costs.csv"
COLUMNS = {  # heading -> regime, metric, digits
    "uniform": ("uniform", "auroc", 3),
    "same TF": ("same_tf", "auroc", 3),
    "degree-matched": ("degree_matched", "auroc", 3),
    "hard": ("hard", "auroc", 3),
    "per TF": ("ranking", "per_tf_auroc", 3),
    "AP ratio": ("ranking", "ap_ratio", 1),
}


def main() -> None:
    """Store, or write."""
    if sys.argv[1:2] == ["collect"] and len(sys.argv) == 3:
        collect(Path(sys.argv[2]))
    elif sys.argv[1:] == ["write"]:
        readme = HERE / "README.md"
        readme.write_text(fill_sections(readme.read_text(), sections()))
    else:
        raise SystemExit(__doc__)


def collect(runs: Path) -> None:
    """Store one line for every run and setting, and one for what every run cost; others of the files stay."""
    suite, costs, found = read_suite(HERE / "suite.yaml"), Costs(runs), []
    rows = study_rows(suite, runs)
    store(rows[rows["row"] == "model"], RESULTS, [ENTRY, SEED])
    for trial in suite.trials:
        if (cost := costs.read(trial)) is not None:
            manifest = Run.load(runs / trial.hash).manifest
            own = manifest.costs["model"]
            figures = {"parameters": own.parameters, "macs_per_pair": own.macs_per_pair, **asdict(cost)}
            place = {ENTRY: trial.levels[ENTRY], "config_hash": trial.hash}
            found.append(
                place | {"fit_seconds": own.seconds} | figures | {"threads": manifest.machine.threads}
            )
    store(pd.DataFrame(found), COSTS, ["config_hash"])


def store(rows: pd.DataFrame, path: Path, keys: list[str]) -> None:
    """Write new lines over the stored ones with the same keys."""
    stored, new = (
        pd.read_csv(path, dtype={"config_hash": str}),
        pd.MultiIndex.from_frame(rows[keys].astype(str)),
    )
    kept = stored[~pd.MultiIndex.from_frame(stored[keys].astype(str)).isin(new)]
    (pd.concat([rows, kept], ignore_index=True) if len(kept) else rows).to_csv(path, index=False)


def sections() -> dict[str, str]:
    """Marker -> text; the stored lines of an entry are found by its name, whatever its config was."""
    table, costs = pd.read_csv(RESULTS), pd.read_csv(COSTS)
    costs = costs[costs["config_hash"].isin(table["config_hash"])]
    lines = [
        f"| | {' | '.join(COLUMNS)} | fit, s | process, s | peak, MB | numbers kept | MACs a pair | seeds |",
        f"|{'---|' * (len(COLUMNS) + 7)}",
    ]
    for entry in read_suite(HERE / "suite.yaml").axes[ENTRY]:
        own, cost = table[table[ENTRY] == entry], costs[costs[ENTRY] == entry]
        if own.empty:
            continue
        cells = []
        for regime, metric, digits in COLUMNS.values():
            values = own[own["regime"] == regime][metric]
            spread = f" ± {values.std():.{digits}f}" if len(values) > 1 else ""
            cells.append(f"{values.mean():.{digits}f}{spread}")
        means = cost[list(FIGURES)].mean()
        cells += [f"{means['fit_seconds']:.1f}", f"{means['wall_seconds']:.0f}"]
        cells += [f"{means[name]:,.0f}" for name in ("peak_memory_mb", "parameters", "macs_per_pair")]
        lines.append(f"| {entry} | {' | '.join(cells)} | {own['config_hash'].nunique()} |")
    threads = sorted(set(costs["threads"]))
    return {
        "bench": "\n".join(
            [
                *lines,
                "",
                f"Test, mean ± sd over the seeds; {' or '.join(map(str, threads))} threads a process.",
            ]
        )
    }


if __name__ == "__main__":
    main()
