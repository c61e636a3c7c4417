"""What only the runs of a study tell: curves, the course of the trainings, and spectra."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import pandas as pd
from scipy.special import expit

from grnpyg.compress import effective_rank
from grnpyg.metrics.reliability import ReliabilityBins
from grnpyg.report import pl
from grnpyg.report.figure import Figure
from grnpyg.report.page import Figures, Section, section
from grnpyg.report.pages.study_axes import label
from grnpyg.report.pages.words import setting
from grnpyg.report.pl.curves import curve_points
from grnpyg.report.scores import scores_of_run
from grnpyg.runs import Run, read_epochs
from grnpyg.studies import Store, Study

MOST = 6  # groups that have curves and spectra; each loads a run
TEST = "test"


def run_sections(
    study: Study, store: Store, axes: Sequence[str], *, trust_plugins: bool = False
) -> list[Section]:
    """Curves, trainings and spectra of the trials that are done, each where there is one.

    Args:
        study: from `read_study`.
        store: of its runs.
        axes: those that are not averaged over; of each group the first trial has curves.
        trust_plugins: run the plug-in files that a run names.
    """
    done = [trial for trial in study.trials if store.manifest(trial) is not None]
    first: dict[str, Any] = {}
    for trial in done:
        first.setdefault(label(trial.levels, axes, study.name), trial)
    runs = {
        name: Run.load(store.path(trial), trust_plugins=trust_plugins)
        for name, trial in list(first.items())[:MOST]
    }
    runs = {name: run for name, run in runs.items() if TEST in run.split.held_out}
    return [*_curves(runs), *_calibration(runs), *_training(study, store, done, axes), *_spectra(runs)]


def _curves(runs: dict[str, Run]) -> list[Section]:
    if not runs:
        return []
    main = next(iter(next(iter(runs.values())).evaluation))
    scores = {name: scores_of_run(run, main)["model"] for name, run in runs.items() if main in run.evaluation}
    beside = scores_of_run(next(iter(runs.values())), main)
    scores |= {name: pair for name, pair in beside.items() if name in ("degree_product", "additive")}
    figures = []
    for kind, title, draw in (("roc", "ROC", pl.roc), ("pr", "Precision and recall", pl.precision_recall)):
        points = curve_points(scores, kind)
        caption = (
            f"The first trial of each of the first {len(runs)} groups, test edges against {setting(main)}; "
            "degree and additive on the pairs of the first one; the thin line is chance."
        )
        figures.append(Figure(kind, title, caption, partial(draw, points), points, (4.8, 3.0)))
    return section("curves", "ROC, precision and recall", Figures(figures))


def _calibration(runs: dict[str, Run]) -> list[Section]:
    """Of runs whose scores are logits: the sigmoid, judged on the stored test pairs."""
    tables = []
    for name, run in runs.items():
        if run.manifest.handed_out is not None or run.config.baseline is not None:
            continue
        label, score = scores_of_run(run)["model"]
        bins = ReliabilityBins()
        bins.add(expit(score), label > 0.5)
        tables.append(bins.table().assign(series=name))
    if not tables:
        return []
    table = pd.concat(tables, ignore_index=True)
    caption = (
        "Share of edges among stored test pairs against the sigmoid of their logit, both at the share of "
        "edges that the test pairs have, not at that of all pairs; whiskers: 95 % Wilson intervals; the "
        "line: every claim holds. The first trial of each group."
    )
    figure = Figure("calibration", "Calibration", caption, partial(pl.reliability, table), table, (4.8, 3.0))
    return section("calibration", "Calibration", Figures([figure]))


def _training(study: Study, store: Store, done: Sequence[Any], axes: Sequence[str]) -> list[Section]:
    tables = []
    for trial in done:
        manifest = store.manifest(trial)
        if manifest is None:
            continue
        epochs = read_epochs(store.path(trial), manifest)
        if epochs.empty:  # of a run that was only pruned
            continue
        columns = [name for name in ("epoch", "loss", "val_auroc") if name in epochs]
        tables.append(epochs[columns].assign(series=label(trial.levels, axes, study.name), run=trial.hash))
    table = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
    figures = []
    for metric, title in (("loss", "Training loss"), ("val_auroc", "Validation AUROC")):
        if metric in table and table[metric].notna().any():
            caption = f"{title} after each epoch; a line for each trial, a colour for each group."
            draw = partial(pl.training, table, metric=metric)
            figures.append(Figure(f"training-{metric}", title, caption, draw, table, (4.8, 3.0)))
    return section("training", "Training", Figures(figures))


def _spectra(runs: dict[str, Run]) -> list[Section]:
    tables = [
        effective_rank(run).to_frame().assign(series=name)
        for name, run in runs.items()
        if run.config.baseline is None and run.model.head.representation
    ]
    if not tables:
        return []
    table = pd.concat(tables, ignore_index=True)
    caption = (
        "Singular values of the head's representation of test pairs, as a share of the largest; both axes "
        "are logarithmic; of the first trial of each group."
    )
    figure = Figure("spectra", "Spectra", caption, partial(pl.effective_rank, table), table, (4.8, 3.0))
    return section("effective-rank", "Effective rank", Figures([figure]))
