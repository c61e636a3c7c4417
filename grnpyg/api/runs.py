"""Functions over run directories: what the command line calls, for Python code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from grnpyg.api.predictor import LinkPredictor
from grnpyg.compress.prune import prune as prune_run
from grnpyg.core.arguments import as_path, require_options
from grnpyg.core.config import ExperimentConfig
from grnpyg.core.errors import InputError
from grnpyg.evaluation.compare import compare as compare_runs
from grnpyg.evaluation.comparison import ComparisonResult
from grnpyg.experiment import run_experiment
from grnpyg.networks.predict import predict as predict_run
from grnpyg.networks.rerank import rerank as rerank_runs
from grnpyg.resolve import make_config, prune_step
from grnpyg.runs import Run
from grnpyg.training.train import TrainOptions

load = LinkPredictor.load
RUN = "a run or the folder of one"


def train(
    config: ExperimentConfig | Mapping[str, Any], options: TrainOptions | None = None, **more: Any
) -> Run:
    """Train a whole config, its pruning steps included, and write its run directory.

    Args:
        config: from `make_config`, or the keys and values of one.
        options: where and how to train; None: into the folder `runs`.
        more: `prepared` and `say`, see `grnpyg.experiment.run_experiment`.

    Raises:
        InputError: the config, the data or an earlier run stand in the way.

    Example:
        >>> import grnpyg as gp
        >>> gp.train({"head": "cross", "training": {"max_epochs": 5}})  # doctest: +SKIP
    """
    if not isinstance(config, (ExperimentConfig, Mapping)):
        kind = type(config).__name__
        raise InputError(f"a {kind} is not a config", where="train", fix='give a mapping: {"head": "cross"}')
    if options is not None and not isinstance(options, TrainOptions):
        kind, fix = type(options).__name__, 'give grnpyg.training.TrainOptions(runs="runs", ...)'
        raise InputError(f"a {kind} does not say where and how to train", where="train", fix=fix)
    if options is not None and options.resume and options.overwrite:
        raise InputError("resume goes on with a run and overwrite forgets it", where="train", fix="give one")
    require_options(more, run_experiment, where="train")
    for name, value in more.items():
        if not (callable(value) or (name == "prepared" and value is None)):
            raise InputError(f"{name}: a {type(value).__name__} cannot be called", where="train")
    checked = config if isinstance(config, ExperimentConfig) else make_config(dict(config))
    return run_experiment(checked, options or TrainOptions(), **more)


def predict(
    run: Run | str | Path | Sequence[Run | str | Path], *, trust_plugins: bool = False, **options: Any
) -> pd.DataFrame:
    """The ranked network of one or more runs, best pair first.

    Args:
        run: a run or its folder, or several of the same labels, such as some seeds of one config.
        trust_plugins: whether to run plug-in files that a run names and the trust file does not list.
        options: `top`, `per_tf`, `tf`, `gene`, `new`, `with_known`, `min_probability`, `calibrate`, `prior`,
            `new_edges`, `fdr`, `null`, `universe`, `tfs`, `shards`, `precision`, `explain`, `progress` and
            `say`, see `grnpyg.networks.predict`.

    Raises:
        InputError: no run directory, a plug-in that is not trusted, or see `grnpyg.networks.predict`.
    """
    require_options(options, predict_run, where="predict")
    runs: Sequence[Any] = run if isinstance(run, (list, tuple)) else [run]
    return predict_run([_opened(one, trust_plugins) for one in runs], **options)


def rerank(
    retriever: Run | str | Path,
    reranker: Run | str | Path,
    candidates: str | int = "10%",
    *,
    trust_plugins: bool = False,
    **options: Any,
) -> pd.DataFrame:
    """The ranked network of a quick run, whose best pairs a slower one scores again.

    Args:
        retriever: the quick run or its folder, such as one with a dual head; it ranks all pairs.
        reranker: the slower run or its folder, such as one with a cross head, of the same labels.
        candidates: the pairs that it scores: `10%`, the best of all, or a number, so many genes of each TF.
        trust_plugins: whether to run plug-in files that a run names and the trust file does not list.
        options: `index`, `precision`, and those of `predict` that say which pairs are kept and what their
            probabilities mean, see `grnpyg.networks.rerank`.

    Raises:
        InputError: no run directory, a plug-in that is not trusted, or see `grnpyg.networks.rerank`.

    Example:
        >>> import grnpyg as gp
        >>> gp.rerank("runs/1f0c5d2a9b3e", "runs/7d20aa61c04b", 500, new=True)  # doctest: +SKIP
    """
    require_options(options, rerank_runs, where="rerank")
    return rerank_runs(
        _opened(retriever, trust_plugins), _opened(reranker, trust_plugins), candidates, **options
    )


def compare(
    first: Run | str | Path,
    second: Run | str | Path,
    subset: str = "test",
    *,
    trust_plugins: bool = False,
    **options: Any,
) -> ComparisonResult:
    """Compare two runs on the held-out pairs that both stored.

    Args:
        first: run A or its folder; differences are A - B.
        second: run B or its folder.
        subset: a held-out subset.
        trust_plugins: whether to run plug-in files that a run names and the trust file does not list.
        options: `ranking` and `resamples`, see `grnpyg.evaluation.compare`.

    Raises:
        InputError: no run directory, a plug-in that is not trusted, an unknown subset, or no evaluation pairs
            in common.
    """
    require_options(options, compare_runs, where="compare")
    return compare_runs(_opened(first, trust_plugins), _opened(second, trust_plugins), subset, **options)


def prune(
    run: Run | str | Path,
    ratio: float,
    *,
    runs: str | Path = "runs",
    device: str = "auto",
    trust_plugins: bool = False,
    **step: Any,
) -> Run:
    """Remove the least important units of a run's model and write the smaller model as a run.

    Args:
        run: a run or its folder. It stays as it is.
        ratio: share of the units to remove, from 0 to below 1.
        runs: folder of the new run.
        device: of the fine-tuning: `auto`, `cpu` or `cuda`.
        trust_plugins: whether to run plug-in files that the run names and the trust file does not list.
        step: `what`, `importance`, `finetune_epochs`, `finetune_lr` and `optimizer`, see
            `grnpyg.core.PruneConfig`.

    Raises:
        InputError: no run directory, a plug-in that is not trusted, an unknown option or value, or a model
            that cannot be pruned.
    """
    opened, folder = _opened(run, trust_plugins), as_path(runs, "a folder of runs")
    return prune_run(opened, prune_step(ratio=ratio, **step), TrainOptions(folder, device))


def _opened(run: Run | str | Path, trust_plugins: bool) -> Run:
    return run if isinstance(run, Run) else Run.load(as_path(run, RUN), trust_plugins=trust_plugins)


__all__ = ["compare", "load", "predict", "prune", "train"]
