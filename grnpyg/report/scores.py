"""The stored scores of a run beside those of the closed forms of degree, on the same pairs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from grnpyg.core.errors import InputError, unknown
from grnpyg.core.seeding import derive
from grnpyg.evaluation.methods import fitted
from grnpyg.metrics.gains import ALWAYS
from grnpyg.metrics.method_table import MethodTable, set_metrics
from grnpyg.runs import Run
from grnpyg.runs.draws import epoch_pairs

Scores = dict[str, tuple[NDArray[Any], NDArray[Any]]]
MODEL = "model"
RESAMPLES = 1000


def scores_of_run(run: Run, setting: str | None = None, subset: str = "test") -> Scores:
    """Method -> (labels, scores): what the run hands out, and degree and additive, fitted again.

    Args:
        run: from `Run.load`.
        setting: kind of evaluation negatives; None: the first.
        subset: of the edges.

    Raises:
        InputError: the run has no such setting or subset.
    """
    index, label, model = _stored(run, setting, subset)
    pairs = epoch_pairs(run.config, run.split, run.evaluation, epoch=0)
    found: Scores = {MODEL: (label, model)}
    for name in ALWAYS:
        found[name] = (label, fitted({"name": name}, run.split, pairs, run.config.seed).score(index))
    return found


def intervals_of_run(run: Run, setting: str, subset: str = "test") -> MethodTable:
    """Metrics of the run and of degree and additive on stored pairs, with 95 % two-way bootstrap intervals.

    Args:
        run: from `Run.load`.
        setting: kind of evaluation negatives.
        subset: of the edges.

    Raises:
        InputError: the run has no such setting or subset.
    """
    scores = scores_of_run(run, setting, subset)
    tf, gene = _pairs(run, setting, subset).edge_label_index.numpy()
    own = {name: score for name, (_, score) in scores.items()}
    drawn = derive(run.config.data_seed, "bootstrap", setting, subset)
    return set_metrics(tf, gene, scores[MODEL][0], own, resamples=RESAMPLES, seed=drawn)


def gains_of_run(run: Run, subset: str = "test") -> pd.DataFrame:
    """The gain over the best degree method in every setting, with a 95 % two-way bootstrap interval.

    The interval says how far the gain would move with other TFs and genes, not with another training.

    Args:
        run: from `Run.load`.
        subset: of the edges.

    Returns:
        `setting gain low high`, differences of AUROC; one row for each setting that the run stored.

    Raises:
        InputError: the run has no such subset.
    """
    names = ("gain_over_degree", "gain_over_degree_low", "gain_over_degree_high")
    own = {setting: intervals_of_run(run, setting, subset)[MODEL] for setting in run.evaluation}
    rows = [[setting, *(values[name] for name in names)] for setting, values in own.items()]
    return pd.DataFrame(rows, columns=["setting", "gain", "low", "high"])


def _pairs(run: Run, setting: str | None, subset: str) -> Any:
    setting = next(iter(run.evaluation)) if setting is None else setting
    if setting not in run.evaluation:
        raise unknown("setting", setting, run.evaluation, where=run.path)
    if subset not in run.evaluation[setting]:
        raise unknown("subset", subset, run.evaluation[setting], where=run.path)
    return run.evaluation[setting][subset]


def _stored(run: Run, setting: str | None, subset: str) -> tuple[Any, NDArray[Any], NDArray[Any]]:
    """Pairs, labels, and the scores that the run stores of them."""
    setting = next(iter(run.evaluation)) if setting is None else setting
    pairs = _pairs(run, setting, subset)
    table = run.predictions
    own = table[(table["setting"] == setting) & (table["subset"] == subset)]
    label = pairs.edge_label.numpy()
    return (
        pairs.edge_label_index,
        label,
        _in_order(own["logit"].to_numpy(), own["label"].to_numpy(), label, run),
    )


def _in_order(scores: NDArray[Any], stored: NDArray[Any], label: NDArray[Any], run: Run) -> NDArray[Any]:
    if len(stored) != len(label) or not np.array_equal(stored > 0.5, label > 0.5):
        raise InputError("its predictions are not those of its pairs", where=run.path, fix="train it again")
    return scores
