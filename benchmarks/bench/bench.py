"""The baselines of PyTorch Geometric beside the closed forms, and what they cost.

python benchmarks/bench/bench.py collect RUNS   stores the runs of `grnpyg bench` as results/bench.csv
python benchmarks/bench/bench.py write          writes the table into README.md beside this file
"""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from grnpyg.studies.bench import read_suite
from grnpyg.studies.bench.costs import FIGURES, Costs
from grnpyg.studies.bench.suite import ENTRY
from grnpyg.studies.formats import fill_sections
from grnpyg.studies.rows import read_rows, store_rows, study_rows

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
    """One line for every run, regime and row, and one for what every run cost."""
    suite = read_suite(HERE / "suite.yaml")
    rows = study_rows(suite.study, runs)
    rows = rows[rows["row"] == rows[ENTRY].map(suite.rows)]
    print(store_rows(suite.study, rows, RESULTS), file=sys.stderr)
    costs = Costs(runs)
    found, new = [], set[str]()
    for cell in suite.study.trials:
        if (cost := costs.read(cell)) is not None:
            found.append({ENTRY: cell.levels[ENTRY], "config_hash": cell.hash, **asdict(cost)})
            new |= set(cell.hashes)
    table = pd.DataFrame(found)
    if COSTS.exists():
        stored = pd.read_csv(COSTS, dtype={"config_hash": str})
        table = pd.concat([table, stored[~stored["config_hash"].isin(new)]], ignore_index=True)
    table.to_csv(COSTS, index=False)


def sections() -> dict[str, str]:
    """Marker -> text."""
    suite = read_suite(HERE / "suite.yaml")
    table, costs = read_rows(suite.study, RESULTS), pd.read_csv(COSTS, dtype={"config_hash": str})
    costs = costs[costs["config_hash"].isin(table["config_hash"])]
    lines = [
        f"| | {' | '.join(COLUMNS)} | fit, s | process, s | peak, MB | numbers kept | MACs a pair | seeds |",
        f"|{'---|' * (len(COLUMNS) + 7)}",
    ]
    for entry in suite.rows:
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
