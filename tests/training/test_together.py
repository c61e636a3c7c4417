"""Seeds that are trained together: each run is that of its seed trained alone, but for rounding."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch

from grnpyg.core.config import ExperimentConfig
from grnpyg.models.predictor import PairModel, build_model
from grnpyg.runs import Run
from grnpyg.training.prepare import Prepared, prepare
from grnpyg.training.together import fit_together, train_together, why_alone
from grnpyg.training.train import TrainOptions, train

Experiment = Callable[..., ExperimentConfig]
SEEDS = (1, 2, 3)
DUAL = {"name": "dual", "hidden_channels": 16, "out_channels": 8, "dropout": 0.0}
CROSS = {"name": "cross", "hidden_channels": 16, "out_channels": 8, "dropout": 0.0}
CASES: list[dict[str, Any]] = [
    # seeds stop at different epochs
    {"head": DUAL | {"similarity": "dot", "bias": "per_node"}, "patience": 1, "lr": 0.02, "max_epochs": 12},
    {"head": DUAL | {"learn_temperature": True}, "gradient_clip": 0.05, "max_epochs": 2},
    {"head": DUAL | {"name": "bilinear"}, "schedule": "cosine", "keep": "last", "max_epochs": 2},
    {"head": DUAL, "encoder": {"name": "mlp", "hidden_channels": 8, "out_channels": 8}, "max_epochs": 2},
    {"head": CROSS, "loss": "margin", "monitor": "auroc", "check_every": 2, "max_epochs": 3},
]


def of_seeds(config: ExperimentConfig, seeds: tuple[int, ...] = SEEDS) -> list[ExperimentConfig]:
    return [config.model_copy(update={"seed": seed, "split_seed": 5}) for seed in seeds]


def logits(run: Run) -> torch.Tensor:
    return torch.tensor(pd.read_parquet(run.path / "predictions.parquet")["logit"].to_numpy())


def test_in_float64_the_weights_are_those_of_each_seed_alone(experiment: Experiment) -> None:
    """What is left of a difference in float64 is a mistake. Weight decay makes tables dense in both ways."""
    cases = [of_seeds(experiment(**values, weight_decay=1e-6)) for values in CASES]
    task = json.dumps([[config.model_dump(mode="json") for config in configs] for configs in cases])
    script = Path(__file__).with_name("together_in_double.py")
    done = subprocess.run([sys.executable, str(script), task], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    epochs = json.loads(done.stdout)
    assert len(set(epochs[0])) > 1, "all seeds stop at the same epoch: tests nothing"
    assert max(epochs[0]) < CASES[0]["max_epochs"]


def test_each_seed_has_an_ordinary_run(experiment: Experiment, tmp_path: Path) -> None:
    """In float32, where tables are trained by row if a seed is alone, logits agree to 1e-3."""
    values = {"head": CROSS, "evaluation": {"negatives": ["uniform", "same_tf"]}, "max_epochs": 3}
    configs = of_seeds(experiment(**values, monitor="ap@uniform+same_tf"))
    options = [TrainOptions(tmp_path / "together", "cpu", notes=(f"number {n}",)) for n in range(len(SEEDS))]
    runs = train_together(configs, options, prepare(configs[0]))
    for config, run, option in zip(configs, runs, options, strict=True):
        assert run is not None
        alone = train(config, TrainOptions(tmp_path / "alone", "cpu"))
        assert run.path.name == alone.path.name
        assert {path.name for path in run.path.iterdir()} == {path.name for path in alone.path.iterdir()}
        assert run.config == alone.config
        assert run.manifest.notes == option.notes
        assert run.manifest.parameters == alone.manifest.parameters
        assert run.manifest.best_epoch == alone.manifest.best_epoch
        assert list(run.epochs.columns) == list(alone.epochs.columns)
        numbers = [table.epochs.drop(columns="seconds").to_numpy() for table in (run, alone)]
        assert numbers[0] == pytest.approx(numbers[1], abs=5e-3)
        assert (logits(run) - logits(alone)).abs().max() < 1e-3
    assert not (tmp_path / "together" / ".partial").exists()


def test_two_calls_give_the_same_bits(experiment: Experiment) -> None:
    configs = of_seeds(experiment(head=DUAL, max_epochs=2))
    ready = prepare(configs[0])
    first, second = (fit_together(_models(ready, configs), ready, configs, device="cpu") for _ in "ab")
    for one, other in zip(first, second, strict=True):
        assert one is not None
        assert other is not None
        assert all(
            torch.equal(values, other.weights["best"][key]) for key, values in one.weights["best"].items()
        )


def test_a_seed_that_diverges_leaves_the_others_alone(experiment: Experiment) -> None:
    configs = of_seeds(experiment(head=DUAL, max_epochs=2))
    ready = prepare(configs[0])
    models = _models(ready, configs)
    with torch.no_grad():
        next(models[1].head.parameters()).fill_(torch.inf)
    found = fit_together(models, ready, configs, device="cpu")
    assert found[1] is None
    expected = fit_together(_models(ready, configs), ready, configs, device="cpu")
    for number in (0, 2):
        kept, alone = found[number], expected[number]
        assert kept is not None
        assert alone is not None
        assert len(kept.epochs) == len(alone.epochs) == 2
        assert kept.epochs[1]["loss"] == pytest.approx(alone.epochs[1]["loss"], abs=1e-3)


def _models(ready: Prepared, configs: list[ExperimentConfig]) -> list[PairModel]:
    return [build_model(ready.grn.graph, config.encoder, config.head, config.seed) for config in configs]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({}, None),
        ({"split_seed": None}, "its own split"),
        ({"encoder": {"name": "sage"}}, "the encoder sage reads messages"),
        ({"head": DUAL | {"dropout": 0.1}}, "dropout"),
        ({"structure": {"features": ["degree"]}, "disjoint_train_ratio": 0.25}, "structure term"),
        ({"baseline": {"name": "degree_product"}}, "baseline"),
        ({"prune": [{"ratio": 0.5}]}, "pruning"),
        ({"max_epochs": 0}, "nothing is trained"),
        ({"precision": "bf16"}, "bf16"),
        ({"negatives": {"sampler": {"name": "hard"}}}, "numbers of negatives"),
        ({"shortage": "say"}, "numbers of negatives"),
    ],
)
def test_what_cannot_be_stacked_is_trained_alone(
    experiment: Experiment, values: dict[str, Any], reason: str | None
) -> None:
    found = why_alone(experiment(**{"head": DUAL, "split_seed": 5} | values))
    assert (found is None) if reason is None else (found is not None and reason in found)
