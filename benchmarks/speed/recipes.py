"""All pairs of each recipe per second: pair features, knowledge, head and all.

    grnpyg data fetch brain
    grnpyg data fetch symbol-labels
    python benchmarks/speed/recipes.py run    measures and stores results/recipe_speed.csv
    python benchmarks/speed/write.py          writes the table into benchmarks/speed/README.md

Weights as drawn, every TF with every gene of the symbol labels, after what is computed once for a graph. One
thread, whose seconds are those of the processor, then two, by the clock. Sides alternate in one process.
"""

from __future__ import annotations

import sys
import time
from datetime import date
from pathlib import Path

import pandas as pd
import speed
import torch

from grnpyg.models import TrainedModel, build_model
from grnpyg.recipes import read_recipe
from grnpyg.resolve import make_config
from grnpyg.training import prepare

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "results" / "recipe_speed.csv"
RECIPES, ROUNDS = ("best", "best-dual", "best-cross"), 5
TFS = 64  # scored at a time


def main() -> None:
    """Measure every recipe."""
    sides = {recipe: _model(recipe) for recipe in RECIPES}
    rows = []
    for threads, clock in ((1, time.process_time), (2, time.perf_counter)):
        torch.set_num_threads(threads)
        for round_ in range(-1, ROUNDS):  # the first one warms up
            for recipe, model in sides.items():
                num_tfs, num_genes = (model.graph[kind].num_nodes for kind in ("tf", "gene"))
                start = clock()
                for some in torch.arange(num_tfs).split(TFS):
                    model.score_all(some, torch.arange(num_genes))
                row = {"round": round_, "recipe": recipe, "threads": threads}
                rows.append(row | {"tfs": num_tfs, "genes": num_genes, "seconds": clock() - start})
                print(recipe, threads, f"{num_tfs * num_genes / rows[-1]['seconds']:.3g}", file=sys.stderr)
    about = {"torch": torch.__version__, "date": date.today().isoformat(), "processor": speed.processor()}
    table = pd.DataFrame(rows)
    table[table["round"] >= 0].assign(**about).to_csv(RESULTS, index=False, float_format="%.6g")


def _model(recipe: str) -> TrainedModel:
    config = make_config(read_recipe(recipe), where=recipe)
    graph = prepare(config).split.graph
    model = build_model(graph, config.encoder, config.head, config.seed, config.structure_options)
    return TrainedModel(model.eval(), graph).without_known_edges()


def sections() -> dict[str, str]:
    """What stands between the markers of README.md."""
    table = pd.read_csv(RESULTS)
    about = table.iloc[0]
    lines = [
        f"{about['processor']}, {about['date']}, torch {about['torch']}, {about['tfs']} TFs x "
        f"{about['genes']:,} genes, {table['round'].nunique()} rounds:",
        "",
        "| recipe | pairs a second, one thread | two threads |",
        "|---|---|---|",
    ]
    rate = table.assign(rate=table["tfs"] * table["genes"] / table["seconds"])
    medians = rate.groupby(["recipe", "threads"])["rate"].median().unstack()
    lines += [f"| {name} | {medians.loc[name, 1]:.2g} | {medians.loc[name, 2]:.2g} |" for name in RECIPES]
    return {"recipe_speed": "\n".join(lines)}


if __name__ == "__main__":
    if sys.argv[1:] == ["run"]:
        main()
    else:
        sys.exit(__doc__)
