"""Values of a wrong kind that Python code hands over: one `InputError` each, nothing of Python's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from api.test_door import files_config

import grnpyg as gp
from grnpyg.core.errors import InputError
from grnpyg.training import TrainOptions

WRONG: dict[str, tuple[Callable[[Any], object], str]] = {
    "no config": (lambda run: gp.train("small.yaml"), "a str is not a config"),
    "options as a mapping": (lambda run: gp.train({}, {"runs": "x"}), "TrainOptions"),
    "an option of no one": (lambda run: gp.train({}, sai=print), "did you mean 'say'"),
    "no function": (lambda run: gp.train({}, prepared=3), "cannot be called"),
    "both": (lambda run: gp.train({}, TrainOptions(resume=True, overwrite=True)), "give one"),
    "no devices": (lambda run: gp.train({}, TrainOptions(devices=0)), "devices: 0 is not a whole"),
    "half a pair": (lambda run: gp.predict(run, top=2.5), "top: 2.5 is not a whole number"),
    "a text as a number": (lambda run: gp.predict(run, top="5"), "top: '5' is not a whole number"),
    "a truth as a number": (lambda run: gp.predict(run, top=True), "top: True is not a whole number"),
    "a misspelt option": (lambda run: gp.predict(run, tops=5), "did you mean 'top'"),
    "a prior of letters": (lambda run: gp.predict(run, calibrate="none", prior="x"), "x is no prior"),
    "a number as a run": (lambda run: gp.load(5), "a int is not the folder"),
    "nothing as a run": (lambda run: gp.compare(run, None), "a NoneType is not a run"),
    "bytes as a run": (lambda run: gp.predict(b"runs"), "a bytes is not a run"),
    "a zero byte": (lambda run: gp.load("a\0b"), "zero byte"),
    "no resamples": (lambda run: gp.compare(run, run, resamples=0), "resamples: 0"),
    "half a resample": (lambda run: gp.evaluate(run, resamples=2.5), "resamples: 2.5"),
    "one setting": (lambda run: gp.evaluate(run, negatives=5), "negatives: 5 is not a list"),
    "a ratio of letters": (lambda run: gp.prune(run, "x"), "'x' is not a share"),
    "a number as a folder": (lambda run: gp.prune(run, 0.5, runs=5), "a int is not a folder of runs"),
    "a number as structure": (lambda run: gp.LinkPredictor(structure=3), "a int holds no options"),
    "no pair features": (lambda run: gp.LinkPredictor("none", "zero"), "gives every pair the same score"),
    "an unknown pair feature": (
        lambda run: gp.LinkPredictor(structure={"features": ["x"]}),
        "unknown pair_feature 'x'",
    ),
    "an option of no structure": (lambda run: gp.LinkPredictor(structure={"foo": 1}), "unknown option 'foo'"),
    "a number of genes": (lambda run: gp.build_grn(None, {"TFA": 5}), "the genes of TFA: 5 is not a list"),
    "a number of statistics": (
        lambda run: gp.build_grn(None, {"TFA": ["G1"]}, coexpression=5),
        "coexpression: 5 is not a list",
    ),
}


@pytest.fixture(scope="module")
def run(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small run that stays as it is."""
    files = (project / "expression.h5ad", project / "labels.tsv")
    config = {**files_config(files), "training": {"max_epochs": 1}}
    return gp.train(config, TrainOptions(str(tmp_path_factory.mktemp("runs")))).path  # type: ignore[arg-type]


@pytest.mark.parametrize("name", WRONG)
def test_a_value_of_a_wrong_kind_is_one_line(name: str, run: Path, tmp_path: Path) -> None:
    call, says = WRONG[name]
    with pytest.raises(InputError) as caught:
        call(run)
    assert says.lower() in str(caught.value).lower()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["config", "split", "model", "scorer", "history", "best_epoch"])
def test_what_only_a_fitted_predictor_has(name: str) -> None:
    model = gp.LinkPredictor()
    with pytest.raises(InputError, match=r"not fitted\. Call fit"):
        getattr(model, name)
    assert not hasattr(model, name)


def test_an_attribute_of_no_predictor_is_pythons_error() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        gp.LinkPredictor().nothing  # noqa: B018


def test_a_run_is_named_by_a_text_or_a_path(run: Path) -> None:
    assert gp.Run.load(str(run)).path == gp.Run.load(run).path
