"""Evaluate a run on a held-out subset: its model and the baselines side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from torch import Tensor

from grnpyg.core.errors import InputError, unknown
from grnpyg.core.seeding import derive
from grnpyg.data.graph import num_nodes
from grnpyg.evaluation.elsewhere import Elsewhere
from grnpyg.evaluation.full_ranking import RANKING, rank_methods, ranking_candidates
from grnpyg.evaluation.late_settings import setting_sets
from grnpyg.evaluation.methods import MODEL, logit_methods, pair_metrics, run_methods
from grnpyg.evaluation.negatives_report import reached
from grnpyg.evaluation.pair_list import PairList, with_lists
from grnpyg.evaluation.result import EvaluationResult, HiddenPositives, Ranking, SubsetResult
from grnpyg.evaluation.run_calibration import calibration_report, check_calibration, natural_prior
from grnpyg.evaluation.run_reliability import run_reliability
from grnpyg.metrics.bootstrap import require_memory
from grnpyg.metrics.positive_unlabelled import pu_bounds, pu_cutoff_bounds
from grnpyg.models.scorer import Scorer
from grnpyg.runs import Run
from grnpyg.splits import LabelledPairs, LinkSplit
from grnpyg.splits.split_file import Evaluation


@dataclass(frozen=True)
class EvalOptions:
    """What an evaluation computes.

    Attributes:
        settings: names of negative samplers; empty: those that the run stored.
        ranking: compute the full ranking as well.
        resamples: of the two-way bootstrap behind the intervals; 0: no intervals.
        calibration: `temperature`, `isotonic` or `none`; None: no calibration report.
        prior: the share of true edges among the pairs that the network will be used on; None: that of
            `natural_prior`.
        known_elsewhere: labels of another database, a catalogue name or a file; negatives that it reports as
            edges are left out of every setting and of the ranking.
        lists: name -> network of another tool, a method in the same tables.
        reliability: judge the probabilities of unknown pairs by the subset's edges; scores every pair.
    """

    settings: Sequence[str] = ()
    ranking: bool = False
    resamples: int = 1000
    calibration: str | None = None
    prior: float | None = None
    known_elsewhere: str | None = None
    lists: Mapping[str, PairList] = field(default_factory=dict)
    reliability: bool = False


def evaluate(run: Run, subset: str = "test", options: EvalOptions = EvalOptions()) -> EvaluationResult:
    """Score a run's pairs with its stored weights and with the baselines.

    >>> result = evaluate(Run.load(Path("runs/1f0c5d2a9b3e")))  # doctest: +SKIP
    >>> result.to_frame()  # doctest: +SKIP

    Args:
        run: from `Run.load`.
        subset: a held-out subset of its split. With `test`, the test subsets of unseen TFs and genes are
            evaluated as well, each by itself: they are never pooled.
        options: see `EvalOptions`.

    Raises:
        InputError: unknown subset or setting.
    """
    if subset == "test" and not any(name.startswith(subset) for name in run.split.held_out):
        raise InputError(
            "its split has no test subset: all known edges but those of the validation were trained on",
            where=run.path,
            fix="judge it by another database with `--later LABELS`, or use `--split validation`",
        )
    if subset not in run.split.held_out:
        raise unknown("subset", subset, run.split.held_out, where=run.path)
    if options.prior is not None and options.calibration is None:
        raise InputError("a prior needs a calibration", where="--prior", fix="add --calibrate temperature")
    if options.calibration is not None:
        check_calibration(run, options.calibration, options.prior)
    if subset == "validation" and options.calibration is not None:
        raise InputError(
            "a calibration is fitted on validation pairs and reported on test pairs", where="--calibrate"
        )
    settings = tuple(options.settings) or tuple(run.evaluation)
    sets = {setting: setting_sets(run, setting) for setting in settings}
    elsewhere = Elsewhere.of(run, options.known_elsewhere)
    sets, left_out = elsewhere.without(sets)
    methods = with_lists(run_methods(run), options.lists, run.graph)
    subsets = [subset, *(s for s in run.split.held_out if subset == "test" and s.startswith("test_"))]
    about: dict[str, Any] = {
        "run": str(run.path),
        "status": run.manifest.status,
        "parameters": run.manifest.parameters.total,
        "control": run.config.control,
    }
    if options.known_elsewhere is not None:
        about["known_elsewhere"] = elsewhere.facts(left_out, subsets)
    if options.lists:
        about["lists"] = {
            name: one.facts({subset: {s: own[subset] for s, own in sets.items()} for subset in subsets})
            for name, one in options.lists.items()
        }
    leaks = tuple(run.split.leaks)
    found = {
        name: _evaluate_run_subset(run, name, sets, methods, options, elsewhere.pairs) for name in subsets
    }
    return EvaluationResult(found, MODEL, leaks, about)


def _evaluate_run_subset(
    run: Run,
    subset: str,
    sets: Evaluation,
    methods: Mapping[str, Scorer],
    options: EvalOptions,
    elsewhere: Tensor,
) -> SubsetResult:
    result = evaluate_subset(
        methods,
        run.split,
        subset,
        {setting: own[subset] for setting, own in sets.items()},
        ranking=options.ranking,
        resamples=options.resamples,
        seed=run.config.data_seed,
        left_out=elsewhere,
    )
    if options.reliability:
        result = replace(result, reliability=run_reliability(run, subset))
    if options.calibration is None:
        return result
    prior = natural_prior(run) if options.prior is None else options.prior
    calibration = {
        setting: calibration_report(run, methods[MODEL], subset, own, options.calibration, prior)
        for setting, own in sets.items()
    }
    return replace(result, calibration=calibration)


def evaluate_subset(
    methods: Mapping[str, Scorer],
    split: LinkSplit,
    subset: str,
    sets: Mapping[str, LabelledPairs],
    *,
    ranking: bool = False,
    resamples: int = 1000,
    seed: int = 0,
    left_out: Tensor | None = None,
) -> SubsetResult:
    """Metrics of fitted methods on the pairs of one subset.

    Args:
        methods: name -> fitted method, the degree and additive baselines among them; the first one is what
            the bounds for hidden positives are about.
        split: that the methods were fitted on.
        subset: a held-out subset.
        sets: setting -> pairs.
        ranking: compute the full ranking as well.
        resamples: of the two-way bootstrap behind the intervals; 0: no intervals.
        seed: of the bootstrap.
        left_out: (2, E) pairs that are no negatives of the ranking.
    """
    require_memory(max(num_nodes(split.graph)), resamples)
    logits, first = logit_methods(methods), next(iter(methods))
    settings, hidden = {}, {}
    for setting, pairs in sets.items():
        scores = {name: method.score(pairs.edge_label_index) for name, method in methods.items()}
        drawn = derive(seed, "bootstrap", setting, subset)
        settings[setting] = pair_metrics(pairs, scores, logits, resamples=resamples, seed=drawn)
        label = pairs.edge_label.numpy()
        cutoffs = [0.0] if first in logits else []
        hidden[setting] = HiddenPositives(
            pu_bounds(label, scores[first]), pu_cutoff_bounds(label, scores[first], cutoffs)
        )
    ranked = None
    if ranking:
        candidates = ranking_candidates(split, subset, left_out)
        drawn = derive(seed, "bootstrap", RANKING, subset)
        ranked = Ranking(candidates.name, rank_methods(methods, candidates, resamples=resamples, seed=drawn))
    reports = {setting: reached(split, subset, pairs) for setting, pairs in sets.items()}
    return SubsetResult(settings, reports, hidden, ranked, {})
