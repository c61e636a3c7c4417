"""What the recipes reach, from the stored rows of every run whose config is a recipe's with some seed.

python benchmarks/recipes.py      writes grnpyg/recipes/measured.csv from results/*.csv
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from grnpyg.metrics import ALWAYS
from grnpyg.recipes import MEASURED, read_recipe, recipe_names
from grnpyg.resolve import known_hashes, make_config

RESULTS = Path(__file__).resolve().parent / "results"
RANKING, PART = "ranking", "test"
ROWS = ("model", *ALWAYS)
LEAST = 3  # seeds; a recipe with fewer counts as not measured yet


def main() -> None:
    """Write the file."""
    MEASURED.write_text(table().to_csv(index=False, float_format="%.4f"))


def table() -> pd.DataFrame:
    """One line for each recipe, regime and row: mean AUROC (of the ranking: mean over TFs), sd, seeds."""
    rows = pd.concat(stored(), ignore_index=True)
    seeds = sorted({int(seed) for seed in rows["run_seed"].dropna()})
    lines = []
    for name in recipe_names():
        values = read_recipe(name)
        hashes = {
            hash_: seed for seed in seeds for hash_ in known_hashes(make_config({**values, "seed": seed}))
        }
        own = rows.assign(seed=rows["config_hash"].map(hashes)).dropna(subset="seed")
        own = own.drop_duplicates(["seed", "regime", "row"])
        models = own[own["row"] == "model"]["seed"].nunique()
        for regime in dict.fromkeys(own["regime"]):
            for row in ROWS:
                found = own[(own["regime"] == regime) & (own["row"] == row)]
                metric = found["per_tf_auroc" if regime == RANKING else "auroc"].dropna()
                if (
                    models >= LEAST and len(metric) == models
                ):  # a row of some seeds only is a mean of other splits
                    lines.append((name, regime, row, metric.mean(), metric.std(), len(metric)))
    return pd.DataFrame(lines, columns=["recipe", "regime", "row", "auroc", "sd", "seeds"])


def stored() -> Iterator[pd.DataFrame]:
    """The test rows of every study's table."""
    wanted = ["config_hash", "run_seed", "part", "regime", "row", "auroc", "per_tf_auroc"]
    for path in sorted(RESULTS.glob("*.csv")):
        found = pd.read_csv(path, dtype={"config_hash": str}, low_memory=False)
        if set(wanted) - {"per_tf_auroc"} <= set(found.columns):
            yield found[found["part"] == PART].reindex(columns=wanted)


if __name__ == "__main__":
    main()
