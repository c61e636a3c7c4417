"""Full ranking: each TF's candidate genes in order of score, the known edges of other subsets filtered out.

Every number follows from a few counts of each positive, such as the negatives above it and those tied with
it. One sort gives them all in a tenth of scikit-learn's time on 4.8 million pairs; the tests hold every area
against scikit-learn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from grnpyg.core.errors import InputError
from grnpyg.core.files import sha256_of

Array = NDArray[Any]
Ties = Literal["realistic", "optimistic", "pessimistic"]

HITS_AT = (1, 3, 10, 50)
MIN_POSITIVES = 3  # of a TF that counts in the averages over TFs
# share of the tied negatives ranked above a positive (PyKEEN's names)
_BEHIND: dict[Ties, float] = {"realistic": 0.5, "optimistic": 0.0, "pessimistic": 1.0}

_COLUMNS = {"tf": int, "positives": int, "candidates": int, "counted": bool} | dict.fromkeys(
    ("auroc", "ap", "expected_ap", "prevalence", "ap_ratio", "mrr", *(f"hits_at_{k}" for k in HITS_AT)), float
)


@dataclass(frozen=True)
class RankingSet:
    """The pairs of a score matrix that are ranked, and the positives among them.

    Attributes:
        tf: (n,) TF ids, the rows.
        gene: (m,) gene ids, the columns.
        label: (n, m) True for a positive of the subset.
        candidate: (n, m) False for a pair that never counts: a known edge of another subset, or a TF with
            its own gene.
        name: the candidate universe in words, and what is filtered out.
    """

    tf: Array
    gene: Array
    label: NDArray[np.bool_]
    candidate: NDArray[np.bool_]
    name: str

    @property
    def positives(self) -> NDArray[np.bool_]:
        """(n, m) True for a positive candidate."""
        return self.label & self.candidate

    @property
    def negatives(self) -> NDArray[np.bool_]:
        """(n, m) True for a negative candidate."""
        return self.candidate & ~self.label

    def digest(self) -> str:
        """SHA-256 of ids, labels and candidates: equal digests mean that the same pairs were ranked."""
        arrays = (np.array(self.label.shape), self.tf, self.gene, self.label, self.candidate)
        return sha256_of(array.tobytes() for array in arrays)

    def check(self, scores: Array) -> None:
        """Check that scores can be ranked.

        Raises:
            InputError: `scores` is not (n, m), or the score of a candidate is not finite.
        """
        if scores.shape != self.label.shape:
            raise InputError(f"scores are {scores.shape}, the ranking set is {self.label.shape}")
        bad = int((~np.isfinite(scores) & self.candidate).sum())
        if bad:
            raise InputError(
                f"{bad:,} of {self.candidate.sum():,} candidate pairs have a score that is not finite"
            )


def ranking_set(
    tf: Array, gene: Array, positives: Array, filtered: Array, num_genes: int, name: str
) -> RankingSet:
    """The ranking set of a subset over TFs x genes.

    Args:
        tf: (n,) distinct TF ids.
        gene: (m,) distinct gene ids.
        positives: (2, P) TF and gene ids of the subset's known edges, all inside the universe.
        filtered: (2, E) pairs that never count; those outside the universe are ignored.
        num_genes: genes of the whole graph; tf * num_genes + gene identifies a pair.
        name: see `RankingSet`.

    Raises:
        InputError: a positive is filtered or lies outside the universe.
    """
    both = np.intersect1d(*(pairs[0] * num_genes + pairs[1] for pairs in (positives, filtered)))
    if both.size:
        raise InputError(f"{both.size:,} positives are filtered out as well", where=name)
    rows, columns = pd.Index(tf), pd.Index(gene)
    found = np.stack([rows.get_indexer(positives[0]), columns.get_indexer(positives[1])])
    outside = int((found < 0).any(axis=0).sum())
    if outside:
        raise InputError(f"{outside:,} positives lie outside the candidate universe", where=name)
    out = np.stack([rows.get_indexer(filtered[0]), columns.get_indexer(filtered[1])])
    out = out[:, (out >= 0).all(axis=0)]
    label, candidate = np.zeros((len(tf), len(gene)), bool), np.ones((len(tf), len(gene)), bool)
    label[*found], candidate[*out] = True, False
    return RankingSet(np.asarray(tf), np.asarray(gene), label, candidate, name)


def per_tf(
    ranking_set: RankingSet, scores: Array, min_positives: int = MIN_POSITIVES, *, ties: Ties = "realistic"
) -> pd.DataFrame:
    """One row per TF that has a positive and a negative candidate.

    A positive's rank is 1 + the negatives above it; the other positives are left out (the filtered rank of
    knowledge-graph completion, Bordes et al. 2013). Tied negatives count one half (`realistic`: the mean of
    the other two), not at all (`optimistic`) or fully (`pessimistic`). AUROC and AP always use
    scikit-learn's rule for ties.

    Args:
        ranking_set: n TFs x m genes.
        scores: (n, m), higher = more likely an edge.
        min_positives: TFs with fewer positives are listed but not `counted`.
        ties: of mrr and hits.

    Returns:
        tf, positives, candidates, counted, auroc, ap (step-wise), expected_ap (the mean AP of these scores if
        the labels are shuffled), prevalence (positives / candidates), ap_ratio (ap / prevalence), mrr (mean
        reciprocal rank of the positives), hits_at_K (share of the positives with rank <= K; all of them where
        K exceeds the candidates).

    Raises:
        InputError: see `RankingSet.check`.
    """
    ranking_set.check(scores)
    lines = []
    for tf, positive, negative, score in zip(
        ranking_set.tf, ranking_set.positives, ranking_set.negatives, scores, strict=True
    ):
        if not (positive.any() and negative.any()):
            continue
        counts = _Counts.of(score[positive], score[negative])
        rank = 1 + counts.above + _BEHIND[ties] * counts.tied
        size, candidates = counts.found.size, counts.found.size + counts.negatives
        ap = counts.ap()
        line = {
            "tf": tf,
            "positives": size,
            "candidates": candidates,
            "counted": size >= min_positives,
            "auroc": counts.auroc(),
            "ap": ap,
            "expected_ap": counts.expected_ap(),
            "prevalence": size / candidates,
            "ap_ratio": ap * candidates / size,
            "mrr": float(np.mean(1 / rank)),
        }
        lines.append(line | {f"hits_at_{k}": float(np.mean(rank <= k)) for k in HITS_AT})
    return pd.DataFrame(lines, columns=list(_COLUMNS)).astype(_COLUMNS)  # typed without a row too


def ranking_metrics(
    ranking_set: RankingSet, scores: Array, *, min_positives: int = MIN_POSITIVES, ties: Ties = "realistic"
) -> dict[str, float]:
    """Full-ranking metrics of one score matrix.

    `per_tf_auroc` (mean) and `ap_ratio` (median) are over the `ranked_tfs` TFs with at least `min_positives`
    positives. So is `ap_over_chance`: the mean AP over the mean of what AP is expected to be if each TF's
    labels are shuffled. It is 1 for uninformative scores, with or without ties, while `ap_ratio` is above 1
    there: with few positives AP is skewed, and its expectation is above the prevalence. `mrr` and `hits_at_K`
    are means over the positives of all TFs in `per_tf`, as in knowledge-graph completion, so a TF with many
    positives weighs more. `auroc_all`, `ap_all`, `ap_all_over_chance`, `epr` and `auprc_ratio` pool all
    candidates.

    `epr` and `auprc_ratio` are BEELINE's (Pratapa et al. 2020, `BLEval/EarlyPrecision.py` and `AUPRC.py`):
    with k = number of positives, the precision among the pairs that score at least as much as the k-th, and
    the trapezoid area under precision and recall, both over the prevalence. All pairs tied with the k-th
    enter, and the precision divides by how many entered. Differences: BEELINE's early precision takes
    |weight|, here the raw score counts, as a logit's sign says which class; BEELINE leaves weights of 0, its
    mark of an absent edge, out at the cut unless all are 0, here 0 is a score like any other; its older
    programs round weights to six digits and take the area from R's PRROC, which interpolates.

    Args:
        ranking_set: n TFs x m genes.
        scores: (n, m), higher = more likely an edge.
        min_positives: smallest number of positives of a TF in the first two.
        ties: of mrr and hits, see `per_tf`.

    Returns:
        metric -> value; nan where no TF counts or where there is only one class.

    Raises:
        InputError: see `RankingSet.check`.
    """
    table = per_tf(ranking_set, scores, min_positives, ties=ties)
    counted = table[table["counted"]]
    metrics = {
        "per_tf_auroc": float(counted["auroc"].mean()),
        "ap_ratio": float(counted["ap_ratio"].median()),
        "ap_over_chance": float(counted["ap"].mean() / counted["expected_ap"].mean()),
        "ranked_tfs": len(counted),
    }
    for name in ("mrr", *(f"hits_at_{k}" for k in HITS_AT)):
        weight = table["positives"]
        metrics[name] = float((table[name] * weight).sum() / weight.sum()) if len(table) else float("nan")
    return metrics | _pooled(scores[ranking_set.positives], scores[ranking_set.negatives])


def early_metrics(positive: Array, negative: Array) -> dict[str, float]:
    """Area and early precision of one list of scores, as BEELINE counts them (see `ranking_metrics`).

    Args:
        positive: (P,) scores of the positives.
        negative: (N,) scores of the negatives.

    Returns:
        `auprc` (trapezoid), `auprc_ratio` (over the share of positives) and `epr`; nan without both classes.
    """
    if not (positive.size and negative.size):
        return dict.fromkeys(("auprc", "auprc_ratio", "epr"), float("nan"))
    prevalence = positive.size / (positive.size + negative.size)
    pooled = np.concatenate([positive, negative])
    cut = np.partition(pooled, negative.size)[negative.size]  # the k-th largest, k = number of positives
    early = (positive >= cut).sum() / (pooled >= cut).sum()
    auprc = _Counts.of(positive, negative).auprc()
    return {"auprc": auprc, "auprc_ratio": auprc / prevalence, "epr": float(early / prevalence)}


def _pooled(positive: Array, negative: Array) -> dict[str, float]:
    if not (positive.size and negative.size):
        names = ("auroc_all", "ap_all", "ap_all_over_chance", "epr", "auprc_ratio")
        return dict.fromkeys(names, float("nan"))
    counts, early = _Counts.of(positive, negative), early_metrics(positive, negative)
    return {
        "auroc_all": counts.auroc(),
        "ap_all": counts.ap(),
        "ap_all_over_chance": counts.ap() / counts.expected_ap(),
        "epr": early["epr"],
        "auprc_ratio": early["auprc_ratio"],
    }


@dataclass(frozen=True)
class _Counts:
    """Counts that determine every area; integer arrays with one entry per positive.

    Attributes:
        found: positives that score at least as much, itself among them.
        before: positives that score more.
        above: negatives that score more.
        tied: negatives that score the same.
        negatives: how many there are.
        depth: sum over all candidates of 1 / (candidates that score at least as much).
    """

    found: Array
    before: Array
    above: Array
    tied: Array
    negatives: int
    depth: float

    @classmethod
    def of(cls, positive: Array, negative: Array) -> _Counts:
        """Count among the scores of the positives and of the negatives, neither of them empty."""
        ordered, others = np.sort(positive), np.sort(negative)
        left, right = np.searchsorted(others, positive), np.searchsorted(others, positive, side="right")
        return cls(
            found=positive.size - np.searchsorted(ordered, positive),
            before=positive.size - np.searchsorted(ordered, positive, side="right"),
            above=negative.size - right,
            tied=right - left,
            negatives=negative.size,
            depth=_depth(np.sort(np.concatenate([others, ordered]), kind="stable")),
        )

    def auroc(self) -> float:
        """Share of (positive, negative) pairs in the right order, a tie counting one half."""
        return float(1 - np.mean(self.above + self.tied / 2) / self.negatives)

    def ap(self) -> float:
        """Mean precision at the score of each positive: tied pairs enter together."""
        return float(np.mean(self.found / (self.found + self.above + self.tied)))

    def expected_ap(self) -> float:
        """Mean of `ap` over all orders of the labels, the scores and their ties unchanged.

        A candidate is a positive with probability P / N, and then each of the other c - 1 that score at least
        as much is one with probability (P - 1) / (N - 1), so that
        E[AP] = 1/N sum_i (1 + (c_i - 1)(P - 1)/(N - 1)) / c_i = (D + (N - D)(P - 1)/(N - 1)) / N
        with D = sum_i 1 / c_i, the harmonic number of N without ties, and P / N if all tie.
        """
        positives, num = self.found.size, self.found.size + self.negatives
        share = (positives - 1) / (num - 1)
        return float((self.depth + (num - self.depth) * share) / num)

    def auprc(self) -> float:
        """Trapezoid: each step of recall at the mean precision of its ends, from recall 0 at precision 1."""
        entered = self.before + self.above
        start = np.where(entered > 0, self.before / np.maximum(entered, 1), 1.0)
        end = self.found / (self.found + self.above + self.tied)
        return float(np.mean((start + end) / 2))


def _depth(ordered: Array) -> float:
    """Sum of 1 / (values at least as large) over ascending values (n,)."""
    first = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    sizes = np.diff(first, append=ordered.size)
    return float(np.sum(sizes / (ordered.size - first)))
