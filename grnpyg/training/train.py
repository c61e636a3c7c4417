"""One experiment from config to run directory."""

from __future__ import annotations

import importlib.metadata
import json
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from safetensors.torch import save_file

from grnpyg import __version__
from grnpyg.baselines import Baseline, baselines
from grnpyg.baselines.base import needed_coexpression
from grnpyg.config import ExperimentConfig
from grnpyg.controls import controls
from grnpyg.data.graph import save_graph
from grnpyg.data.load import Dataset, input_hashes, load_dataset
from grnpyg.encoders import encoders
from grnpyg.errors import InputError
from grnpyg.evaluation.full_ranking import REGIME, part_ranking, rank_rows, ranking_rows
from grnpyg.evaluation.scoring import (
    fitted_baselines,
    model_scores,
    prediction_table,
    score_rows,
    scoring_graph,
)
from grnpyg.evaluation.sets import metric_lines, metric_rows
from grnpyg.heads import heads
from grnpyg.losses import losses
from grnpyg.negatives import evaluation_sets, negatives, require_feasible, require_left
from grnpyg.predictor import LinkPredictor, build_model
from grnpyg.registry import Registry
from grnpyg.runs import Evaluation, Run, held_out_sets, save_split, sha256, state_dict_for_file, write_run
from grnpyg.seeding import derive
from grnpyg.splits import LinkSplit, splits
from grnpyg.splits.leakage import HELD_OUT_IN_TRAINING
from grnpyg.training.fit import FitResult, accelerator_for, fit
from grnpyg.training.module import MONITORS
from grnpyg.training.scratch import empty, locked, require_writable

PACKAGES = ("torch", "torch-geometric", "pytorch-lightning", "numpy", "scikit-learn", "scanpy", "anndata")


@dataclass(frozen=True)
class TrainOptions:
    """Where and how to train. The device and the number of devices decide the last bits of a result.

    Attributes:
        runs: folder of the run directories.
        device: `auto`, `cpu` or `cuda`.
        devices: how many.
        resume: go on from an interrupted run.
        overwrite: replace a run, or forget an interrupted one.
        progress: show a bar on stderr.
        notes: kept in the manifest, for example what the model was matched to.
    """

    runs: Path = Path("runs")
    device: str = "auto"
    devices: int = 1
    resume: bool = False
    overwrite: bool = False
    progress: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Prepared:
    """Everything that exists before training."""

    dataset: Dataset
    split: LinkSplit
    evaluation: Evaluation


def prepare(config: ExperimentConfig, dataset: Dataset | None = None) -> Prepared:
    """Load the data, split it and draw the evaluation negatives.

    Raises:
        InputError: the data cannot be used, or a ratio is infeasible.
    """
    dataset = load(config) if dataset is None else dataset
    if config.control is not None:
        graph = controls.build(config.control).before_split(dataset.graph, config.data_seed)
        dataset = replace(dataset, graph=graph)
    split = splits.build_from(config.split).split(dataset.graph, config.data_seed)
    if split.negatives and split.regime == "uniform" and config.evaluation.ratio != 1:
        raise InputError(
            f"the split {config.split['name']} brings its own negatives, one per positive",
            where="evaluation.ratio",
            fix="leave it at 1",
        )
    if "validation" not in split.positives and config.training.max_epochs:
        raise InputError(
            "the split has no validation part, so that no model can be trained on it",
            where=f"split {config.split['name']}",
            fix="give it one, or set training.max_epochs to 0 for the baselines alone",
        )
    if split.regime == "uniform":
        require_feasible(
            split,
            training=config.negatives.ratio,
            evaluation=config.evaluation.ratio,
            regimes=sum(negatives.get(regime).exact for regime in config.evaluation.negatives),
        )
    evaluation: Evaluation = {}
    for regime in config.evaluation.negatives:
        evaluation[regime] = evaluation_sets(
            split,
            negatives.build(regime),
            config.evaluation.ratio,
            derive(config.data_seed, "evaluation", regime),
            given=split.negatives if regime == split.regime else None,
            earlier=tuple(evaluation.values()),
        )
    leaky = HELD_OUT_IN_TRAINING in split.leaks
    if not leaky and config.negatives.sampler["name"] != "given" and config.training.max_epochs:
        require_left(split, config.negatives.ratio, held_out_sets(evaluation))
    return Prepared(dataset, split, evaluation)


