"""What `train` and `eval` promise: the same again to the bit, and the numbers that the run itself holds."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from cli.command import contents, grnpyg
from sklearn.metrics import average_precision_score, roc_auc_score

TRAIN = ("train", "--config", "small.yaml")
METRICS = {
    "auroc",
    "ap",
    "accuracy",
    "f1",
    "distinct_scores",
    "positives",
    "negatives",
    "auroc_probability",
    "ap_probability",
    "auprc",
    "auprc_ratio",
    "epr",
    "distinct_probabilities",
    "gain_over_degree",
    "gain_over_additive",
    "degree_spearman",
    "auroc_low_degree",
    "auroc_middle_degree",
    "auroc_high_degree",
}
NONE = ("--resamples", 0)  # no intervals: what is left is what `train` stored
BASELINES = {"tf_degree", "gene_degree", "degree_product", "additive", "namespace_match"}


def predictions(run: Path | str) -> pd.DataFrame:
    return pd.read_parquet(Path(run) / "predictions.parquet")


def test_the_same_config_gives_the_same_bits(trained: Any, work: Path) -> None:
    again = grnpyg(*TRAIN, "--runs", "other", "--json").json
    assert Path(again["run"]).name == trained.run.name
    pd.testing.assert_frame_equal(predictions(again["run"]), predictions(trained.run), check_exact=True)
    for name in ("model.safetensors", "split.safetensors", "graph.safetensors", "config.yaml"):
        assert (Path(again["run"]) / name).read_bytes() == (trained.run / name).read_bytes(), name
    assert again["validation"] == trained.json["validation"]


def test_options_and_file_and_assignments_are_one_config(trained: Any, work: Path) -> None:
    config = yaml.safe_load(Path("small.yaml").read_text())
    flat = [
        f"{section}.{key}={value}"
        for section, keys in config.items()
        if section != "data"
        for key, value in keys.items()
    ]
    arguments = [part for assignment in flat for part in ("--set", assignment)]
    given = ("--data", "expression.h5ad", "--labels", "labels.tsv", "--max-epochs", 0)
    by_options = grnpyg("train", *arguments, "--set", "training.max_epochs=2", *given, "--json").json
    assert by_options["config_hash"] == trained.json["config_hash"]


def test_another_seed_gives_other_pairs_and_other_scores(trained: Any, work: Path) -> None:
    other = grnpyg(*TRAIN, "--seed", 43, "--json").json
    assert other["config_hash"] != trained.json["config_hash"]
    first, second = predictions(trained.run), predictions(other["run"])
    assert not first[["TF", "target"]].equals(second[["TF", "target"]])


def test_a_second_train_hands_back_the_run_without_training(
    trained: Any, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def train_again(*_: object, **__: object) -> None:
        raise AssertionError("trained again")

    monkeypatch.setattr(importlib.import_module("grnpyg.training.train"), "fit", train_again)
    before = contents(run)
    assert grnpyg(*TRAIN, "--json").json == trained.json | {"reused": True}
    assert contents(run) == before


def test_the_json_of_train(trained: Any) -> None:
    said = trained.json
    assert {"run", "parameters", "best_epoch", "validation", "seconds"} <= said.keys()
    assert said["validation"].keys() >= METRICS
    assert said["baselines"].keys() == BASELINES
    assert said["other_weights"].keys() == {"model_last"}
    assert said["parameters"] == said["parameters_by_part"]["encoder"] + said["parameters_by_part"]["head"]
    assert 1 <= said["best_epoch"] <= said["epochs"] == 2
    manifest = json.loads((trained.run / "manifest.json").read_text())
    assert manifest["parameters"]["total"] == said["parameters"]


@pytest.mark.slow
def test_no_epochs_still_give_a_run(work: Path) -> None:
    untrained = grnpyg(*TRAIN, "--max-epochs", 0, "--json").json
    assert (untrained["best_epoch"], untrained["epochs"]) == (0, 0)
    assert untrained["parameters"] > 0
    assert not (work / "runs" / ".partial" / untrained["config_hash"]).exists()
    assert grnpyg("eval", untrained["run"]).code == 0
    assert grnpyg("predict", untrained["run"], "--top", 1).code == 0


@pytest.mark.parametrize("split", ["validation", "test"])
def test_eval_gives_the_numbers_that_train_stored(trained: Any, split: str) -> None:
    result = grnpyg("eval", trained.run, "--split", split, *NONE, "--json").json
    assert result["split"] == split
    assert result["run"] == str(trained.run)
    assert result["baselines"].keys() == BASELINES
    assert result["regimes"]["uniform"].keys() == METRICS
    rows = {"model": result["regimes"]} | result["baselines"]
    stored = pd.read_parquet(trained.run / "metrics.parquet")
    stored = stored[(stored["part"] == split) & (stored["row"] != "model_last")]  # its weights are not kept
    for row, regime, metric, value in zip(
        *(stored[name] for name in ("row", "regime", "metric", "value")), strict=True
    ):
        assert rows[row][regime][metric] == value
    values = [v for regimes in rows.values() for metrics in regimes.values() for v in metrics.values()]
    assert len(stored) == sum(value is not None for value in values)  # a correlation with a constant is none
    if split == "validation":
        assert result["regimes"]["uniform"] == trained.json["validation"]


@pytest.mark.parametrize("split", ["validation", "test"])
def test_the_stored_predictions_give_the_same_numbers_elsewhere(trained: Any, split: str) -> None:
    metrics = grnpyg("eval", trained.run, "--split", split, "--json").json["regimes"]["uniform"]
    table = predictions(trained.run)
    table = table[table["part"] == split]
    label, logit = table["label"].to_numpy(), table["logit"].to_numpy()
    assert metrics["auroc"] == pytest.approx(roc_auc_score(label, logit), abs=1e-12)
    assert metrics["ap"] == pytest.approx(average_precision_score(label, logit), abs=1e-12)
    assert metrics["accuracy"] == pytest.approx(np.mean((logit > 0) == label), abs=1e-12)
    assert metrics["positives"] == label.sum()
    assert metrics["negatives"] == len(label) - label.sum()
    assert metrics["distinct_scores"] == len(set(logit.tolist()))


def test_no_evaluation_pair_was_a_training_edge(trained: Any) -> None:
    from grnpyg.runs import Run

    run = Run.load(trained.run)
    table = predictions(trained.run)
    names = [run.graph[kind].name for kind in ("tf", "gene")]
    train = {(names[0][tf], names[1][gene]) for tf, gene in run.split.positives["train"].t().tolist()}
    assert train.isdisjoint(zip(table["TF"], table["target"], strict=True))
    assert not table.duplicated(["TF", "target"]).any()


@pytest.mark.parametrize("head", ["dual", "cross"])
def test_bf16_trains(work: Path, head: str) -> None:
    """A fused Adam and gradient clipping exclude each other under mixed precision: it never trained."""
    result = grnpyg(*TRAIN, "--precision", "bf16", "--head", head, "--max-epochs", 1, "--json").json
    assert result["best_epoch"] == 1


def test_training_that_diverges_says_so(work: Path) -> None:
    result = grnpyg(*TRAIN, "--set", "training.lr=1e30")
    assert result.code == 1
    assert "Traceback" not in result.err
    assert result.err.splitlines()[-1].startswith("failed: ")
    assert "training.lr" in result.err.splitlines()[-1]


def test_match_gives_two_heads_of_one_size(trained: Any, work: Path) -> None:
    first = grnpyg(*TRAIN, "--set", "head.hidden_channels=1024", "--max-epochs", 0, "--json").json
    second = grnpyg(*TRAIN, "--head", "cross", "--max-epochs", 0, "--match", first["run"], "--json").json
    by_count = grnpyg(
        *TRAIN, "--head", "cross", "--max-epochs", 0, "--match", f"{first['parameters']:,}", "--json"
    ).json
    assert second["parameters"] == pytest.approx(first["parameters"], rel=1e-3)
    assert by_count["run"] == second["run"]
    notes = json.loads((Path(second["run"]) / "manifest.json").read_text())["notes"]
    assert f"{first['parameters']:,}" in notes[0]


def test_a_component_named_again_keeps_its_options_and_another_does_not(work: Path) -> None:
    same = grnpyg(*TRAIN, "--head", "dual", "--max-epochs", 0, "--json").json
    other = grnpyg(*TRAIN, "--head", "cross", "--max-epochs", 0, "--json").json
    heads = [yaml.safe_load((Path(r["run"]) / "config.yaml").read_text())["head"] for r in (same, other)]
    assert (heads[0]["hidden_channels"], heads[1]["name"]) == (16, "cross")
    assert heads[1].get("hidden_channels") != 16


def test_the_table_for_people_names_every_baseline_and_the_next_command(work: Path) -> None:
    result = grnpyg(*TRAIN)
    assert result.code == 0
    run = result.out.splitlines()[-1].removeprefix("run: ")
    assert Path(run).is_dir()
    for row in ("lookup + dual", *BASELINES):
        assert row in result.out
    assert f"next: grnpyg eval {run}" in result.err
    assert "400 known edges" in result.err
    assert "\x1b" not in result.out + result.err
    shown = grnpyg("eval", run).out
    assert "test, uniform negatives" in shown
    for row in ("lookup + dual", *BASELINES):
        assert row in shown
