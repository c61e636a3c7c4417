from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from grnpyg.core.config import TrainingConfig
from grnpyg.core.errors import InputError
from grnpyg.studies import Study
from grnpyg.studies.bench import read_suite

SHIPPED = Path(__file__).resolve().parents[3] / "benchmarks" / "bench" / "suite.yaml"


def suite(folder: Path, **content: object) -> Study:
    path = folder / "suite.yaml"
    path.write_text(yaml.safe_dump({"base": {}} | content))
    return read_suite(path)


def test_every_entry_is_a_model_of_its_own(tmp_path: Path) -> None:
    found = suite(
        tmp_path,
        seeds=[1, 2],
        baselines={"svd": None, "svd-9": {"name": "svd", "num_components": 9}},
        models={"cross": {"head": "cross"}},
    )
    trials = {(trial.levels["entry"], trial.levels["seed"]): trial.config for trial in found.trials}
    entries = ["cross", "degree_product", "additive", "svd", "svd-9"]
    assert list(trials) == [(entry, seed) for entry in entries for seed in ("1", "2")]
    assert trials["svd", "2"].seed == 2
    assert trials["svd", "1"].baseline == {"name": "svd", "num_components": 4}
    assert trials["svd-9", "1"].baseline == {"name": "svd", "num_components": 9}
    assert trials["degree_product", "1"].baseline == {"name": "degree_product"}
    assert trials["cross", "1"].baseline is None
    assert trials["cross", "1"].head["name"] == "cross"
    assert trials["cross", "1"].training == TrainingConfig()
    assert all(config.evaluation.ranking for config in trials.values())
    assert {config.evaluation.baselines for config in trials.values()} == {()}


def test_a_list_names_baselines(tmp_path: Path) -> None:
    found = suite(tmp_path, baselines=["svd", {"name": "ease_gene", "regularisation": 3}])
    given = [trial.config.baseline for trial in found.trials[2:]]
    assert given == [{"name": "svd", "num_components": 4}, {"name": "ease_gene", "regularisation": 3}]


def test_a_baselines_run_does_not_depend_on_the_models_of_the_base(tmp_path: Path) -> None:
    """So that two suites share it."""
    base = {"encoder": {"name": "mlp"}, "head": "cross", "training": {"lr": 0.1, "monitor": "auroc"}}
    small, other = (suite(tmp_path, base=values).trials[0] for values in ({}, base))
    assert small.hash == other.hash


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"data": {"min_cells": 3}}, "data"),
        ({"split": "cold_start"}, "split"),
        ({"split_seed": 3}, "split_seed"),
        ({"control": "rewired_labels"}, "control"),
        ({"evaluation": {"ratio": 2}}, "evaluation.ratio"),
        ({"evaluation": {"negatives": ["uniform"]}}, "evaluation.negatives"),
    ],
)
def test_a_model_cannot_change_the_pairs(tmp_path: Path, change: dict[str, object], named: str) -> None:
    with pytest.raises(InputError, match=f"other: changes {named}, which all entries share"):
        suite(tmp_path, models={"other": change})


@pytest.mark.skipif(not SHIPPED.is_file(), reason="needs the benchmarks of the repository")
def test_the_shipped_suite_holds_every_baseline_of_pyg() -> None:
    from grnpyg.models.baselines import baselines
    from grnpyg.models.baselines.pyg_model import PyGModel

    found = read_suite(SHIPPED)
    built = {name for name in baselines.names() if issubclass(baselines.get(name), PyGModel)}
    closed = {"degree_product", "additive", "ease_gene", "ease_tf", "svd"}
    assert {trial.levels["entry"] for trial in found.trials} == built | closed
    assert {trial.config.seed for trial in found.trials} == {42, 123, 456, 789, 1337}
