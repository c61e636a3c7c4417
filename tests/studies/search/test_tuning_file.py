"""What a tuning file may say, and what it is told when it says something else."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from studies.search.conftest import Values, go

from grnpyg.core.errors import InputError
from grnpyg.recipes import read_recipe
from grnpyg.resolve import make_config
from grnpyg.resolve.changes import merge
from grnpyg.studies.search import read_tuning
from grnpyg.studies.search.tuning_file import Parameter

Write = Callable[..., Path]


def test_models_are_changes_of_the_base(write: Write, values: Values) -> None:
    tuning = read_tuning(write())
    dual, cross = tuning.candidates
    assert (tuning.name, tuning.trials, tuning.seed) == ("tiny", 2, 42)
    assert tuning.objective.names == {"auroc@degree_matched": 2, "ap@uniform": 1}
    assert dual.config({}) == make_config(values["base"])
    assert cross.config({}) == make_config(merge(values["base"], values["models"]["cross"]))
    assert list(cross.space) == ["training.lr", "encoder.embedding_dim"]
    config = dual.config({"training.lr": 0.5, "head.similarity": "dot"})
    assert (config.training.lr, config.head["similarity"]) == (0.5, "dot")
    assert config.head["hidden_channels"] == 8


def test_base_and_models_may_be_recipes(write: Write) -> None:
    path = write(
        base="recipe:paper-dual-as-coded",
        models={"dual": {}, "cross": "recipe:paper-cross-as-coded"},
        objective="accuracy",
    )
    for candidate, name in zip(read_tuning(path, 5).candidates, ("dual", "cross"), strict=True):
        recipe = read_recipe(f"paper-{name}-as-coded")
        assert candidate.config({}) == make_config(recipe | {"seed": 5})


@pytest.mark.parametrize(
    ("parameter", "kind", "values"),
    [
        ({"low": 1, "high": 9, "step": 4}, "IntDistribution", {1, 5, 9}),
        ({"low": 1, "high": 3}, "IntDistribution", {1, 2, 3}),
        ({"low": 0.0, "high": 0.5, "step": 0.25}, "FloatDistribution", {0.0, 0.25, 0.5}),
        ({"choices": ["a", None, 2, 0.5]}, "CategoricalDistribution", {"a", None, 2, 0.5}),
    ],
)
def test_what_is_drawn(parameter: dict[str, Any], kind: str, values: set[Any]) -> None:
    """Every value of the space comes up, and no other."""
    import optuna

    found = Parameter.model_validate(parameter).distribution
    assert type(found).__name__ == kind
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    assert {study.ask({"key": found}).params["key"] for _ in range(60)} == values


LR = "training.lr"


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"spaces": {}}, r"unknown key 'spaces'.*space"),
        ({"space": {LR: {"low": 1, "hihg": 2}}}, r"space\.training\.lr: unknown key 'hihg'.*'high'"),
        (
            {"space": {"training.rate": {"low": 1, "high": 2}}},
            r"space\.training\.rate.*unknown key 'rate'.*lr",
        ),
        (
            {"space": {"head.dim": {"low": 1, "high": 2}}},
            r"space\.head\.dim.*model dual.*dim.*hidden_channels",
        ),
        ({"space": {LR: {"low": 0.1, "high": 0.1}}}, r"space\.training\.lr: has one value"),
        ({"space": {LR: {"low": 2, "high": 1}}}, r"low <= high.*low=2, high=1"),
        ({"space": {LR: {"low": 0.1}}}, r"space\.training\.lr: is not a range"),
        ({"space": {LR: {"low": 0, "high": 1, "log": True}}}, r"`low >= 1` must hold for `log=True`"),
        ({"space": {LR: {"low": 1, "high": 5, "log": True, "step": 2}}}, r"step is 1 when `log`"),
        ({"space": {LR: {"low": 1, "high": 6, "step": 2}}}, r"not divisible by `step`.*\[1, 5\]"),
        ({"space": {LR: {"low": 1, "high": 5, "step": 0}}}, r"`step > 0` must hold"),
        ({"space": {LR: {"low": True, "high": 5}}}, r"space\.training\.lr: low: .*a number is wanted"),
        ({"space": {LR: {"low": 1, "high": "x"}}}, r"space\.training\.lr: high: .*could not convert"),
        ({"space": {LR: {"low": 1, "high": float("inf")}}}, "high: .*a number is wanted"),
        ({"space": {LR: [1, 2]}}, r"space: training\.lr: .*dictionary"),
        ({"space": {LR: {"choices": [0.1]}}}, "has one value"),
        ({"space": {LR: {"choices": [1, 1.0]}}}, "one value twice"),
        ({"space": {LR: {"choices": [1, 2], "low": 1}}}, "has choices and a range"),
        (
            {"space": {LR: {"low": -1.0, "high": 0.1}}},
            r"space\.training\.lr = -1\.0, model dual: .*greater than 0",
        ),
        ({"space": {"loss": {"choices": ["bce", "nope"]}}}, r"space\.loss = nope.*unknown loss 'nope'"),
        ({"space": {"loss": {"choices": [{"name": "bce"}, "focal"]}}}, r"None, bool, int, float and str"),
        ({"space": {LR: {"low": 0.1, "high": 0.2, "models": "duel"}}}, "unknown model 'duel'.*'dual'"),
        (
            {"space": {LR: {"low": 0.1, "high": 0.2, "models": "dual"}}},
            "nothing of the space is for the model cross",
        ),
        ({"space": {"training.max_epochs": {"low": 1, "high": 2}}}, "the same in every trial"),
        ({"space": {"seed": {"low": 1, "high": 2}}}, r"space\.seed: decides what is measured"),
        ({"space": {"data.min_cells": {"low": 1, "high": 2}}}, r"space\.data\.min_cells: decides"),
        ({"models": {"a/b": {}}}, "the model's name 'a/b' is not a word"),
        (
            {"models": {"a": {}, "b": {"training": {"max_epochs": 9}}}},
            r"models\.b: training\.max_epochs is not that",
        ),
        ({"models": {"a": {}, "b": {"seed": 9}}}, r"models\.b: seed is not that of the first model"),
        ({"models": {"a": {"training": {"max_epochs": 0}}}}, "nothing is trained in 0 epochs"),
        ({"models": {"a": {"prune": [{"ratio": 0.5}]}}}, "a tuning has no pruning steps"),
        ({"models": {"a": {"encoder": {"nam": "mlp"}}}}, r"models\.a: .*nam"),
        ({"models": {"a": "nowhere.yaml"}}, r"nowhere\.yaml: cannot be read"),
        ({"models": {}}, "models"),
        ({"trials": 0}, "trials: .*greater than or equal to 1"),
        ({"objective": "auc"}, "objective: unknown metric 'auc'.*accuracy, ap, auroc"),
        ({"objective": "ap@hrad"}, "objective: unknown setting 'hrad'.*degree_matched, uniform"),
        ({"objective": "ap@hard"}, "unknown setting 'hard'"),
        ({"objective": {"ap": 1, "ap@uniform": 1}}, "ap@uniform is there twice"),
        ({"objective": {"ap": -1}}, "ap: .*greater than 0"),
        ({"objective": None}, "has no objective"),
    ],
)
def test_bad_files(keys: Values, says: str, write: Write) -> None:
    path = write(**keys)
    if "space" not in keys and "models" in keys:
        path = write(**keys, space={LR: {"low": 0.1, "high": 0.2}})
    with pytest.raises(InputError, match=says) as error:
        read_tuning(path)
    assert "\n" not in str(error.value)


def test_features_that_decide_the_hard_negatives_stay(write: Write, values: Values) -> None:
    space = {"features.n_components": {"low": 2, "high": 5}}
    read_tuning(write(space=space))
    base = values["base"] | {"evaluation": {"negatives": ["uniform", "hard"]}}
    base["training"] = {"max_epochs": 1}
    with pytest.raises(InputError, match=r"features\.n_components: changes which pairs are hard"):
        read_tuning(write(space=space, base=base, objective="ap"))


def test_without_optuna(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(InputError, match=r'Optuna is not installed\. Pip install "grnpyg\[tune\]"'):
        go(write(), tmp_path / "runs")
    assert not (tmp_path / "runs").exists()
