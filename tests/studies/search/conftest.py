"""A tiny tuning whose trials train in a moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from in_this_process import InThisProcess

from grnpyg.studies.executors import Event, Executor
from grnpyg.studies.search import ModelResult, read_tuning, tune

Values = dict[str, Any]


@pytest.fixture(scope="session")
def values(labels: Path) -> Values:
    """The content of a tuning file: two models, three keys."""
    return {
        "base": {
            "data": {"expression": None, "labels": str(labels)},
            "evaluation": {"negatives": ["uniform", "degree_matched"], "baselines": ["additive"]},
            "encoder": {"name": "lookup", "embedding_dim": 4},
            "head": {"name": "dual", "hidden_channels": 8, "out_channels": 4},
            "training": {"max_epochs": 3, "batch_size": 512, "monitor": "auroc@degree_matched"},
        },
        "space": {
            "training.lr": {"low": 0.001, "high": 0.1, "log": True},
            "encoder.embedding_dim": {"low": 4, "high": 12, "step": 4},
            "head.similarity": {"choices": ["cosine", "dot"], "models": "dual"},
        },
        "models": {"dual": {}, "cross": {"head": {"name": "cross", "hidden_channels": 8}}},
        "trials": 2,
        "objective": {"auroc@degree_matched": 2, "ap": 1},
    }


@pytest.fixture
def write(values: Values, tmp_path: Path) -> Callable[..., Path]:
    """`write(trials=2, ...)`: the tuning file with other keys; None leaves a key out."""

    def make(**keys: Any) -> Path:
        content = {key: value for key, value in (values | keys).items() if value is not None}
        path = tmp_path / "tiny.yaml"
        path.write_text(yaml.safe_dump(content, sort_keys=False))
        return path

    return make


@dataclass(frozen=True)
class Done:
    """A finished tuning."""

    runs: Path
    results: list[ModelResult]
    events: list[Event]


def go(path: Path, runs: Path, seed: int | None = None, executor: Executor | None = None) -> Done:
    """Run what is left of a tuning file, by default in this process."""
    events: list[Event] = []
    tuning, chosen = read_tuning(path, seed), executor or InThisProcess()
    results = tune(tuning, runs, chosen, lambda event, draw: events.append(event))
    return Done(runs, results, events)


@pytest.fixture(scope="session")
def done(values: Values, tmp_path_factory: pytest.TempPathFactory) -> Done:
    """The tuning, run once without any disturbance: read only."""
    folder = tmp_path_factory.mktemp("tuned")
    (folder / "tiny.yaml").write_text(yaml.safe_dump(values, sort_keys=False))
    return go(folder / "tiny.yaml", folder / "runs")
