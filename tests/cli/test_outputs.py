"""A model of pair features with an output for each kind of negatives and a top, through the commands."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cli.command import grnpyg

import grnpyg as gp
from grnpyg.training.checkpoint import SafeCheckpointIO

CONFIG = """\
data: {expression: null, labels: labels.tsv}
evaluation: {negatives: [uniform, same_tf], baselines: [degree_product]}
encoder: none
head: zero
structure:
  {features: [degree, ease, walks], top_features: [degree], outputs: [uniform, same_tf], hidden_channels: 8}
training: {max_epochs: 3, batch_size: 128, lr: 0.01, disjoint_train_ratio: 0.25, schedule: cosine, keep: last}
"""
TRAIN = ("train", "--config", "outputs.yaml", "--json")
OUTPUTS = {"model_uniform", "model_same_tf", "model_top"}


@pytest.fixture(scope="module")
def outputs(project: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `train --json` said of such a run, trained once; the current folder is that of the run."""
    folder = tmp_path_factory.mktemp("outputs") / "work"
    shutil.copytree(project, folder)
    (folder / "outputs.yaml").write_text(CONFIG)
    here = Path.cwd()
    os.chdir(folder)
    try:
        said = grnpyg(*TRAIN).json
    finally:
        os.chdir(here)
    return said | {"path": folder / said["run"], "folder": folder}


@pytest.fixture
def again(outputs: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """`again("--runs", "other")`: trains in the folder of the run."""
    monkeypatch.chdir(outputs["folder"])
    return lambda *arguments: grnpyg(*TRAIN, *arguments).json


def test_every_output_has_a_row_of_its_own(outputs: dict[str, Any]) -> None:
    table = pd.read_parquet(outputs["path"] / "metrics.parquet")
    assert set(table["row"]) >= {"model", *OUTPUTS}
    auroc = table[(table["part"] == "test") & (table["metric"] == "auroc")]
    by_row = auroc.pivot_table(index="row", columns="regime", values="value")
    assert set(by_row.columns) >= {"uniform", "same_tf"}
    rows = by_row.loc[["model", *sorted(OUTPUTS)]]
    assert not rows.isna().any(axis=None)
    assert not rows.duplicated().any(), "two rows are of one output"


def test_eval_shows_them_with_the_numbers_that_train_stored(outputs: dict[str, Any]) -> None:
    said = grnpyg("eval", outputs["path"], "--resamples", 0, "--json").json
    stored = pd.read_parquet(outputs["path"] / "metrics.parquet")
    stored = stored[(stored["part"] == "test") & (stored["metric"] == "auroc")]
    rows = {"model": said["regimes"]} | said["baselines"]
    assert set(rows) >= OUTPUTS
    for row, regime, value in zip(*(stored[name] for name in ("row", "regime", "value")), strict=True):
        if row in OUTPUTS | {"model"}:
            assert rows[row][regime]["auroc"] == value, (row, regime)
    shown = grnpyg("eval", outputs["path"]).out
    for row in ("pair features", "uniform", "same_tf", "top"):
        assert row in shown


def test_predict_ranks_every_pair_by_the_score_that_was_stored(
    outputs: dict[str, Any], tmp_path: Path
) -> None:
    result = grnpyg("predict", outputs["path"], "-o", tmp_path / "edges.parquet")
    assert result.code == 0, result.err
    network = pd.read_parquet(tmp_path / "edges.parquet")
    assert np.isfinite(network["importance"]).all()
    assert network["importance"].is_monotonic_decreasing
    stored = pd.read_parquet(outputs["path"] / "predictions.parquet")
    both = stored.merge(network, on=["TF", "target"])
    assert len(both) == len(stored)
    np.testing.assert_allclose(both["logit"], both["importance"], rtol=1e-4, atol=1e-5)
    loaded = gp.load(outputs["path"]).predict(top=50)
    assert list(loaded["target"]) == list(network["target"][:50])
    assert loaded["importance"].tolist() == network["importance"][:50].tolist()


def test_an_interrupted_training_resumes_to_the_same_bits(
    outputs: dict[str, Any], again: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped after the second checkpoint; the learning rate and the scales go on where they were."""
    save, saved = SafeCheckpointIO.save_checkpoint, list[str]()

    def stopping(self: SafeCheckpointIO, *args: Any, **options: Any) -> None:
        save(self, *args, **options)
        saved.append("one")
        if len(saved) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(SafeCheckpointIO, "save_checkpoint", stopping)
    stopped = grnpyg(*TRAIN, "--runs", "other")
    assert stopped.code != 0 or '"interrupted"' in stopped.out
    monkeypatch.setattr(SafeCheckpointIO, "save_checkpoint", save)
    resumed = Path(again("--runs", "other", "--resume")["run"])
    for name in ("model.safetensors", "split.safetensors", "config.yaml"):
        assert (resumed / name).read_bytes() == (outputs["path"] / name).read_bytes(), name
    for name in ("predictions.parquet", "metrics.parquet"):
        ours, theirs = (pd.read_parquet(path / name) for path in (resumed, outputs["path"]))
        pd.testing.assert_frame_equal(ours, theirs, check_exact=True)
