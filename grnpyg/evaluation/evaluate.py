"""Score stored evaluation pairs with the model and with the baselines: no metric draws its own pairs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from torch_geometric.data import HeteroData

from grnpyg.baselines import baselines
from grnpyg.config import ExperimentConfig
from grnpyg.data.graph import GENE, TF
from grnpyg.evaluation.metrics import classification_metrics, ranking_metrics
from grnpyg.negatives import negatives, training_pairs
from grnpyg.predictor import LinkPredictor
from grnpyg.runs import Evaluation, Run
from grnpyg.splits import LinkSplit

# `model` has the weights that the config keeps; one of the others stands beside it in the run's metrics
MODEL_ROWS = ("model", "model_best", "model_last")
Scores = dict[str, dict[str, dict[str, NDArray[Any]]]]  # row -> regime -> part -> (num_pairs,)


def score_rows(
    model: LinkPredictor, split: LinkSplit, evaluation: Evaluation, config: ExperimentConfig
) -> Scores:
    """Scores of the row `model` (logits) and of the config's baselines on the same pairs."""
    held_out = {f"{r}/{p}": pairs for r, parts in evaluation.items() for p, pairs in parts.items()}
    sampler = negatives.build_from(config.negatives.sampler)
    pairs = training_pairs(
        split,
        sampler,
        config.negatives.ratio,
        held_out,
        config.seed,
        epoch=0,
        fixed=config.fixed_negatives_seed,
    )
    rows: Scores = {"model": model_scores(model, split, evaluation)}
    for name in config.evaluation.baselines:
        baseline = baselines.build(name)
        baseline.fit(split, pairs)
        rows[name] = {
            regime: {p: baseline.score(c.edge_label_index) for p, c in parts.items()}
            for regime, parts in evaluation.items()
        }
    return rows


def model_scores(
    model: LinkPredictor, split: LinkSplit, evaluation: Evaluation
) -> dict[str, dict[str, NDArray[Any]]]:
    """Regime -> part -> (num_pairs,) logits."""
    return {
        regime: {p: model.score(split.graph, c.edge_label_index).numpy() for p, c in parts.items()}
        for regime, parts in evaluation.items()
    }


def row_metrics(row: str, label: NDArray[Any], score: NDArray[Any]) -> dict[str, float]:
    """Metrics of one row on one candidate set; accuracy and F1 only where the scores are logits."""
    logits = row in MODEL_ROWS or baselines.get(row).gives_logits
    return classification_metrics(label, score) if logits else ranking_metrics(label, score)


def metric_rows(evaluation: Evaluation, scores: Scores) -> pd.DataFrame:
    """Every metric as one line: part, regime, row, metric, value."""
    lines = [
        (part, regime, row, metric, float(value))
        for row, regimes in scores.items()
        for regime, parts in regimes.items()
        for part, score in parts.items()
        for metric, value in row_metrics(row, evaluation[regime][part].edge_label.numpy(), score).items()
    ]
    return pd.DataFrame(lines, columns=["part", "regime", "row", "metric", "value"])


def prediction_table(
    graph: HeteroData, evaluation: Evaluation, scores: dict[str, dict[str, NDArray[Any]]]
) -> pd.DataFrame:
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


def evaluate(run: Run, part: str) -> dict[str, Any]:
    """Score a run's stored pairs again with its stored weights.

    Args:
        run: from `Run.load`.
        part: `validation` or `test`.

    Returns:
        `run split parameters regimes{name: metrics} baselines{row: {regime: metrics}}`.
    """
    chosen = {regime: {part: parts[part]} for regime, parts in run.evaluation.items()}
    scores = score_rows(run.model, run.split, run.evaluation, run.config)
    metrics: dict[str, dict[str, dict[str, float]]] = {
        row: {
            regime: row_metrics(row, parts[part].edge_label.numpy(), scores[row][regime][part])
            for regime, parts in chosen.items()
        }
        for row in scores
    }
    return {
        "run": str(run.path),
        "split": part,
        "status": run.manifest["status"],
        "parameters": run.manifest["parameters"]["total"],
        "regimes": metrics.pop("model"),
        "baselines": metrics,
    }
