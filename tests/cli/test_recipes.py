"""`grnpyg train --recipe` and `grnpyg list recipes`."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from cli.command import grnpyg, refused

from grnpyg import recipes
from grnpyg.core.config_file import override
from grnpyg.models.encoders import encoders
from grnpyg.resolve import config_hash, make_config

SMALL = ("--data", "expression.h5ad", "--labels", "labels.tsv", "--max-epochs", 1, "--seed", 7)


def widths(name: str) -> tuple[str, ...]:
    encoder = recipes.read_recipe(name)["encoder"]["name"] if name in recipes.recipe_names() else "lookup"
    return (
        f"encoder.{encoders.get(encoder).widths[0]}=8",
        "head.hidden_channels=8",
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
    assert stored["head"]["hidden_channels"] == 8


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
    dual = listed["best-practice-dual"]["measured"]["uniform"]
    rows = ("model", "degree_product", "additive")
    shown = ["best-practice-dual", "uniform", *(f"{dual[row]['auroc']:.3f}" for row in rows)]
    assert shown in cells
    refused("list", "recipe", says=("recipes", "metrics"))
