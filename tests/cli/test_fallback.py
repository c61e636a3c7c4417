"""A run that hands out a baseline because the trained model is worse on the validation pairs."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from cli.command import grnpyg

import grnpyg as gp

SMALL = ("--config", "small.yaml")
UNTRAINED = ("--set", "training.lr=1e-9")  # the weights stay where they were drawn: worse than degree


@pytest.fixture
def handed_out(work: Path) -> Path:
    """The run of a model that learned nothing, with `fallback`."""
    return Path(grnpyg("train", *SMALL, *UNTRAINED, "--set", "fallback=true", "--json").json["run"])


def values(run: Path, method: str) -> pd.DataFrame:
    table = pd.read_parquet(run / "metrics.parquet")
    return table[table["row"] == method].drop(columns="row").reset_index(drop=True)


def test_the_best_baseline_on_validation_scores_in_place_of_the_model(handed_out: Path) -> None:
    """Its figures stand in the line of the model, those of the trained model in a line of their own."""
    name = json.loads((handed_out / "manifest.json").read_text())["handed_out"]
    table = pd.read_parquet(handed_out / "metrics.parquet")
    validation = table[(table["part"] == "validation") & (table["metric"] == "ap")].set_index("row")["value"]
    assert validation[name] == validation.drop(["model", "model_trained", "model_last"]).max()
    assert validation[name] > validation["model_trained"]
    pd.testing.assert_frame_equal(values(handed_out, "model"), values(handed_out, name))
    said = grnpyg("eval", handed_out, "--json").json
    assert said["regimes"]["uniform"]["auroc"] == said["baselines"][name]["uniform"]["auroc"]
    assert said["baselines"]["model_trained"]["uniform"]["auroc"] != said["regimes"]["uniform"]["auroc"]


def test_predict_and_the_door_use_the_baseline(handed_out: Path) -> None:
    """The network of the run is that of a run of the baseline alone."""
    name = json.loads((handed_out / "manifest.json").read_text())["handed_out"]
    alone = Path(grnpyg("train", *SMALL, "--baseline", name, "--json").json["run"])
    edges = [gp.predict(path, top=50) for path in (handed_out, alone)]
    pd.testing.assert_frame_equal(*edges)
    loaded = gp.load(handed_out).predict(top=50)
    assert list(loaded["target"]) == list(edges[0]["target"])
    assert loaded["importance"].tolist() == edges[0]["importance"].tolist()


@pytest.mark.parametrize("command", ["eval", "predict"])
def test_what_reads_the_run_says_so(handed_out: Path, command: str) -> None:
    name = json.loads((handed_out / "manifest.json").read_text())["handed_out"]
    assert f"scores with the baseline {name}" in grnpyg(command, handed_out).err


def test_train_says_which_baseline_is_better_and_what_the_run_scores_with(work: Path) -> None:
    """Without `fallback` the model stays, and the note names the option."""
    kept = grnpyg("train", *SMALL, *UNTRAINED)
    assert "beats the trained model on the validation pairs" in kept.err
    assert "--set fallback=true" in kept.err
    changed = grnpyg("train", *SMALL, *UNTRAINED, "--set", "fallback=true")
    assert "this run scores with it" in changed.err


@pytest.mark.parametrize(("head", "better"), [("dual", False), ("cross", True)])
def test_a_better_model_is_kept(work: Path, head: str, better: bool) -> None:
    """`fallback` hands out a baseline if and only if it is better on the monitored metric."""
    options = ("--set", "evaluation.baselines=[random]", "--set", "training.monitor=accuracy", "--json")
    changed = ("--head", head, "--max-epochs", 30, "--set", "fallback=true")
    said = grnpyg("train", *SMALL, *changed, *options).json
    manifest = json.loads((Path(said["run"]) / "manifest.json").read_text())
    table = pd.read_parquet(Path(said["run"]) / "metrics.parquet")
    table = table[(table["part"] == "validation") & (table["metric"] == "accuracy")]
    accuracy = table.set_index("row")["value"].dropna()
    trained = accuracy["model" if better else "model_trained"]
    assert (trained >= accuracy["additive"]) == better, "the only baseline whose scores are logits"
    assert ("handed_out" in manifest) == (not better)
