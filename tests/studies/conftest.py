"""A tiny study whose trials train in a moment, and helpers to read one from a dictionary."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from grnpyg.studies import Study, Trial, read_study

ReadStudy = Callable[..., Study]


@pytest.fixture(scope="session")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """600 edges of 15 TFs to 100 genes."""
    tf, gene = np.divmod(np.random.default_rng(0).choice(15 * 100, 600, replace=False), 100)
    path = tmp_path_factory.mktemp("labels") / "labels.tsv"
    table = pd.DataFrame({"source": [f"TF{i}" for i in tf], "target": [f"G{i}" for i in gene]})
    table.to_csv(path, sep="\t", index=False)
    return path


@pytest.fixture(scope="session")
def base(labels: Path) -> dict[str, Any]:
    """The config of a trial, before its changes."""
    return {
        "data": {"expression": None, "labels": str(labels)},
        "encoder": {"name": "lookup", "embedding_dim": 4},
        "evaluation": {"negatives": ["uniform"]},
        "head": {"name": "dual", "hidden_channels": 8, "out_channels": 4},
        "training": {"max_epochs": 1, "batch_size": 256, "lr": 0.01},
    }


@pytest.fixture
def write(base: dict[str, Any], tmp_path: Path) -> Callable[..., Path]:
    """`write(axes={...}, ...)`: a study file on the tiny config, `study.yaml`."""

    def make(name: str = "study.yaml", **keys: Any) -> Path:
        path = tmp_path / name
        path.write_text(yaml.safe_dump({"base": base, **keys}, sort_keys=False))
        return path

    return make


@pytest.fixture
def study(write: Callable[..., Path]) -> ReadStudy:
    """`study(axes={...}, ...)`: the same, read."""
    return lambda **keys: read_study(write(**keys))


@pytest.fixture
def pretend() -> Callable[..., None]:
    """`pretend(runs, trial, {row: {metric: value}})`: the files of a finished run that a study reads."""

    def make(runs: Path, trial: Trial, rows: dict[str, dict[str, float]], **manifest: Any) -> None:
        from grnpyg.core.files import sha256

        folder = runs / trial.hash
        folder.mkdir(parents=True)
        lines = [
            (part, "uniform", row, metric, value + (part == "validation"))
            for part in ("validation", "test")
            for row, metrics in rows.items()
            for metric, value in metrics.items()
        ]
        table = pd.DataFrame(lines, columns=["part", "regime", "row", "metric", "value"])
        table.to_parquet(folder / "metrics.parquet", index=False)
        content = {
            "status": "complete",
            "seed": trial.config.seed,
            "parameters": {"total": 100},
            "best_epoch": 1,
            "epochs": 2,
            "seconds": 2.0,
            "inputs": {"labels": {"source": "labels.tsv", "sha256": "0"}},
            "machine": {"threads": 1},
            "versions": {"grnpyg": "0", "torch": "2"},
            "files": {"metrics.parquet": sha256(folder / "metrics.parquet")},
        }
        (folder / "manifest.json").write_text(json.dumps(content | manifest))

    return make
