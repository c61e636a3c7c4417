"""The learning rate of each epoch, for the optimisers of dense parameters and of embedding tables alike."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl

from grnpyg.core.config import ExperimentConfig
from grnpyg.models.predictor import build_model
from grnpyg.training.fit import fit
from grnpyg.training.optim.row_adam import RowAdam
from grnpyg.training.prepare import prepare

Experiment = Callable[..., ExperimentConfig]
SAGE = {"name": "sage", "inputs": "id", "hidden_channels": 4, "out_channels": 4}


class Rates(pl.Callback):
    """Notes the learning rates with which each step was made, one tuple for each epoch."""

    def __init__(self) -> None:
        self.rates: list[set[float]] = []
        self.kinds: set[type] = set()

    def on_train_batch_end(self, trainer: pl.Trainer, module: Any, *batch: Any) -> None:
        if len(self.rates) == trainer.current_epoch:
            self.rates.append(set())
        self.rates[-1] |= {group["lr"] for one in trainer.optimizers for group in one.param_groups}
        self.kinds |= {type(one) for one in trainer.optimizers}


def rates_of(config: ExperimentConfig, folder: Path) -> Rates:
    """The rates of a training."""
    ready, rates = prepare(config), Rates()
    model = build_model(ready.grn.graph, config.encoder, config.head, config.seed)
    fit(model, ready.split, ready.evaluation, config, folder, device="cpu", callbacks=[rates])
    return rates


@pytest.mark.slow
@pytest.mark.parametrize("encoder", [None, SAGE], ids=["sparse table", "dense"])
def test_cosine_falls_from_the_rate_of_the_config_to_nearly_nothing(
    experiment: Experiment, tmp_path: Path, encoder: dict[str, Any] | None
) -> None:
    """Every step of epoch e has the rate lr (1 + cos(pi e / max_epochs)) / 2, in every optimiser."""
    changes = {} if encoder is None else {"encoder": encoder}
    config = experiment(schedule="cosine", max_epochs=5, patience=5, lr=0.02, **changes)
    found = rates_of(config, tmp_path)
    assert (RowAdam in found.kinds) == (encoder is None)
    expected = [0.02 * (1 + math.cos(math.pi * epoch / 5)) / 2 for epoch in range(5)]
    assert expected[0] == 0.02
    assert expected[-1] < 0.002
    assert [sorted(rates) for rates in found.rates] == [[pytest.approx(rate)] for rate in expected]


@pytest.mark.slow
def test_without_a_schedule_the_rate_stays(experiment: Experiment, tmp_path: Path) -> None:
    found = rates_of(experiment(max_epochs=3, patience=3, lr=0.02), tmp_path)
    assert found.rates == [{0.02}] * 3
