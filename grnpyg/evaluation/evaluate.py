"""What a run is worth: every regime and the full ranking of a part, model and baselines side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from grnpyg.core.errors import InputError, unknown
from grnpyg.core.seeding import derive
from grnpyg.evaluation.full_ranking import rank_part
from grnpyg.evaluation.late_regimes import regime_sets
from grnpyg.evaluation.negatives_report import reached
from grnpyg.evaluation.rows import fitted_baselines, score_rows, scoring_graph
from grnpyg.evaluation.run_calibration import calibration_report, check_calibration, density
from grnpyg.evaluation.set_metrics import set_metrics
from grnpyg.metrics.positive_unlabelled import pu_bounds, pu_cutoff_bounds
from grnpyg.models.baselines import Baseline
from grnpyg.runs import Run
from grnpyg.splits.split_file import Evaluation


@dataclass(frozen=True)
class EvalOptions:
    """What is wanted of an evaluation.

    Attributes:
        regimes: names of negative samplers; empty: those that the run stored.
        ranking: the full ranking as well.
        resamples: of the two-way bootstrap behind the intervals; 0: no intervals.
        calibration: `temperature`, `isotonic` or `none`; None: no calibration report.
        prior: the share of true edges among the pairs that the network will be used on; None: the density of
            the known network.
    """

    regimes: Sequence[str] = ()
    ranking: bool = False
    resamples: int = 1000
    calibration: str | None = None
    prior: float | None = None


def evaluate(run: Run, part: str = "test", options: EvalOptions = EvalOptions()) -> dict[str, Any]:
    """Score a run's pairs with its stored weights.

    Args:
        run: from `Run.load`.
        part: a held-out part of its split. `test` of a split with unseen nodes brings the other test cells
            along, each by itself: they are never pooled.
        options: see `EvalOptions`.

    Returns:
        `run split status parameters leaks regimes{name: metrics} baselines{row: {regime: metrics}}
        negatives{regime: what was reached}`, with `ranking{...}` and `calibration{...}` where asked for, and
        `cells{part: {regimes, baselines, ...}}` for the other test cells.

    Raises:
        InputError: unknown part or regime.
    """
    if part not in run.split.held_out:
        raise unknown("part", part, run.split.held_out, where=run.path)
    if options.prior is not None and options.calibration is None:
        raise InputError("a prior needs a calibration", where="--prior", fix="add --calibrate temperature")
    if options.calibration is not None:
        check_calibration(run, options.calibration, options.prior)
    if part == "validation" and options.calibration is not None:
        raise InputError(
            "a calibration is fitted on validation and shown on a test part", where="--calibrate"
        )
    parts = [part, *(p for p in run.split.held_out if part == "test" and p.startswith("test_"))]
    regimes = tuple(options.regimes) or run.config.evaluation.negatives
    sets = {regime: regime_sets(run, regime) for regime in regimes}
    fitted = fitted_baselines(run.split, run.evaluation, run.config)
    cells = {cell: _cell(run, cell, sets, fitted, options) for cell in parts}
    return {
        "run": str(run.path),
        "split": part,
        "status": run.manifest["status"],
        "parameters": run.manifest["parameters"]["total"],
        "leaks": list(run.split.leaks),
        "control": run.config.control,
        **cells.pop(part),
        **({"cells": cells} if cells else {}),
    }


def _cell(
    run: Run, part: str, sets: Evaluation, fitted: dict[str, Baseline], options: EvalOptions
) -> dict[str, Any]:
    chosen: Evaluation = {regime: {part: parts[part]} for regime, parts in sets.items()}
    scores = score_rows(run.model, fitted, run.split, chosen, run.config)
    rows: dict[str, dict[str, Any]] = {row: {} for row in scores}
    hidden = {}
    for regime, parts in chosen.items():
        own = {row: regimes[regime][part] for row, regimes in scores.items()}
        seed = derive(run.config.data_seed, "bootstrap", regime, part)
        for row, metrics in set_metrics(parts[part], own, resamples=options.resamples, seed=seed).items():
            rows[row][regime] = metrics
        label, logit = parts[part].edge_label.numpy(), own["model"]
        hidden[regime] = {
            "auroc": pu_bounds(label, logit).to_dict("records"),
            "at_logit_0": pu_cutoff_bounds(label, logit, [0.0]).to_dict("records"),
        }
    result: dict[str, Any] = {
        "regimes": rows.pop("model"),
        "baselines": rows,
        "negatives": {regime: reached(run.split, part, parts[part]) for regime, parts in chosen.items()},
        "positive_unlabelled": hidden,
    }
    if options.ranking:
        candidates, ranked = rank_part(
            run.model,
            fitted,
            scoring_graph(run.split, run.config),
            run.split,
            part,
            resamples=options.resamples,
            seed=derive(run.config.data_seed, "bootstrap", "ranking", part),
        )
        result["ranking"] = {"universe": candidates.name, **ranked.pop("model")}
        for row, metrics in ranked.items():
            rows[row]["ranking"] = metrics
    if options.calibration is not None:
        prior = density(run) if options.prior is None else options.prior
        result["calibration"] = {
            regime: calibration_report(run, regime, part, sets[regime], options.calibration, prior)
            for regime in sets
        }
    return result
