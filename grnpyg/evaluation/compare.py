"""Two runs on the same held-out pairs: paired differences, their intervals and tests."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from grnpyg.core.errors import InputError, unknown
from grnpyg.core.seeding import derive
from grnpyg.evaluation.full_ranking import model_table, part_ranking
from grnpyg.evaluation.rows import scoring_graph
from grnpyg.metrics.bootstrap import bootstrap_pairs, bootstrap_ranking, interval
from grnpyg.metrics.classification import auroc
from grnpyg.metrics.paired import delong, holm, per_tf_wilcoxon
from grnpyg.metrics.ranking import MIN_POSITIVES, per_tf
from grnpyg.metrics.survival import surviving_share
from grnpyg.runs import Run
from grnpyg.splits import LabelledPairs


def compare(
    first: Run, second: Run, part: str = "test", *, ranking: bool = False, resamples: int = 1000
) -> dict[str, Any]:
    """Compare two runs regime by regime on the pairs that both stored.

    Args:
        first: run A; differences are A - B.
        second: run B, with the same split and evaluation pairs. One that is A under a control may have other
            labels: then only the share of A's score that survives is given.
        part: a held-out part; further test cells of `test` are compared as well, each by itself.
        ranking: compare the full rankings too, which scores every pair.
        resamples: of the bootstraps.

    Returns:
        `runs control other_pairs parts{part: {regime: {auroc_a auroc_b difference low high low_by_tf
        high_by_tf surviving_share paired per_tf{...} delong{...}}}}`. `low high` are of the two-way bootstrap
        of TFs and genes, `_by_tf` of the one that draws TFs alone. `other_pairs` names the regimes that are
        left out because the two runs have other pairs there (`hard` ones depend on expression). `per_tf` is
        the Wilcoxon test of the TFs' AUROC, its p-values corrected over all regimes and parts by Holm's
        method. `delong` takes the pairs as independent, which they are not.

    Raises:
        InputError: unknown part, or the runs share no evaluation pairs.
    """
    for run in (first, second):
        if part not in run.split.held_out:
            raise unknown("part", part, run.split.held_out, where=run.path)
    shared = [p for p in first.split.held_out if p in second.split.held_out]
    parts = [part, *(p for p in shared if part == "test" and p.startswith("test_"))]
    is_control = second.config.control is not None and _same_but_control(first, second)
    results: dict[str, dict[str, dict[str, Any]]] = {}
    others: set[str] = set()
    for cell in parts:
        results[cell] = {}
        for regime in first.evaluation:
            if regime not in second.evaluation:
                continue
            same = first.evaluation[regime][cell].digest() == second.evaluation[regime][cell].digest()
            if not same and not is_control:
                others.add(regime)
                continue
            results[cell][regime] = _regime(first, second, regime, cell, resamples, paired=same)
        if ranking:
            results[cell]["ranking"] = _ranking(first, second, cell, resamples, is_control)
    if not any(results.values()):
        raise InputError(
            f"{first.path} and {second.path} share no evaluation pairs of the part {part}",
            fix="train both with the same data, split, split_seed and evaluation.negatives",
        )
    tests = [r["per_tf"] for regimes in results.values() for r in regimes.values() if "per_tf" in r]
    for test, p in zip(tests, holm(np.array([test["p"] for test in tests])), strict=True):
        test["p_holm"] = float(p)
    return {
        "runs": [str(first.path), str(second.path)],
        "control": [first.config.control, second.config.control],
        "other_pairs": sorted(others),
        "parts": results,
    }


def _same_but_control(first: Run, second: Run) -> bool:
    """Whether the second run is the first one's experiment under a control."""
    a, b = (run.config.model_copy(update={"control": None}) for run in (first, second))
    return a == b


def _shares(a: float, b: float) -> dict[str, Any]:
    share = surviving_share(a, b, 0.5)
    return {"auroc_a": a, "auroc_b": b, "difference": a - b, "surviving_share": share}


def _regime(
    first: Run, second: Run, regime: str, part: str, resamples: int, *, paired: bool
) -> dict[str, Any]:
    a, b = first.evaluation[regime][part], second.evaluation[regime][part]
    label = a.edge_label.numpy()
    score, other = _logits(first, regime, part), _logits(second, regime, part)
    result = _shares(auroc(label, score), auroc(b.edge_label.numpy(), other))
    if not paired:
        return result | {"paired": False}
    tf, gene = a.edge_label_index.numpy()
    seed = derive(first.config.data_seed, "compare", regime, part)
    ends: dict[str, float] = {}
    for suffix, two_way in (("", True), ("_by_tf", False)):
        samples = bootstrap_pairs(
            tf, gene, label, {"a": score, "b": other}, resamples=resamples, seed=seed, two_way=two_way
        )
        low, high, _ = interval((samples["a"]["auroc"] - samples["b"]["auroc"]).to_numpy())
        ends |= {f"low{suffix}": low, f"high{suffix}": high}
    table = _per_tf_auroc(a, {"a": score, "b": other})
    wilcoxon = per_tf_wilcoxon(table["a"].to_numpy(), table["b"].to_numpy())
    return result | {
        "paired": True,
        **ends,
        "per_tf": vars(wilcoxon),
        "delong": vars(delong(label, score, other)),
    }


def _ranking(first: Run, second: Run, part: str, resamples: int, is_control: bool) -> dict[str, Any]:
    candidates, theirs = part_ranking(first.split, part), part_ranking(second.split, part)
    paired = candidates.digest() == theirs.digest()
    if not paired and not is_control:
        raise InputError(f"{first.path} and {second.path} rank other candidates", fix="use the same split")
    tables = {
        name: model_table(run.model, scoring_graph(run.split, run.config), ranked)
        for name, run, ranked in (("a", first, candidates), ("b", second, theirs))
    }
    if not paired:
        by_tf = {n: per_tf(r, tables[n]) for n, r in (("a", candidates), ("b", theirs))}
        means = {name: float(table.loc[table["counted"], "auroc"].mean()) for name, table in by_tf.items()}
        return _shares(means["a"], means["b"]) | {"paired": False}
    by_tf = {name: per_tf(candidates, table) for name, table in tables.items()}
    values = {name: table.loc[table["counted"], "auroc"].to_numpy() for name, table in by_tf.items()}
    samples = bootstrap_ranking(
        candidates,
        tables,
        resamples=resamples,
        seed=derive(first.config.data_seed, "compare", "ranking", part),
    )
    low, high, _ = interval((samples["a"]["per_tf_auroc"] - samples["b"]["per_tf_auroc"]).to_numpy())
    means = {name: float(np.mean(v)) if v.size else float("nan") for name, v in values.items()}
    return _shares(means["a"], means["b"]) | {
        "paired": True,
        "low": low,
        "high": high,
        "per_tf": vars(per_tf_wilcoxon(values["a"], values["b"])),
    }


def _logits(run: Run, regime: str, part: str) -> NDArray[np.float32]:
    """The stored logits of a candidate set, in the order of its pairs."""
    table = run.predictions
    chosen = table[(table["regime"] == regime) & (table["part"] == part)]
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
