"""What the user names replaces what a recipe or the defaults say, and stderr says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli.command import grnpyg

from grnpyg_cli.options import ExperimentOptions


@pytest.mark.parametrize(
    ("named", "note"),
    [
        (("--labels", "labels.tsv"), "note: no --data given: the bundled immune cells"),
        (("--data", "expression.h5ad"), "note: no --labels given: the bundled labels"),
        (("--data", "expression.h5ad", "--labels", "labels.tsv"), ""),
    ],
)
def test_data_without_labels_and_the_reverse_are_said(work: Path, named: tuple[str, ...], note: str) -> None:
    err = grnpyg("data", "check", *named).err
    assert (note in err) if note else ("note: no --" not in err)


def test_options_of_a_replaced_component_of_a_recipe_go(capsys: pytest.CaptureFixture[str]) -> None:
    options = ExperimentOptions(recipe="best-dual", assignments=["split.name=cold_start", "loss.name=focal"])
    assert options.make({}).split["name"] == "cold_start"
    assert "dropped: val_ratio, test_ratio" in capsys.readouterr().err


def test_an_option_names_what_it_drops(capsys: pytest.CaptureFixture[str]) -> None:
    config = ExperimentOptions(recipe="best-dual").make({}, {"encoder": "lookup"})
    assert config.encoder["name"] == "lookup"
    assert "encoder is lookup: options of sage dropped: hidden_channels" in capsys.readouterr().err


def test_data_keys_of_a_recipe_go_with_its_data_unless_they_are_set(
    capsys: pytest.CaptureFixture[str],
) -> None:
    recipe = ExperimentOptions(recipe="paper-dual-as-coded")
    assert recipe.make({}).data.allow_mixed_ids
    assert not recipe.make({"data": {"expression": "my.h5ad", "labels": "my.tsv"}}).data.allow_mixed_ids
    assert "data keys allow_mixed_ids" in capsys.readouterr().err
    same = {"expression": "brain", "labels": "paper-labels"}
    assert recipe.make({"data": same}) == recipe.make({})
    kept = {"expression": "my.h5ad", "labels": "my.tsv", "allow_mixed_ids": True}
    assert recipe.make({"data": kept}).data.allow_mixed_ids


def test_expression_of_a_recipe_may_fail_to_fit_and_that_of_the_user_may_not() -> None:
    recipe = ExperimentOptions(recipe="best")
    assert recipe.make({}).data.misfits == "say"
    assert recipe.make({"data": {"labels": "my.tsv"}}).data.misfits == "say"
    assert recipe.make({"data": {"labels": "my.tsv", "misfits": "refuse"}}).data.misfits == "refuse"
    for named in ({"expression": "my.h5ad"}, {"expression": "brain", "labels": "my.tsv"}):
        assert recipe.make({"data": named}).data.misfits == "refuse"
    named = ExperimentOptions(recipe="best", assignments=["data.expression=my.h5ad"])
    assert named.make({}).data.misfits == "refuse"


@pytest.mark.parametrize("epochs", [1, 0])
def test_training_that_ends_while_it_improves_is_said(work: Path, epochs: int) -> None:
    result = grnpyg("train", "--config", "small.yaml", "--max-epochs", epochs)
    assert result.code == 0, result.err
    assert ("the last epoch, 1, was the best" in result.err) == (epochs == 1)
