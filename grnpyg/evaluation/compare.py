"""Two runs on the same held-out pairs: paired differences, their intervals and tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from grnpyg.core.arguments import require_whole
from grnpyg.core.errors import InputError, unknown
from grnpyg.core.seeding import derive
from grnpyg.data.graph import num_nodes
from grnpyg.evaluation.comparison import Comparison, ComparisonResult
from grnpyg.evaluation.full_ranking import RANKING, candidate_scores, ranking_candidates
from grnpyg.evaluation.methods import model_of
from grnpyg.metrics.bootstrap import bootstrap_pairs, bootstrap_ranking, interval, require_memory
from grnpyg.metrics.classification import auroc
from grnpyg.metrics.paired import delong, holm, per_tf_wilcoxon
from grnpyg.metrics.ranking import MIN_POSITIVES, RankingSet, per_tf
from grnpyg.runs import Run
from grnpyg.splits import LabelledPairs


def compare(
    first: Run, second: Run, subset: str = "test", *, ranking: bool = False, resamples: int = 1000
) -> ComparisonResult:
    """Compare two runs setting by setting on the pairs that both stored.

    Args:
        first: run A; differences are A - B.
        second: run B, with the same split and evaluation pairs. Where B is A under a control its labels may
            differ: then the result holds only the AUROCs and the share of A's that survives.
        subset: a held-out subset; with `test` the test subsets of unseen nodes are compared as well.
        ranking: compare the full rankings too, which scores every pair.
        resamples: of the bootstraps.

    Raises:
        InputError: unknown subset, or the runs share no evaluation pairs.
    """
    require_whole(resamples, "resamples", 1, where="compare")
    require_memory(max(num_nodes(first.graph)), resamples)
    for run in (first, second):
        if subset not in run.split.held_out:
            raise unknown("subset", subset, run.split.held_out, where=run.path)
    shared = [s for s in first.split.held_out if s in second.split.held_out]
    subsets = [subset, *(s for s in shared if subset == "test" and s.startswith("test_"))]
    is_control = second.config.control is not None and _same_but_control(first, second)
    results: dict[str, dict[str, Comparison]] = {}
    others: set[str] = set()
    for name in subsets:
        results[name] = {}
        for setting in first.evaluation:
            if setting not in second.evaluation:
                continue
            same = first.evaluation[setting][name].digest() == second.evaluation[setting][name].digest()
            if not same and not is_control:
                others.add(setting)
                continue
            results[name][setting] = _compare_pairs(first, second, setting, name, resamples, paired=same)
        if ranking:
            results[name][RANKING] = _compare_rankings(first, second, name, resamples, is_control)
    if not any(results.values()):
        raise InputError(
            f"{first.path} and {second.path} share no evaluation pairs of the subset {subset}",
            fix="train both with the same data, split, split_seed and evaluation.negatives",
        )
    return ComparisonResult(
        (str(first.path), str(second.path)),
        (first.config.control, second.config.control),
        tuple(sorted(others)),
        _with_holm(results),
    )


def _with_holm(results: dict[str, dict[str, Comparison]]) -> dict[str, dict[str, Comparison]]:
    """The results with the p-values of all Wilcoxon tests corrected together."""
    tests = [one.per_tf for own in results.values() for one in own.values() if one.per_tf is not None]
    corrected = iter(holm(np.array([test.p for test in tests])))
    return {
        subset: {
            setting: one if one.per_tf is None else replace(one, p_holm=float(next(corrected)))
            for setting, one in own.items()
        }
        for subset, own in results.items()
    }


def _same_but_control(first: Run, second: Run) -> bool:
    """Whether the second run is the first one's experiment under a control."""
    a, b = (run.config.model_copy(update={"control": None}) for run in (first, second))
    return a == b


def _compare_pairs(
    first: Run, second: Run, setting: str, subset: str, resamples: int, *, paired: bool
) -> Comparison:
    a, b = first.evaluation[setting][subset], second.evaluation[setting][subset]
    label = a.edge_label.numpy()
    score, other = _logits(first, setting, subset), _logits(second, setting, subset)
    result = Comparison(auroc(label, score), auroc(b.edge_label.numpy(), other), paired)
    if not paired:
        return result
    tf, gene = a.edge_label_index.numpy()
    seed = derive(first.config.data_seed, "compare", setting, subset)
    ends: dict[str, Any] = {}
    for suffix, two_way in (("", True), ("_by_tf", False)):
        samples = bootstrap_pairs(
            tf, gene, label, {"a": score, "b": other}, resamples=resamples, seed=seed, two_way=two_way
        )
        low, high, _ = interval((samples["a"]["auroc"] - samples["b"]["auroc"]).to_numpy())
        ends |= {f"low{suffix}": low, f"high{suffix}": high}
    table = _per_tf_auroc(a, {"a": score, "b": other})
    wilcoxon = per_tf_wilcoxon(table["a"].to_numpy(), table["b"].to_numpy())
    return replace(result, **ends, per_tf=wilcoxon, delong=delong(label, score, other))


def _compare_rankings(first: Run, second: Run, subset: str, resamples: int, is_control: bool) -> Comparison:
    candidates, theirs = (ranking_candidates(run.split, subset) for run in (first, second))
    paired = candidates.digest() == theirs.digest()
    if not paired and not is_control:
        raise InputError(
            f"{first.path} and {second.path} rank different candidates", fix="use the same split"
        )
    scores = {
        "a": candidate_scores(model_of(first), candidates),
        "b": candidate_scores(model_of(second), theirs),
    }
    a, b = _counted_auroc(candidates, scores["a"]), _counted_auroc(theirs, scores["b"])
    result = Comparison(_mean(a), _mean(b), paired)
    if not paired:
        return result
    seed = derive(first.config.data_seed, "compare", RANKING, subset)
    samples = bootstrap_ranking(candidates, scores, resamples=resamples, seed=seed)
    low, high, _ = interval((samples["a"]["per_tf_auroc"] - samples["b"]["per_tf_auroc"]).to_numpy())
    return replace(result, low=low, high=high, per_tf=per_tf_wilcoxon(a, b))


def _counted_auroc(candidates: RankingSet, scores: NDArray[Any]) -> NDArray[np.float64]:
    """AUROC of each TF that counts in an average over TFs."""
    table = per_tf(candidates, scores)
    values: NDArray[np.float64] = table.loc[table["counted"], "auroc"].to_numpy()
    return values


def _mean(values: NDArray[np.float64]) -> float:
    return float(np.mean(values)) if values.size else float("nan")


def _logits(run: Run, setting: str, subset: str) -> NDArray[np.float32]:
    """The stored logits of a candidate set, in the order of its pairs."""
    table = run.predictions
    chosen = table[(table["setting"] == setting) & (table["subset"] == subset)]
    logits: NDArray[np.float32] = chosen["logit"].to_numpy(np.float32)
    return logits


def _per_tf_auroc(pairs: LabelledPairs, scores: dict[str, NDArray[np.float32]]) -> pd.DataFrame:
    """AUROC of each TF that has enough positives and any negative; columns are the names of `scores`."""
    label, tf = pairs.edge_label.numpy(), pairs.edge_label_index[0]
    lines = []
    for one in tf[pairs.edge_label > 0.5].unique().tolist():
        rows = (tf == one).nonzero().squeeze(1).numpy()
        if label[rows].sum() >= MIN_POSITIVES and (label[rows] < 0.5).any():
            lines.append({name: auroc(label[rows], score[rows]) for name, score in scores.items()})
    return pd.DataFrame(lines, columns=list(scores))
