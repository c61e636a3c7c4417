"""Recipes: named, whole configs that are shipped with grnpyg, with what they were measured to reach.

A recipe is one YAML file in this folder, an ordinary config: `NAME.yaml`. Its first comment line says what it
is. `measured.csv` is written by `python benchmarks/recipes.py` from stored runs with the recipe's config.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from grnpyg.core.config_file import read_yaml
from grnpyg.core.errors import unknown
from grnpyg.metrics.gains import DEGREES

__all__ = [
    "BEST",
    "MEASURED",
    "PREFIX",
    "best_degree",
    "measured",
    "measured_line",
    "read_recipe",
    "recipe_names",
    "recipe_path",
    "summary",
]

FOLDER = Path(str(resources.files(__name__)))
MEASURED = FOLDER / "measured.csv"
BEST = "best"  # what is trained where nothing is named
PREFIX = "recipe:"  # a recipe in the place of a config file


def recipe_names() -> list[str]:
    """The names of all recipes."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def recipe_path(name: str) -> Path:
    """The config file of a recipe.

    Raises:
        InputError: there is none of this name; lists the known ones.
    """
    if name not in (names := recipe_names()):
        raise unknown("recipe", name, names)
    return FOLDER / f"{name}.yaml"


def read_recipe(name: str) -> dict[str, Any]:
    """The config of a recipe as its file says it.

    Raises:
        InputError: there is none of this name; lists the known ones.
    """
    return read_yaml(recipe_path(name))


def summary(name: str) -> str:
    """What a recipe is, in a sentence: the first line of its file.

    Raises:
        InputError: there is none of this name; lists the known ones.
    """
    return recipe_path(name).read_text().partition("\n")[0].removeprefix("#").strip()


def measured(name: str) -> dict[str, dict[str, Mapping[str, float]]]:
    """What stored runs of a recipe reached on their test part; empty where nothing was measured.

    Returns:
        Regime -> row (`model` first, then degree and additive rows) -> `auroc` (mean over seeds), `sd` (nan
        for one seed) and `seeds`. In the regime `ranking`, `auroc` is the mean over TFs.
    """
    found: dict[str, dict[str, Mapping[str, float]]] = {}
    with MEASURED.open(newline="") as file:
        for line in csv.DictReader(file):
            if line["recipe"] == name:
                values = {key: float(line[key] or "nan") for key in ("auroc", "sd")}
                found.setdefault(line["regime"], {})[line["row"]] = values | {"seeds": int(line["seeds"])}
    return found


def measured_line(name: str) -> str:
    """What was measured, in one line: model, best degree row and additive row of every regime."""
    regimes = measured(name)
    if not regimes:
        return "not measured yet"
    parts = []
    for regime, rows in regimes.items():
        degree, additive = best_degree(rows), rows["additive"]["auroc"]
        beside = f"{degree[0]} {degree[1]:.3f}, additive {additive:.3f}"
        parts.append(f"{regime} {rows['model']['auroc']:.3f} ({beside})")
    values = read_recipe(name)["data"]
    seeds = max(int(rows["model"]["seeds"]) for rows in regimes.values())
    return f"{values['expression']}, {values['labels']}, {seeds} seeds, test AUROC: {'; '.join(parts)}"


def best_degree(rows: Mapping[str, Mapping[str, float]]) -> tuple[str, float]:
    """Name and AUROC of the best degree row of a regime."""
    there = {row: rows[row]["auroc"] for row in DEGREES if row in rows}
    return max(there.items(), key=lambda item: item[1])
