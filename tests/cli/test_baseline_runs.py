"""Runs whose model is a baseline: the same directory, files and commands as a trained model's."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from cli.command import contents, grnpyg, refused

from grnpyg.core.errors import InputError
from grnpyg.resolve import make_config
from grnpyg.studies import read_study, resolve_widths

SMALL = ("--config", "small.yaml", "--json")


@pytest.fixture
def svd(work: Path) -> Path:
    """The run of `svd`, beside it those of the lists of small.yaml."""
    return Path(grnpyg("train", *SMALL, "--baseline", "svd").json["run"])


def lines(run: Path, method: str) -> pd.DataFrame:
    table = pd.read_parquet(run / "metrics.parquet")
    return table[table["row"] == method].drop(columns="row").reset_index(drop=True)


def test_the_model_is_the_baseline(work: Path) -> None:
    """Its scores are those of the same baseline beside another model, on the same pairs."""
    said = grnpyg("train", *SMALL, "--baseline", "tf_degree").json
    beside = grnpyg("train", *SMALL).json
    run, other = Path(said["run"]), Path(beside["run"])
    assert run != other
    assert (said["best_epoch"], said["epochs"], said["status"]) == (0, 0, "complete")
    assert said["validation"] == beside["baselines"]["tf_degree"] == said["baselines"]["tf_degree"]
    pd.testing.assert_frame_equal(lines(run, "model"), lines(other, "tf_degree"))
    stored, theirs = (json.loads((path / "manifest.json").read_text()) for path in (run, other))
    assert stored["rows"]["model"]["parameters"] == theirs["rows"]["tf_degree"]["parameters"]
    assert stored["split"] == theirs["split"]
    assert theirs["rows"]["model"]["macs_per_pair"] > 0
    assert theirs["rows"]["model"]["parameters"] == beside["parameters"]
    assert {path.name for path in run.iterdir()} == {path.name for path in other.iterdir()}
    again = grnpyg("train", *SMALL, "--baseline", "tf_degree").json
    assert (again["run"], again["reused"]) == (said["run"], True)


@pytest.mark.parametrize("baseline", ["svd", "additive", "bpr"])
@pytest.mark.slow
def test_a_run_is_fitted_anew_to_the_same_scores(work: Path, baseline: str) -> None:
    options = ("--set", "baseline.epochs=2") if baseline == "bpr" else ()
    run = Path(grnpyg("train", *SMALL, "--baseline", baseline, *options).json["run"])
    said = grnpyg("eval", run, "--ranking", "--json").json
    stored = lines(run, "model")
    stored = stored[stored["part"] == "test"].set_index("metric")["value"]
    shown = said["regimes"]["uniform"]
    assert {name: shown[name] for name in ("auroc", "ap")} == stored[["auroc", "ap"]].to_dict()
    assert ("accuracy" in shown) == (baseline == "additive")  # whose scores are logits
    assert said["ranking"]["per_tf_auroc"] > 0
    assert grnpyg("predict", run, "-o", "edges.parquet").code == 0
    edges = pd.read_parquet("edges.parquet").set_index(["TF", "target"])
    assert edges["importance"].is_monotonic_decreasing
    assert edges["probability"].is_monotonic_decreasing  # learned from any score, a logit or not
    assert edges["probability"].between(0, 1, inclusive="neither").all()
    pairs = pd.read_parquet(run / "predictions.parquet").set_index(["TF", "target"])["logit"]
    np.testing.assert_allclose(edges["importance"].reindex(pairs.index), pairs, rtol=1e-12)


def test_compare_takes_runs_of_both_kinds(svd: Path) -> None:
    trained = grnpyg("train", *SMALL).json["run"]
    said = grnpyg("compare", trained, svd, "--ranking", "--json").json
    of = {run: lines(Path(run), "model").set_index(["part", "metric"])["value"] for run in (trained, svd)}
    found = said["parts"]["test"]["uniform"]
    assert found["auroc_a"] == of[trained]["test", "auroc"]
    assert found["auroc_b"] == pytest.approx(of[svd]["test", "auroc"], abs=1e-6)  # compared as float32
    assert said["parts"]["test"]["ranking"]["paired"]


def test_scores_that_are_no_logits_are_calibrated_by_their_order(svd: Path) -> None:
    refused("predict", svd, "-o", "edges.tsv", "--calibrate", "temperature", says=("svd", "isotonic"))
    refused("eval", svd, "--calibrate", "temperature", says=("not logits", "isotonic"))
    assert grnpyg("predict", svd, "-o", "edges.tsv", "--calibrate", "isotonic").code == 0
    assert pd.read_csv("edges.tsv", sep="\t")["probability"].between(0, 1).all()


def test_what_needs_units_or_widths_is_refused(svd: Path) -> None:
    refused("prune", svd, "--ratio", "0.5", says=("baseline svd", "no units to prune"))
    refused("effective-rank", svd, says=("baseline svd", "without encoder"))
    refused("train", *SMALL, "--set", "baseline=svd", "--match", "500", says=("--match", "no widths"))
    for options in (("--head", "cross"), ("--encoder", "mlp"), ("--match", "500"), ("--max-epochs", "3")):
        says = (options[0], "leave one of them out")
        refused("train", *SMALL, "--baseline", "svd", *options, says=says)
    refused("train", *SMALL, "--baseline", "svd", "--keep-optimizer", says=("--keep-optimizer",))
    refused("train", *SMALL, "--baseline", "sdv", says=("unknown baseline 'sdv'", "did you mean 'svd'"))
    assert not list(Path("runs").glob(".partial/*"))


def test_a_plug_in_that_changed_is_not_fitted(work: Path) -> None:
    source = """