def load(config: ExperimentConfig) -> Dataset:
    """The data of a config, with the co-expression that its baselines need."""
    coexpression = needed_coexpression(config.evaluation.baselines)
    return load_dataset(config.data, config.features, config.data_seed, coexpression=coexpression)


def train(
    config: ExperimentConfig,
    options: TrainOptions = TrainOptions(),
    *,
    prepared: Prepared | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Run:
    """Train one model and write its run directory, `options.runs / config.hash()`.

    A run that is there already is handed back as it is. An interrupted one needs `resume` or `overwrite`.

    Args:
        config: from `make_config`.
        options: see `TrainOptions`.
        prepared: data and split of this config, where they are at hand.
        say: gets a line for the user now and then.

    Raises:
        InputError: the data, the config or an earlier run stand in the way.
        KeyboardInterrupt: Ctrl-C before the first epoch was over; later the best weights are kept as a run
            whose manifest says `interrupted`.
    """
    accelerator = accelerator_for(options.device, options.devices, config)
    require_writable(options.runs)
    target = options.runs / config.hash()
    scratch = options.runs / ".partial" / config.hash()
    if not options.overwrite and (earlier := _earlier(target, scratch, config, options)):
        say(f"already trained: {target}; --overwrite trains it again")
        return replace(earlier, reused=True)
    started = time.perf_counter()
    origin = {"inputs": inputs(config), "device": accelerator, "devices": options.devices}
    prepared = prepare(config) if prepared is None else prepared
    for line in prepared.dataset.lines():
        say(line)
    model = build_model(prepared.dataset.graph, config.encoder, config.head, config.seed)
    parameters = model.num_parameters()
    say(f"{parameters['total']:,} parameters: encoder {parameters['encoder']:,}, head {parameters['head']:,}")
    with locked(scratch):
        if options.overwrite:
            empty(scratch)
        _require_same_origin(scratch, origin)
        result = fit(
            model,
            prepared.split,
            prepared.evaluation,
            config,
            scratch,
            device=options.device,
            devices=options.devices,
            progress=options.progress,
        )
        if result.interrupted and not result.epochs:
            empty(scratch)
            raise KeyboardInterrupt
        seconds = time.perf_counter() - started + result.seconds_before
        manifest = _manifest(config, options, origin, prepared, parameters, result, seconds)
        run = write_run(
            target, scratch / "run", manifest, lambda folder: _fill(folder, config, prepared, model, result)
        )
        if not result.interrupted:
            empty(scratch)
    return run


def inputs(config: ExperimentConfig) -> dict[str, dict[str, str]]:
    """SHA-256 of everything outside the config that decides a result: data files and plug-in files."""
    named: list[tuple[str, Registry[Any], str]] = [
        ("encoder", encoders, config.encoder["name"]),
        ("head", heads, config.head["name"]),
        ("split", splits, config.split["name"]),
        ("loss", losses, config.loss["name"]),
        ("sampler", negatives, config.negatives.sampler["name"]),
        *((f"regime {name}", negatives, name) for name in config.evaluation.negatives),
        *((f"row {name}", baselines, name) for name in config.evaluation.baselines),
        *([] if config.control is None else [("control", controls, config.control)]),
    ]
    plug_ins = {
        role: {"source": name, "sha256": sha256(path)}
        for role, registry, name in named
        if (path := registry.source(name)) is not None
    }
    files = {
        role: {"source": str(path), "sha256": _sha256_of_input(path)}
        for role, path in splits.build_from(config.split).files().items()
    }
    return input_hashes(config.data) | plug_ins | files


def _sha256_of_input(path: Path) -> str:
    try:
        return sha256(path)
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", where=path) from None


def _earlier(target: Path, scratch: Path, config: ExperimentConfig, options: TrainOptions) -> Run | None:
    """The run that is there already, if it can be used; what was left beside it is tidied up."""
    partial = (scratch / "last.ckpt").exists()
    if partial and target.exists() and Run.load(target).manifest["status"] == "complete":
        with locked(scratch):
            empty(scratch)  # killed after the run was renamed into place
        partial = False
    if partial and not options.resume:
        with locked(scratch):
            pass  # nobody is at work on it
        raise InputError(
            "an interrupted run of this config is there",
            where=scratch,
            fix="add --resume to go on with it, or --overwrite to start again",
        )
    if partial or not target.exists():
        return None
    run = Run.load(target)
    if run.manifest["inputs"] != inputs(config):
        raise InputError(
            "its input files have changed since", where=target, fix="add --overwrite to train again"
        )
    return run


def _require_same_origin(scratch: Path, origin: dict[str, Any]) -> None:
    """An interrupted run goes on with the data, plug-ins and devices that it began with, or not at all."""
    file = scratch / "origin.json"
    if not (scratch / "last.ckpt").exists():
        file.write_text(json.dumps(origin))
    elif file.exists():
        before = json.loads(file.read_text())
        for key in origin:
            if before[key] != origin[key]:
                raise InputError(
                    f"its {key} changed since the run was interrupted",
                    where=scratch,
                    fix="put them back, remove the folder, or start again with --overwrite",
                )


def _fill(
    folder: Path, config: ExperimentConfig, prepared: Prepared, model: LinkPredictor, result: FitResult
) -> None:
    (folder / "config.yaml").write_text(config.to_yaml())
    save_graph(prepared.dataset.graph, folder / "graph.safetensors")
    save_split(prepared.split, prepared.evaluation, folder / "split.safetensors")
    pd.DataFrame(result.epochs, columns=_epoch_columns(config)).to_parquet(
        folder / "epochs.parquet", index=False
    )
    split, evaluation = prepared.split, prepared.evaluation
    fitted = fitted_baselines(split, evaluation, config)
    scores = score_rows(model, fitted, split, evaluation, config)
    other = {"best": "last", "last": "best"}[config.training.keep]
    if other in result.weights:
        model.load_state_dict(result.weights[other])
        scores[f"model_{other}"] = model_scores(model, scoring_graph(split, config), evaluation)
        model.load_state_dict(result.weights[config.training.keep])
    save_file(state_dict_for_file(model), folder / "model.safetensors")
    metrics = metric_rows(evaluation, scores)
    if config.evaluation.ranking:
        metrics = pd.concat([metrics, _ranking(config, prepared, model, fitted)], ignore_index=True)
    metrics.to_parquet(folder / "metrics.parquet", index=False)
    predictions = prediction_table(prepared.dataset.graph, evaluation, scores["model"])
    predictions.to_parquet(folder / "predictions.parquet", index=False)


def _epoch_columns(config: ExperimentConfig) -> list[str]:
    names = [f"val_{name}" for name in MONITORS]
    of_regimes = [f"{name}@{regime}" for regime in config.evaluation.negatives for name in names]
    return ["epoch", "loss", *names, *of_regimes, "seconds"]


def _ranking(
    config: ExperimentConfig, prepared: Prepared, model: LinkPredictor, fitted: dict[str, Baseline]
) -> pd.DataFrame:
    """The full ranking of every test part, as lines of the run's table."""
    graph = scoring_graph(prepared.split, config)
    lines = []
    for part in prepared.split.held_out:
        if part != "validation":
            candidates = part_ranking(prepared.split, part)
            rows = ranking_rows(candidates, rank_rows(model, fitted, graph, candidates))
            lines += metric_lines(part, REGIME, rows)
    return pd.DataFrame(lines, columns=["part", "regime", "row", "metric", "value"])


def _manifest(
    config: ExperimentConfig,
    options: TrainOptions,
    origin: dict[str, Any],
    prepared: Prepared,
    parameters: dict[str, int],
    result: FitResult,
    seconds: float,
) -> dict[str, Any]:
    split = prepared.split
    return {
        "status": "interrupted" if result.interrupted else "complete",
        "config_hash": config.hash(),
        "seed": config.seed,
        "parameters": parameters,
        "best_epoch": result.best_epoch,
        "epochs": len(result.epochs),
        "seconds": round(seconds, 3),
        "notes": list(options.notes),
        "leaks": list(split.leaks),
        "inputs": origin["inputs"],
        "data": prepared.dataset.to_dict(),
        "split": {
            **{part: pairs.size(1) for part, pairs in split.positives.items()},
            "moved_back": split.moved_back,
            "set_aside": split.set_aside.size(1),
            "cold": {kind: split.cold(kind).numel() for kind in split.warm},
            "evaluation_sha256": {
                regime: {part: pairs.digest() for part, pairs in parts.items()}
                for regime, parts in prepared.evaluation.items()
            },
        },
        "versions": {
            "grnpyg": __version__,
            "python": platform.python_version(),
            **{name: importlib.metadata.version(name) for name in PACKAGES},
        },
        "machine": {
            "platform": sys.platform,
            "processor": platform.machine(),
            "threads": torch.get_num_threads(),
            "device": origin["device"],
            "devices": origin["devices"],
        },
    }
