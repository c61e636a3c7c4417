"""What a training leaves behind: the files of a run directory and its manifest."""

from __future__ import annotations

import importlib.metadata
import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from safetensors.torch import save_file
from torch_geometric.data import HeteroData

from grnpyg.core.config import ExperimentConfig
from grnpyg.core.version import __version__
from grnpyg.data.graph import save_graph
from grnpyg.evaluation.full_ranking import REGIME, rank_part
from grnpyg.evaluation.negatives_report import reached
from grnpyg.evaluation.rows import (
    fitted_baselines,
    model_scores,
    prediction_table,
    score_rows,
    scoring_graph,
)
from grnpyg.evaluation.set_metrics import MetricLine, metric_lines, metric_rows
from grnpyg.models.baselines import Baseline
from grnpyg.models.predictor import LinkPredictor
from grnpyg.resolve import config_hash
from grnpyg.runs import OPTIMIZER, state_dict_for_file
from grnpyg.splits import LinkSplit
from grnpyg.splits.split_file import Evaluation, save_split
from grnpyg.training.fit import FitResult
from grnpyg.training.module import MONITORS
from grnpyg.training.prepare import Prepared

PACKAGES = ("torch", "torch-geometric", "pytorch-lightning", "numpy", "scikit-learn", "scanpy", "anndata")


def fill_run(
    folder: Path,
    config: ExperimentConfig,
    graph: HeteroData,
    split: LinkSplit,
    evaluation: Evaluation,
    model: LinkPredictor,
    result: FitResult,
    more: Sequence[MetricLine] = (),
) -> dict[str, Any]:
    """Write every file of a run but the manifest into `folder`; the model ends with the kept weights.

    `more` are further lines of the run's table of metrics. Returns what the manifest says of the baselines.
    """
    (folder / "config.yaml").write_text(config.to_yaml())
    save_graph(graph, folder / "graph.safetensors")
    save_split(split, evaluation, folder / "split.safetensors")
    pd.DataFrame(result.epochs, columns=_epoch_columns(config)).to_parquet(
        folder / "epochs.parquet", index=False
    )
    fitted = fitted_baselines(split, evaluation, config)
    scores = score_rows(model, fitted, split, evaluation, config)
    other = {"best": "last", "last": "best"}[config.training.keep]
    if other in result.weights:
        model.load_state_dict(result.weights[other])
        scores[f"model_{other}"] = model_scores(model, scoring_graph(split, config), evaluation)
        model.load_state_dict(result.weights[config.training.keep])
    save_file(state_dict_for_file(model), folder / "model.safetensors")
    if result.moments:
        save_file(result.moments, folder / OPTIMIZER)
    metrics = metric_rows(evaluation, scores)
    if config.evaluation.ranking:
        metrics = pd.concat([metrics, _ranking(config, split, model, fitted)], ignore_index=True)
    if more:
        metrics = pd.concat([metrics, pd.DataFrame(more, columns=metrics.columns)], ignore_index=True)
    metrics.to_parquet(folder / "metrics.parquet", index=False)
    predictions = prediction_table(graph, evaluation, scores["model"])
    predictions.to_parquet(folder / "predictions.parquet", index=False)
    return {"rows": {name: _cost(baseline) for name, baseline in fitted.items()}}


def _cost(baseline: Baseline) -> dict[str, Any]:
    """What a fitted baseline took and holds."""
    return {
        "seconds": baseline.fit_seconds,
        "parameters": baseline.parameters,
        "macs_per_pair": baseline.macs_per_pair,
    }


def _epoch_columns(config: ExperimentConfig) -> list[str]:
    names = [f"val_{name}" for name in MONITORS]
    of_regimes = [f"{name}@{regime}" for regime in config.evaluation.negatives for name in names]
    return ["epoch", "loss", *names, *of_regimes, "seconds"]


def _ranking(
    config: ExperimentConfig, split: LinkSplit, model: LinkPredictor, fitted: dict[str, Baseline]
) -> pd.DataFrame:
    """The full ranking of every test part, as lines of the run's table."""
    graph = scoring_graph(split, config)
    lines = []
    for part in split.held_out:
        if part != "validation":
            _, rows = rank_part(model, fitted, graph, split, part)
            lines += metric_lines(part, REGIME, rows)
    return pd.DataFrame(lines, columns=["part", "regime", "row", "metric", "value"])


def manifest(
    config: ExperimentConfig,
    notes: tuple[str, ...],
    origin: dict[str, Any],
    prepared: Prepared,
    parameters: dict[str, int],
    result: FitResult,
    seconds: float,
) -> dict[str, Any]:
    """Status, counts, inputs, versions and machine of a run; JSON-ready."""
    split = prepared.split
    return {
        "status": "interrupted" if result.interrupted else "complete",
        "config_hash": config_hash(config),
        "seed": config.seed,
        "parameters": parameters,
        "best_epoch": result.best_epoch,
        "epochs": len(result.epochs),
        "seconds": round(seconds, 3),
        "notes": list(notes),
        "leaks": list(split.leaks),
        "inputs": origin["inputs"],
        "data": prepared.dataset.to_dict(),
        "split": {
            **{part: pairs.size(1) for part, pairs in split.positives.items()},
            "moved_back": split.moved_back,
            "set_aside": split.set_aside.size(1),
            "cold": {kind: split.cold(kind).numel() for kind in split.warm},
            "negatives_reached": {
                regime: {part: reached(split, part, pairs) for part, pairs in parts.items()}
                for regime, parts in prepared.evaluation.items()
            },
            "evaluation_sha256": {
                regime: {part: pairs.digest() for part, pairs in parts.items()}
                for regime, parts in prepared.evaluation.items()
            },
        },
        **provenance(origin["device"], origin["devices"]),
    }


def provenance(device: str, devices: int) -> dict[str, dict[str, Any]]:
    """Versions and machine, as a manifest keeps them."""
    return {
        "versions": {
            "grnpyg": __version__,
            "python": platform.python_version(),
            **{name: importlib.metadata.version(name) for name in PACKAGES},
        },
        "machine": {
            "platform": sys.platform,
            "processor": platform.machine(),
            "threads": torch.get_num_threads(),
            "device": device,
            "devices": devices,
        },
    }
