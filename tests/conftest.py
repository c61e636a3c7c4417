from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch_geometric.data import HeteroData

from grnpyg.core.config import ExperimentConfig, TrainingConfig
from grnpyg.resolve import make_config
from grnpyg.splits import LinkSplit, TransductiveSplit
from grnpyg.testing import small_graph

# A shell that starts the tests in the background has them ignore Ctrl-C, which some of them send.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> None:
    """On a busy machine a second thread costs tiny tensors ten times what it gains."""
    torch.set_num_threads(1)


@pytest.fixture
def graph() -> HeteroData:
    return small_graph()


@pytest.fixture
def split(graph: HeteroData) -> LinkSplit:
    return TransductiveSplit().split(graph, seed=0)


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
            (training if key in TrainingConfig.model_fields else values)[key] = value
        return make_config(values | {"training": training})

    return make
