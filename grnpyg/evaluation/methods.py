"""The methods of an evaluation, and their scores of stored pairs: no metric draws its own pairs."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from torch_geometric.data import HeteroData

from grnpyg.controls import controls
from grnpyg.core.config import ExperimentConfig
from grnpyg.data.graph import GENE, TF
from grnpyg.metrics.gains import ALWAYS
from grnpyg.metrics.method_table import MethodTable, metric_lines, set_metrics
from grnpyg.models.baselines import Baseline, baselines
from grnpyg.models.baselines.out_of_fold import OutOfFold
from grnpyg.models.scorer import Scorer, TrainedModel
from grnpyg.runs import Run
from grnpyg.runs.draws import epoch_pairs
from grnpyg.splits import LabelledPairs, LinkSplit
from grnpyg.splits.split_file import Evaluation

MODEL = "model"  # what the run hands out: its model with the weights that the config keeps, or a baseline
TRAINED = f"{MODEL}_trained"  # the trained model of a run that hands out a baseline
Scores = dict[str, dict[str, NDArray[Any]]]  # setting -> subset -> (num_pairs,)


def scoring_graph(split: LinkSplit, config: ExperimentConfig) -> HeteroData:
    """The message graph on which a model scores held-out pairs; the config's control may change it."""
    if config.control is None:
        return split.graph
    return controls.build(config.control).before_scoring(split, config.data_seed)


def model_of(run: Run, *, known_edges: bool = True) -> Scorer:
    """What a run hands out: its trained model on the graph that it scores on, or a baseline, fitted again.

    Both score a training edge as if it were not known, see `grnpyg.models.known_edges`.

    Args:
        run: from `Run.load`.
        known_edges: whether scores of training edges will be read; False saves the work for them.

    Raises:
        InputError: a plug-in was changed after the run was made.
    """
    spec = baseline_of(run)
    if spec is None:
        trained = trained_model_of(run)
        return trained if known_edges else trained.without_known_edges()
    if not known_edges:
        return _fitted_again(run, spec)
    pairs = epoch_pairs(run.config, run.split, run.evaluation, epoch=0)
    refit = partial(fitted, spec, seed=run.config.seed)
    return OutOfFold(_fitted_again(run, spec), run.split, pairs, refit)


def baseline_of(run: Run) -> dict[str, Any] | None:
    """The baseline that a run hands out, `{"name": ..., **options}`; None where it is the trained model."""
    instead = run.manifest.handed_out
    if instead is not None:
        return {"name": instead, **run.config.evaluation.rows.get(instead, {})}
    return run.config.baseline


def trained_model_of(run: Run) -> TrainedModel:
    """The trained model of a run on the graph that it scores on, whatever the run hands out."""
    return TrainedModel.of(run.model, scoring_graph(run.split, run.config), run.config)


def with_outputs(model: TrainedModel, name: str = MODEL) -> dict[str, Scorer]:
    """The model under a name, and `model_<kind>` for each of its outputs; they share the work of scoring."""
    return {name: model, **{f"{MODEL}_{kind}": output for kind, output in model.outputs().items()}}


def run_methods(run: Run) -> dict[str, Scorer]:
    """What a run hands out, the trained model where that is another one, and the baselines, fitted again.

    A baseline in the model's place is not fitted for training edges: an evaluation leaves these out.
    """
    spec = baseline_of(run)
    own = {} if spec is None else {MODEL: _fitted_again(run, spec)}
    trained: dict[str, Scorer] = {}
    if run.config.baseline is None:
        trained = with_outputs(trained_model_of(run), MODEL if spec is None else TRAINED)
    return {**own, **trained, **fitted_baselines(run.split, run.evaluation, run.config)}


def _fitted_again(run: Run, spec: dict[str, Any]) -> Baseline:
    run.require_same_source(baselines, spec["name"])
    pairs = epoch_pairs(run.config, run.split, run.evaluation, epoch=0)
    return fitted(spec, run.split, pairs, run.config.seed)


def fitted(spec: dict[str, Any], split: LinkSplit, pairs: LabelledPairs, seed: int) -> Baseline:
    """A baseline, fitted and timed.

    Args:
        spec: `{"name": ..., **options}`.
        split: gives the training edges.
        pairs: training pairs with negatives.
        seed: of whatever it draws.
    """
    baseline = baselines.build_from(spec)
    baseline.seed, started = seed, time.perf_counter()
    baseline.fit(split, pairs)
    baseline.fit_seconds = time.perf_counter() - started
    return baseline


def fitted_baselines(
    split: LinkSplit, evaluation: Evaluation, config: ExperimentConfig
) -> dict[str, Baseline]:
    """Degree, additive and the config's other baselines, fitted on the first epoch's pairs and timed."""
    pairs = epoch_pairs(config, split, evaluation, epoch=0)
    wanted: dict[str, dict[str, Any]] = {name: {} for name in ALWAYS} | config.evaluation.rows
    return {
        name: fitted({"name": name, **options}, split, pairs, config.seed) for name, options in wanted.items()
    }


def scores_of(method: Scorer, evaluation: Evaluation) -> Scores:
    """Setting -> subset -> (num_pairs,) scores of the stored pairs."""
    return {
        setting: {subset: method.score(pairs.edge_label_index) for subset, pairs in subsets.items()}
        for setting, subsets in evaluation.items()
    }


def logit_methods(methods: Mapping[str, Scorer]) -> set[str]:
    """Names of the methods whose scores are logits."""
    return {name for name, method in methods.items() if method.gives_logits}


def pair_metrics(
    pairs: LabelledPairs,
    scores: Mapping[str, NDArray[Any]],
    logits: set[str],
    *,
    resamples: int = 0,
    seed: int = 0,
) -> MethodTable:
    """`set_metrics` of one candidate set."""
    tf, gene = pairs.edge_label_index.numpy()
    label = pairs.edge_label.numpy()
    return set_metrics(tf, gene, label, scores, logits, resamples=resamples, seed=seed)


def metrics_table(evaluation: Evaluation, scores: Mapping[str, Scores], logits: set[str]) -> pd.DataFrame:
    """Every metric of every candidate set as one line, method by method.

    Args:
        evaluation: setting -> subset -> pairs.
        scores: method -> its scores.
        logits: methods whose scores are logits.

    Returns:
        Columns `subset setting method metric value`.
    """
    tables = [
        metric_lines(
            pair_metrics(pairs, {name: own[setting][subset] for name, own in scores.items()}, logits),
            subset,
            setting,
        )
        for setting, subsets in evaluation.items()
        for subset, pairs in subsets.items()
    ]
    order = {name: at for at, name in enumerate(scores)}
    whole = pd.concat(tables, ignore_index=True)
    return whole.sort_values("method", key=lambda names: names.map(order), kind="stable", ignore_index=True)


def prediction_table(graph: HeteroData, evaluation: Evaluation, logits: Scores) -> pd.DataFrame:
    """The model's logit of every evaluation pair: setting, subset, TF, target, label, logit."""
    tables = []
    for setting, subsets in evaluation.items():
        for subset, pairs in subsets.items():
            tf, gene = pairs.edge_label_index.numpy()
            table = pd.DataFrame(
                {
                    "setting": setting,
                    "subset": subset,
                    "TF": np.asarray(graph[TF].name, dtype=object)[tf],
                    "target": np.asarray(graph[GENE].name, dtype=object)[gene],
                    "label": pairs.edge_label.numpy().astype(np.int8),
                    "logit": logits[setting][subset],
                }
            )
            tables.append(table)
    return pd.concat(tables, ignore_index=True)