from grnpyg.models.baselines import Baseline
class Mine(Baseline):
    def fit(self, split, pairs): pass
    def score(self, edge_label_index): return edge_label_index[0].numpy() * 1.0
"""
    Path("mine.py").write_text(source)
    run = Path(grnpyg("train", *SMALL, "--baseline", "mine:Mine").json["run"])
    assert json.loads((run / "manifest.json").read_text())["rows"]["model"]["parameters"] is None
    assert grnpyg("eval", run, "--json").code == 0
    Path("mine.py").write_text(source.replace("[0]", "[1]"))
    refused("eval", run, says=("mine.py", "was changed after the run was trained"))


def test_a_study_may_have_a_baseline_as_a_level(work: Path) -> None:
    Path("study.yaml").write_text(
        "base: small.yaml\naxes: {model: {dual: {}, svd: {baseline: svd}}, seed: [1, 2]}\n"
        "compare: {axis: model, level: dual, to: svd}\n"
    )
    before = contents(Path.cwd())
    said = grnpyg("study", "status", "study.yaml", "--json").json
    assert (said["trials"], said["pending"]) == (4, 4)
    assert contents(Path.cwd()) == before


@pytest.mark.slow
def test_a_baseline_has_no_widths_to_match(work: Path) -> None:
    """Beside matched models it stays as it is; nothing is matched to it."""
    cross = "{head: {name: cross, hidden_channels: 9}}"
    axes = f"base: small.yaml\naxes: {{model: {{dual: {{}}, cross: {cross}, svd: {{baseline: svd}}}}}}\n"
    Path("study.yaml").write_text(f"{axes}match: {{axis: model, to: dual}}\n")
    dual, matched, svd = resolve_widths(read_study(Path("study.yaml"))).trials
    assert (dual.notes, svd.notes) == ((), ())
    assert "matched to" in matched.notes[0]
    assert svd.config == make_config(yaml.safe_load(Path("small.yaml").read_text()) | {"baseline": "svd"})
    Path("study.yaml").write_text(f"{axes}match: {{axis: model, to: svd, levels: [cross]}}\n")
    with pytest.raises(InputError, match="svd is a baseline"):
        resolve_widths(read_study(Path("study.yaml")))
