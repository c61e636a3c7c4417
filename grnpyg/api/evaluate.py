"""`evaluate`: methods in memory, or a run, on held-out pairs, with degree and additive methods beside."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path

from grnpyg.api.predictor import LinkPredictor
from grnpyg.api.split import Split
from grnpyg.core.arguments import require_list, require_whole
from grnpyg.core.errors import InputError, unknown
from grnpyg.evaluation.evaluate import EvalOptions, evaluate_subset
from grnpyg.evaluation.evaluate import evaluate as evaluate_run
from grnpyg.evaluation.pair_list import PairList
from grnpyg.evaluation.result import EvaluationResult
from grnpyg.metrics.gains import ALWAYS
from grnpyg.models.baselines import Baseline, baselines
from grnpyg.models.scorer import Scorer
from grnpyg.runs import Run
from grnpyg.runs.draws import epoch_pairs

Method = LinkPredictor | Scorer


def evaluate(
    methods: Mapping[str, Method] | Run | str | Path,
    split: Split | None = None,
    *,
    negatives: Sequence[str] | None = None,
    subset: str = "test",
    ranking: bool = False,
    resamples: int = 1000,
    trust_plugins: bool = False,
) -> EvaluationResult:
    """Metrics of methods on held-out pairs, with intervals, and the gain over degree in front.

    Args:
        methods: name -> fitted `LinkPredictor`, baseline, `PairList` (the network of another tool) or other
            `Scorer`; or a run directory, whose stored split is used. A baseline is fitted on the training
            edges. The degree and additive methods are added where they are missing.
        split: from `split`; for a run it is left out.
        negatives: the settings, each a kind of negatives; by default all of the split.
        subset: a held-out subset. With `test`, the subsets of unseen TFs and genes are evaluated as well,
            each by itself.
        ranking: rank all genes for each TF as well, which scores every pair.
        resamples: of the two-way bootstrap behind the intervals; 0: no intervals.
        trust_plugins: whether to run plug-in files that the run names and the trust file does not list.

    Returns:
        A result with `to_frame()` (one line per subset, setting and method) and `to_dict()`.

    Raises:
        InputError: a predictor that is not fitted, or was fitted on another split, or an unknown setting.

    Example:
        >>> import grnpyg as gp
        >>> methods = {"degree": gp.baselines.DegreeProduct()}
        >>> result = gp.evaluate(methods, split, negatives=["uniform"])  # doctest: +SKIP
        >>> result.to_frame()  # doctest: +SKIP
    """
    if not isinstance(methods, (Mapping, Run, str, Path)):
        kind = type(methods).__name__
        raise InputError(f"a {kind} is not a mapping of names to methods", fix='give {"name": method}')
    if isinstance(resamples, int) and resamples < 0:
        raise InputError(f"{resamples} resamples", where="evaluate", fix="0 for no intervals, or more")
    require_whole(resamples, "resamples", 0, where="evaluate")
    if negatives is not None and not negatives:
        raise InputError(f"negatives: {negatives!r} is not a list of settings", where="evaluate")
    if negatives is not None:
        require_list(negatives, "negatives", where="evaluate")
    if not isinstance(methods, Mapping) and split is not None:
        raise InputError("a run has its own split", where="evaluate", fix="leave split out")
    if not isinstance(methods, Mapping):
        run = methods if isinstance(methods, Run) else Run.load(methods, trust_plugins=trust_plugins)
        options = EvalOptions(tuple(negatives or ()), ranking, resamples)
        return evaluate_run(run, subset, options)
    if not isinstance(split, Split) or not methods:
        raise InputError("needs at least one method and a split", where="evaluate", fix="make one with split")
    held_out = split.pairs.held_out
    if subset not in held_out:
        raise unknown("subset", subset, held_out, where="evaluate")
    settings = tuple(split.evaluation) if negatives is None else tuple(negatives)
    for setting in settings:
        if setting not in split.evaluation:
            raise unknown("setting", setting, split.evaluation, where="evaluate, negatives")
    ready = _fitted(methods, split)
    subsets = [subset, *(name for name in held_out if subset == "test" and name.startswith("test_"))]
    found = {
        name: evaluate_subset(
            ready,
            split.pairs,
            name,
            {setting: split.evaluation[setting][name] for setting in settings},
            ranking=ranking,
            resamples=resamples,
            seed=split.seed,
        )
        for name in subsets
    }
    lists = {name: one for name, one in methods.items() if isinstance(one, PairList)}
    by_subset = {name: {s: split.evaluation[s][name] for s in settings} for name in subsets}
    about = {"lists": {name: one.facts(by_subset) for name, one in lists.items()}} if lists else {}
    return EvaluationResult(found, next(iter(methods)), tuple(split.leaks), about)


def _fitted(methods: Mapping[str, Method], split: Split) -> dict[str, Scorer]:
    """Every method ready to score: baselines are fitted on copies, predictors checked against the split."""
    pairs = epoch_pairs(split.config, split.pairs, split.evaluation, epoch=0)
    ready: dict[str, Scorer] = {}
    beside = {name: baselines.build(name) for name in ALWAYS if name not in methods}
    for name, method in {**methods, **beside}.items():
        if isinstance(method, LinkPredictor):
            ready[name] = method.scorer_on(split)
        elif isinstance(method, Baseline):
            ready[name] = baseline = copy.copy(method)
            baseline.seed = split.seed
            baseline.fit(split.pairs, pairs)
        elif isinstance(method, Scorer) and not isinstance(method, type):
            method.fit(split.pairs, pairs)
            ready[name] = method
        else:
            raise InputError(
                f"{name} is a {type(method).__name__}, which does not score pairs",
                where="evaluate",
                fix="give a LinkPredictor, a baseline, or an object with the members of grnpyg.models.Scorer",
            )
    return ready
