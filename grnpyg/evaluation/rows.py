"""Score stored evaluation pairs with the model and with the baselines: no metric draws its own pairs."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from torch_geometric.data import HeteroData

from grnpyg.controls import controls
from grnpyg.core.config import ExperimentConfig
from grnpyg.data.graph import GENE, TF
from grnpyg.metrics.gains import ALWAYS
from grnpyg.models.baselines import Baseline, baselines
from grnpyg.models.predictor import LinkPredictor
from grnpyg.runs.draws import epoch_pairs
from grnpyg.splits import LinkSplit
from grnpyg.splits.split_file import Evaluation

# `model` has the weights that the config keeps; one of the others stands beside it in the run's metrics
MODEL_ROWS = ("model", "model_best", "model_last")
PartScores = dict[str, dict[str, NDArray[Any]]]  # regime -> part -> (num_pairs,)
Scores = dict[str, PartScores]  # row -> ...


def scoring_graph(split: LinkSplit, config: ExperimentConfig) -> HeteroData:
    """The message graph on which the model scores held-out pairs; the config's control may change it."""
    if config.control is None:
        return split.graph
    return controls.build(config.control).before_scoring(split, config.data_seed)


def fitted_baselines(
    split: LinkSplit, evaluation: Evaluation, config: ExperimentConfig
) -> dict[str, Baseline]:
    """Degree, additive and the config's other baselines, fitted on the first epoch's pairs and timed."""
    pairs = epoch_pairs(config, split, evaluation, epoch=0)
    rows = {}
    wanted: dict[str, dict[str, Any]] = {row: {} for row in ALWAYS} | config.evaluation.rows
    for name, options in wanted.items():
        baseline = rows[name] = baselines.build(name, **options)
        baseline.seed, started = config.seed, time.perf_counter()
        baseline.fit(split, pairs)
        baseline.fit_seconds = time.perf_counter() - started
    return rows


def score_rows(
    model: LinkPredictor,
    fitted: dict[str, Baseline],
    split: LinkSplit,
    evaluation: Evaluation,
    config: ExperimentConfig,
) -> Scores:
    """Scores of the row `model` (logits) and of the baselines on the same pairs."""
    rows: Scores = {"model": model_scores(model, scoring_graph(split, config), evaluation)}
    for name, baseline in fitted.items():
        rows[name] = {
            regime: {p: baseline.score(c.edge_label_index) for p, c in parts.items()}
            for regime, parts in evaluation.items()
        }
    return rows


def model_scores(model: LinkPredictor, graph: HeteroData, evaluation: Evaluation) -> PartScores:
    """Regime -> part -> (num_pairs,) logits."""
    sets = [pairs.edge_label_index for parts in evaluation.values() for pairs in parts.values()]
    logits = iter(model.score_each(graph, sets))
    return {regime: {part: next(logits).numpy() for part in parts} for regime, parts in evaluation.items()}


def prediction_table(graph: HeteroData, evaluation: Evaluation, scores: PartScores) -> pd.DataFrame:
    """The model's logit of every evaluation pair: regime, part, TF, target, label, logit."""
    tables = []
    for regime, parts in evaluation.items():
        for part, pairs in parts.items():
            tf, gene = pairs.edge_label_index.numpy()
            table = pd.DataFrame(
                {
                    "regime": regime,
                    "part": part,
                    "TF": np.asarray(graph[TF].name, dtype=object)[tf],
                    "target": np.asarray(graph[GENE].name, dtype=object)[gene],
                    "label": pairs.edge_label.numpy().astype(np.int8),
                    "logit": scores[regime][part],
                }
            )
            tables.append(table)
    return pd.concat(tables, ignore_index=True)
