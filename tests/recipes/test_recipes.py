"""Every recipe is a whole, valid config with something measured, and a study may build on it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grnpyg import recipes
from grnpyg.core.errors import InputError
from grnpyg.metrics.gains import DEGREES
from grnpyg.resolve import config_hash, make_config
from grnpyg.resolve.changes import difference, merge
from grnpyg.studies import read_study

NAMES = recipes.recipe_names()
PAIRS = [
    *zip(NAMES, NAMES, strict=True),
    *zip(NAMES, [*NAMES[1:], NAMES[0]], strict=True),
]  # one after the other


def test_the_published_models_are_there() -> None:
    paper = {f"paper-{head}-as-{how}" for head in ("dual", "cross") for how in ("coded", "described")}
    assert paper | {"best-practice-dual", "best-practice-cross"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_is_a_whole_config(name: str) -> None:
    values = recipes.read_recipe(name)
    config = make_config(values)
    assert config.training.max_epochs > 1
    assert {"data", "split", "negatives", "evaluation", "encoder", "head", "loss", "training"} <= set(values)
    assert not {"seed"} & set(values)  # the user's to choose
    line = recipes.summary(name)
    assert line.endswith(".")
    assert len(line) > 20


@pytest.mark.parametrize("name", NAMES)
def test_measured_values_have_degree_and_additive_rows_beside_them(name: str) -> None:
    regimes = recipes.measured(name)
    config = make_config(recipes.read_recipe(name))
    assert regimes or not name.startswith("paper-")
    if not regimes:  # nobody has run it as it is now
        assert recipes.measured_line(name) == "not measured yet"
        return
    assert set(config.evaluation.negatives) <= set(regimes)
    assert ("ranking" in regimes) == config.evaluation.ranking
    for rows in regimes.values():
        assert rows["model"]["seeds"] >= 3
        assert {"additive", "degree_product"} <= set(rows)
        assert len({row["seeds"] for row in rows.values()}) == 1
        assert recipes.best_degree(rows)[1] == max(rows[row]["auroc"] for row in DEGREES if row in rows)
        assert all(0 < row["auroc"] < 1 and not math.isnan(row["sd"]) for row in rows.values())
        assert f"{rows['model']['auroc']:.3f}" in recipes.measured_line(name)


def test_the_heads_of_a_pair_differ_in_nothing_else() -> None:
    """The dual encoder and the cross-encoder of a comparison: one source, one difference."""
    for pair in ("paper-{}-as-described", "best-practice-{}"):
        dual, cross = (recipes.read_recipe(pair.format(head)) for head in ("dual", "cross"))
        assert difference(dual, cross, make_config(cross).model_dump(mode="json")) == {"head": cross["head"]}


@pytest.mark.parametrize(("base", "name"), PAIRS)
def test_the_difference_of_two_recipes_leads_from_one_to_the_other(base: str, name: str) -> None:
    values, to = recipes.read_recipe(base), recipes.read_recipe(name)
    change = difference(values, to, make_config(to).model_dump(mode="json"))
    assert make_config(merge(values, change)) == make_config(to)
    assert bool(change) == (base != name)


COMPONENT = st.sampled_from(
    [
        None,
        "dual",
        {"name": "dual"},
        {"out_channels": 7},
        {"name": "dual", "dropout": 0.5},
        "cross",
        {"name": "cross", "hidden_channels": 9},
    ]
)
CONFIGS = st.fixed_dictionaries(
    {},
    optional={
        "head": COMPONENT.filter(lambda head: head is not None),
        "training": st.fixed_dictionaries(
            {}, optional={"lr": st.sampled_from([0.1, 0.2]), "patience": st.just(3)}
        ),
        "split_seed": st.sampled_from([None, 4]),
        "evaluation": st.just({"negatives": ["uniform"]}),
    },
)


@given(CONFIGS, CONFIGS)
def test_a_difference_leads_from_any_config_to_any_other(values: dict[str, Any], to: dict[str, Any]) -> None:
    full = make_config(to)
    change = difference(values, to, full.model_dump(mode="json"))
    assert make_config(merge(values, change)) == full


def test_a_study_builds_on_recipes(tmp_path: Path) -> None:
    """In a level a recipe is what it changes in the base, so that it leaves the other axes alone."""
    path = tmp_path / "study.yaml"
    path.write_text(
        "base: recipe:paper-dual-as-coded\n"
        "axes: {negatives.ratio: [5], model: {dual: {}, cross: recipe:paper-cross-as-coded}, seed: [1]}\n"
    )
    by_hand = [
        config_hash(make_config(merge(recipes.read_recipe(name), {"negatives": {"ratio": 5}, "seed": 1})))
        for name in ("paper-dual-as-coded", "paper-cross-as-coded")
    ]
    assert [cell.hash for cell in read_study(path).trials] == by_hand
    path.write_text(
        "base: {seed: 9, split_seed: 3, features: {kind: pca}, head: {name: cross, dropout: 0.1}}\n"
        "axes: {model: {a: recipe:best-practice-cross}}\n"
    )
    (cell,) = read_study(path).trials  # wholly that of the recipe, but for the seed
    assert cell.config == make_config(recipes.read_recipe("best-practice-cross") | {"seed": 9})


@pytest.mark.parametrize("where", ["base: recipe:nope\naxes: {}", "axes: {m: {a: recipe:nope}}"])
def test_an_unknown_recipe_lists_the_known(where: str, tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_text(where)
    with pytest.raises(InputError, match=r"unknown recipe 'nope'.*best-practice-dual"):
        read_study(path)


def test_a_new_recipe_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing else has to be touched; until somebody measures it, it says so."""
    (tmp_path / "mine.yaml").write_text("# Mine.\nhead: cross\n")
    monkeypatch.setattr(recipes, "FOLDER", tmp_path)
    assert recipes.recipe_names() == ["mine"]
    assert (recipes.summary("mine"), recipes.read_recipe("mine")) == ("Mine.", {"head": "cross"})
    assert recipes.measured_line("mine") == "not measured yet"
