"""What a training leaves behind: the files of a run directory and its manifest."""

from __future__ import annotations

import importlib.metadata
import platform
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from torch_geometric.data import HeteroData

from grnpyg.core.config import ExperimentConfig
from grnpyg.core.tensors import save_tensors
from grnpyg.core.version import __version__
from grnpyg.data.graph import save_graph
from grnpyg.evaluation.full_ranking import RANKING, rank_methods, ranking_candidates
from grnpyg.evaluation.methods import (
    MODEL,
    TRAINED,
    fitted_baselines,
    logit_methods,
    metrics_table,
    prediction_table,
    scores_of,
    scoring_graph,
    with_outputs,
)
from grnpyg.evaluation.negatives_report import reached
from grnpyg.evaluation.strongest import stronger_baseline
from grnpyg.metrics.method_table import metric_lines
from grnpyg.models.baselines import Baseline
from grnpyg.models.predictor import PairModel
from grnpyg.models.scorer import Scorer, TrainedModel
from grnpyg.resolve import config_hash
from grnpyg.runs import OPTIMIZER, state_dict_for_file
from grnpyg.runs.manifest import DataFacts, Machine, Manifest, Measured, MethodCost, Parameters, SplitFacts
from grnpyg.runs.tables import EPOCHS, METRICS, PREDICTIONS, write_table
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
    model: PairModel | Baseline,
    result: FitResult,
    more: pd.DataFrame | None = None,
) -> Measured:
    """Write every file of a run but the manifest into `folder`; the model ends with the kept weights.

    Args:
        folder: an empty one.
        config: the experiment.
        graph: with every known edge.
        split: the split of the run.
        evaluation: setting -> subset -> pairs.
        model: the trained model, or the fitted baseline in its place.
        result: of the training.
        more: further lines of the run's metrics, `subset setting method metric value`.

    Returns:
        What the model and each baseline cost, and the baseline that the run hands out, if it does.
    """
    (folder / "config.yaml").write_text(config.to_yaml())
    save_graph(graph, folder / "graph.safetensors")
    save_split(split, evaluation, folder / "split.safetensors")
    write_table(pd.DataFrame(result.epochs, columns=_epoch_columns(evaluation)), folder / EPOCHS)
    methods: dict[str, Scorer] = {MODEL: model} if isinstance(model, Baseline) else {}
    if isinstance(model, PairModel):
        methods = with_outputs(TrainedModel.of(model, scoring_graph(split, config), config))
    methods |= fitted_baselines(split, evaluation, config)
    scores = {name: scores_of(method, evaluation) for name, method in methods.items()}
    logits = logit_methods(methods)
    other = {"best": "last", "last": "best"}[config.training.keep]
    if other in result.weights and isinstance(model, PairModel):
        name = f"{MODEL}_{other}"
        model.load_state_dict(result.weights[other])
        scores[name] = scores_of(TrainedModel.of(model, scoring_graph(split, config), config), evaluation)
        logits.add(name)
        model.load_state_dict(result.weights[config.training.keep])
    weights = state_dict_for_file(model) if isinstance(model, PairModel) else {}
    save_tensors(weights, folder / "model.safetensors")
    if result.moments:
        save_tensors(result.moments, folder / OPTIMIZER)
    metrics, instead = metrics_table(evaluation, scores, logits), None
    if config.fallback and config.baseline is None:
        instead = stronger_baseline(config, metrics)
    if instead is not None:
        methods = {
            MODEL: methods[instead.name],
            TRAINED: methods[MODEL],
            **{k: v for k, v in methods.items() if k != MODEL},
        }
        scores = {MODEL: scores[instead.name], TRAINED: scores.pop(MODEL), **scores}
        logits = logit_methods(methods) | (logits - {MODEL})
        metrics = metrics_table(evaluation, scores, logits)
    tables = [metrics]
    if config.evaluation.ranking:
        tables += [
            metric_lines(rank_methods(methods, ranking_candidates(split, subset)), subset, RANKING)
            for subset in split.held_out
            if subset != "validation"
        ]
    if more is not None:
        tables.append(more)
    write_table(pd.concat(tables, ignore_index=True), folder / METRICS)
    write_table(prediction_table(graph, evaluation, scores[MODEL]), folder / PREDICTIONS)
    trained = sum(epoch["seconds"] for epoch in result.epochs)
    costs = {
        name: MethodCost(
            seconds=method.fit_seconds if isinstance(method, Baseline) else trained,
            parameters=method.parameters,
            macs_per_pair=method.macs_per_pair,
        )
        for name, method in methods.items()
    }
    return Measured(costs, None if instead is None else instead.name)


def _epoch_columns(evaluation: Evaluation) -> list[str]:
    names = [f"val_{name}" for name in MONITORS]
    of_settings = [f"{name}@{setting}" for setting in evaluation for name in names]
    return ["epoch", "loss", *names, *of_settings, "seconds"]


def manifest(
    config: ExperimentConfig,
    notes: tuple[str, ...],
    origin: dict[str, Any],
    prepared: Prepared,
    parameters: dict[str, int],
    result: FitResult,
    seconds: float,
) -> Manifest:
    """The manifest of a trained run, without the costs of the baselines and the hashes of the files."""
    split = prepared.split
    return Manifest(
        status="interrupted" if result.interrupted else "complete",
        config_hash=config_hash(config),
        seed=config.seed,
        parameters=Parameters(**parameters),
        best_epoch=result.best_epoch,
        epochs=len(result.epochs),
        seconds=round(seconds, 3),
        notes=notes,
        leaks=tuple(split.leaks),
        inputs=origin["inputs"],
        data=DataFacts(**prepared.grn.report.to_dict()),
        split=SplitFacts(
            **{subset: pairs.size(1) for subset, pairs in split.positives.items()},
            moved_back=split.moved_back,
            set_aside=split.set_aside.size(1),
            cold={kind: split.cold(kind).numel() for kind in split.warm},
            negatives_reached={
                setting: {subset: reached(split, subset, pairs) for subset, pairs in subsets.items()}
                for setting, subsets in prepared.evaluation.items()
            },
            evaluation_sha256={
                setting: {subset: pairs.digest() for subset, pairs in subsets.items()}
                for setting, subsets in prepared.evaluation.items()
            },
        ),
        encoder=config.encoder if config.baseline is None else None,
        head=config.head if config.baseline is None else None,
        versions=versions(),
        machine=machine(origin["device"], origin["devices"]),
    )


def versions() -> dict[str, str]:
    """Versions of grnpyg, Python and the packages that decide a result."""
    installed = {name: importlib.metadata.version(name) for name in PACKAGES}
    return {"grnpyg": __version__, "python": platform.python_version(), **installed}


def machine(device: str, devices: int) -> Machine:
    """The machine that this process runs on."""
    return Machine(
        platform=sys.platform,
        processor=platform.machine(),
        threads=torch.get_num_threads(),
        device=device,
        devices=devices,
    )
