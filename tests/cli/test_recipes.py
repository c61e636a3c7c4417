"""`grnpyg train --recipe` and `grnpyg list recipes`."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from cli.command import grnpyg, refused

from grnpyg import recipes
from grnpyg.core.config_file import override
from grnpyg.models.encoders import encoders
from grnpyg.models.heads import heads
from grnpyg.resolve import config_hash, make_config

SMALL = ("--data", "expression.h5ad", "--labels", "labels.tsv", "--max-epochs", 1, "--seed", 7)


def parts(name: str) -> dict[str, str]:
    """The names of encoder and head of a recipe."""
    if name not in recipes.recipe_names():
        return {"encoder": "lookup", "head": "dual"}
    config = make_config(recipes.read_recipe(name))
    return {"encoder": config.encoder["name"], "head": config.head["name"]}


def widths(name: str) -> tuple[str, ...]:
    named = parts(name)
    declared = {"encoder": encoders.get(named["encoder"]).widths, "head": heads.get(named["head"]).widths}
    return (
        *(f"{kind}.{keys[0]}=8" for kind, keys in declared.items() if keys),
        "features.n_top_genes=50",
        "negatives.ratio=1",  # the table is small
    )


def small(name: str) -> tuple[object, ...]:
    sets = [item for width in widths(name) for item in ("--set", width)]
    return ("train", "--recipe", name, *SMALL, *sets)


@pytest.mark.slow
@pytest.mark.parametrize("name", recipes.recipe_names())
def test_every_recipe_trains_on_other_data_and_options_win(name: str, work: Path) -> None:
    found = grnpyg(*small(name), "--json")
    said = found.json
    assert (said["status"], said["best_epoch"]) == ("complete", 1)
    assert f"recipe {name}: {recipes.summary(name)}" in found.err
    assert f"measured: {recipes.measured_line(name)}" in found.err
    changed = {"expression": "expression.h5ad", "labels": "labels.tsv"}
    values = recipes.read_recipe(name)
    values["data"] = changed  # its other keys fit the recipe's own data
    values["seed"] = 7
    config = make_config(override(values, ["training.max_epochs=1", *widths(name)]))
    assert Path(said["run"]).name == config_hash(config)
    stored = yaml.safe_load((Path(said["run"]) / "config.yaml").read_text())
    assert stored["training"] == config.model_dump(mode="json")["training"]
    assert stored["head"] == config.head


def test_bad_recipes(work: Path) -> None:
    refused("train", "--recipe", "besst", says=("unknown recipe 'besst'", "best-practice-dual"))
    refused(*small("best-practice-dual"), "--config", "small.yaml", says=("--recipe", "--config", "--set"))
    refused(*small("best-practice-dual"), "--set", "head.nope=1", says=("nope", "hidden_channels"))


def test_list(work: Path) -> None:
    listed = grnpyg("list", "recipes", "--json").json["recipes"]
    assert list(listed) == recipes.recipe_names()
    for name, entry in listed.items():
        assert entry == {"summary": recipes.summary(name), "measured": recipes.measured(name)}
    table = grnpyg("list", "recipes").out
    for name in listed:
        assert name in table
    cells = [[cell.strip() for cell in line.split("│")[1:-1]] for line in table.splitlines()]
    name = next(name for name, entry in listed.items() if "uniform" in entry["measured"])
    rows = listed[name]["measured"]["uniform"]
    values = (rows["model"]["auroc"], recipes.best_degree(rows)[1], rows["additive"]["auroc"])
    shown = [name, "uniform", *(f"{value:.3f}" for value in values)]
    assert shown in cells
    refused("list", "recipe", says=("recipes", "metrics"))
