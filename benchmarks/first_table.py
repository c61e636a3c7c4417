"""The first table: dual and cross encoder of equal size beside the baselines, test pairs, uniform negatives.

    python benchmarks/first_table.py run      trains what is missing and stores results/first_table.csv
    python benchmarks/first_table.py write    writes the table into README.md and benchmarks/README.md

The data sets `brain` and `symbol-labels` must be in the cache: `grnpyg data fetch NAME [--from DIR]`.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pandas as pd

import grnpyg_cli

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results" / "first_table.csv"
SEEDS = (42, 123, 456, 789, 1337)
CONFIGS = {
    "immune cells, DoRothEA A-C": Path(grnpyg_cli.__file__).with_name("demo.yaml"),
    "brain, DoRothEA + TRRUST": HERE / "configs" / "brain.yaml",
}


def run(runs: Path) -> None:
    """Train every model of the table, the cross-encoder at the dual encoder's parameter count."""
    from grnpyg.config import make_config, read_yaml
    from grnpyg.evaluation.evaluate import evaluate
    from grnpyg.matching import count_parameters, match
    from grnpyg.training.train import TrainOptions, prepare, train

    rows: list[dict[str, Any]] = []
    for name, file in CONFIGS.items():
        values = read_yaml(file)
        for seed in SEEDS:
            dual, cross = (
                make_config({**values, "seed": seed, "head": {**values["head"], "name": head}})
                for head in ("dual", "cross")
            )
            prepared = prepare(dual)
            graph = prepared.dataset.graph
            budget = count_parameters(graph, dual.encoder, dual.head)
            encoder, head, _ = match(graph, cross.encoder, cross.head, budget)
            cross = cross.model_copy(update={"encoder": encoder, "head": head})
            for config in (dual, cross):
                trained = train(config, TrainOptions(runs), prepared=prepared)
                result = evaluate(trained, "test")
                models = {config.head["name"]: result["regimes"]["uniform"]}
                if config is dual:
                    models |= {row: regimes["uniform"] for row, regimes in result["baselines"].items()}
                for row, metrics in models.items():
                    is_model = row == config.head["name"]
                    rows.append(
                        {
                            "data": name,
                            "row": row,
                            "seed": seed,
                            "parameters": result["parameters"] if is_model else "",
                            **{key: metrics[key] for key in ("auroc", "ap", "positives", "negatives")},
                            "best_epoch": trained.manifest["best_epoch"] if is_model else "",
                            "seconds": trained.manifest["seconds"] if is_model else "",
                            "config_hash": config.hash(),
                            "threads": trained.manifest["machine"]["threads"],
                            **trained.manifest["versions"],
                        }
                    )
                print(name, seed, config.head["name"], trained.path, file=sys.stderr)
    RESULTS.parent.mkdir(exist_ok=True)
    pd.DataFrame(rows).to_csv(RESULTS, index=False)


def render(table: pd.DataFrame) -> str:
    """The stored rows as Markdown: mean and standard deviation over the seeds."""
    names = {"dual": "dual encoder", "cross": "cross-encoder", "degree_product": "degree product"}
    names |= {"additive": "additive (one-hot logistic)", "tf_degree": "TF degree"}
    lines = ["| data | row | parameters | AUROC | AP |", "|---|---|---|---|---|"]
    for data in table["data"].unique():
        for row in names:
            cell = table[(table["data"] == data) & (table["row"] == row)]
            parameters = cell["parameters"].dropna().unique()
            size = f"{int(parameters[0]):,}" if len(parameters) else "-"
            metrics = [f"{cell[m].mean():.4f} ± {cell[m].std():.4f}" for m in ("auroc", "ap")]
            lines.append(f"| {data} | {names[row]} | {size} | {metrics[0]} | {metrics[1]} |")
    seeds = ", ".join(str(seed) for seed in sorted(table["seed"].unique()))
    lines += ["", f"Test pairs, uniform negatives 1:1; mean ± sd over seeds {seeds} (split and weights)."]
    return "\n".join(lines)


def write() -> None:
    """Put the table between the markers of both README files."""
    table = render(pd.read_csv(RESULTS))
    for path in (HERE.parent / "README.md", HERE / "README.md"):
        text = path.read_text()
        marked = re.compile(r"(<!-- first_table -->\n).*?(<!-- /first_table -->)", re.DOTALL)
        if not marked.search(text):
            sys.exit(f"{path} has no place for the table")
        path.write_text(marked.sub(lambda match: f"{match[1]}{table}\n{match[2]}", text))


if __name__ == "__main__":
    if sys.argv[1:] == ["run"]:
        run(Path("runs"))
    elif sys.argv[1:] == ["write"]:
        write()
    else:
        sys.exit(__doc__)
