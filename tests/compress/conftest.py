"""A small experiment on files, quick enough to be trained many times."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from grnpyg.config import ExperimentConfig, make_config


@pytest.fixture(scope="session")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1,200 edges of 25 TFs to 150 genes, denser where TF and gene belong to the same half."""
    rng = np.random.default_rng(0)
    tf, gene = np.divmod(np.arange(25 * 150), 150)
    weight = np.where(tf % 2 == gene % 2, 4.0, 1.0)
    chosen = rng.choice(tf.size, 1200, replace=False, p=weight / weight.sum())
    table = pd.DataFrame(
        {"source": [f"TF{i}" for i in tf[chosen]], "target": [f"G{i}" for i in gene[chosen]]}
    )
    path = tmp_path_factory.mktemp("labels") / "labels.tsv"
    table.to_csv(path, sep="\t", index=False)
    return path


@pytest.fixture(scope="session")
def experiment(labels: Path) -> Callable[..., ExperimentConfig]:
    """`experiment(head="cross", max_epochs=5, ...)`: keys of the section training, or of the top."""

    def make(**changes: Any) -> ExperimentConfig:
        training = {"max_epochs": 8, "patience": 3, "batch_size": 64, "lr": 0.01}
        values: dict[str, Any] = {
            "data": {"expression": None, "labels": str(labels)},
            "encoder": {"name": "lookup", "embedding_dim": 16},
            "head": {"name": "dual", "hidden_channels": 16, "out_channels": 8, "dropout": 0.2},
            "seed": 7,
        }
        for key, value in changes.items():
            (training if key in training or key == "precision" else values)[key] = value
        return make_config(values | {"training": training})

    return make
