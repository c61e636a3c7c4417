"""The meaning of each metric: range, direction, chance value and handling of ties."""

from __future__ import annotations

import math
from dataclasses import dataclass

from grnpyg.metrics.ranking import HITS_AT


@dataclass(frozen=True)
class MetricInfo:
    """Description of a metric for readers of a table.

    Attributes:
        name: the key in tables and JSON.
        range: smallest and largest value, both included where finite.
        higher_is_better: None for a count that has no better side.
        chance: value for uninformative scores.
        ties: what happens with equal scores.
        description: one sentence, including what is averaged.
    """

    name: str
    range: tuple[float, float]
    higher_is_better: bool | None
    chance: str
    ties: str
    description: str


_UNIT, _COUNT, _RATIO = (0.0, 1.0), (0.0, math.inf), (0.0, math.inf)
_HALF = "a tied (positive, negative) pair counts one half"
_TOGETHER = "tied pairs enter together"
_RANK = "tied negatives count one half (realistic); optimistic and pessimistic on request"
_FLOAT32 = "logits whose float32 probabilities are equal are tied"
_NONE = "none: nothing is ranked"
_PER_TF_CHANCE = (
    "above 1 where positives are few, about 1.25 to 1.33 over the TFs of a usual test set; 1 if all tie"
)

_GAIN = (-1.0, 1.0)

_ALL = (
    # one candidate set: grnpyg.evaluation.set_metrics; in the full ranking of the mean AUROC per TF
    MetricInfo(
        *(
            "gain_over_degree",
            _GAIN,
            True,
            "0 for the best degree baseline, below 0 for a random score",
            _HALF,
        ),
        "AUROC minus the best of TF degree, gene degree and their product on the same pairs.",
    ),
    MetricInfo(
        *("gain_over_additive", _GAIN, True, "0 for the additive baseline", _HALF),
        "AUROC minus that of the additive baseline on the same pairs.",
    ),
    MetricInfo(
        *("degree_spearman", _GAIN, None, "0", "tied scores share a mean rank"),
        "Spearman correlation of score and degree product; near 1 the score is mostly degree.",
    ),
    *(
        MetricInfo(
            *(f"auroc_{third}_degree", _UNIT, True, "0.5", _HALF),
            f"AUROC within the {third} third of the pairs by degree product.",
        )
        for third in ("low", "middle", "high")
    ),
    # one candidate set: grnpyg.metrics.classification
    MetricInfo("auroc", _UNIT, True, "0.5", _HALF, "Area under the ROC curve of the pairs."),
    MetricInfo(
        "ap", _UNIT, True, "share of positives", _TOGETHER, "Average precision of the pairs, step-wise."
    ),
    MetricInfo(
        *("auprc", _UNIT, True, "about the share s of positives; (1 + s) / 2 if all tie"),
        "tied pairs enter together, on a straight line: ties at the top inflate it",
        "Trapezoid under precision and recall of the pairs; `ap` is the step-wise area.",
    ),
    MetricInfo(
        *("distinct_scores", _COUNT, True, "none", "equal scores count as one"),
        "Number of different scores; few mean a collapsed model.",
    ),
    MetricInfo("positives", _COUNT, None, "none", _NONE, "Known edges among the candidates."),
    MetricInfo("negatives", _COUNT, None, "none", _NONE, "Unlabelled pairs among the candidates."),
    MetricInfo(
        *("accuracy", _UNIT, True, "share of the larger class", "logit 0 is on the negative side"),
        "Share of pairs on the right side of logit 0.",
    ),
    MetricInfo(
        *("f1", _UNIT, True, "2 s / (1 + s) if all are called positive, s = share of positives"),
        *("logit 0 is on the negative side", "F1 of the positive class at logit 0."),
    ),
    MetricInfo(
        *("auroc_probability", _UNIT, True, "0.5", f"{_FLOAT32}; {_HALF}"),
        "AUROC of the pairs by float32 probability; differs from `auroc` only if the model is saturated.",
    ),
    MetricInfo(
        *("ap_probability", _UNIT, True, "share of positives", f"{_FLOAT32}; {_TOGETHER}"),
        "AP of the pairs by float32 probability.",
    ),
    MetricInfo(
        *("distinct_probabilities", _COUNT, True, "none", "equal probabilities count as one"),
        "Number of different float32 probabilities.",
    ),
    # full ranking: grnpyg.metrics.ranking
    MetricInfo("per_tf_auroc", _UNIT, True, "0.5", _HALF, "AUROC of each TF's genes, mean over TFs."),
    MetricInfo(
        *("ap_ratio", _RATIO, True, _PER_TF_CHANCE, _TOGETHER),
        "AP of a TF's genes over its share of positives, median over TFs; at most candidates / positives.",
    ),
    MetricInfo(
        *("ap_over_chance", _RATIO, True, "1", _TOGETHER),
        "AP of a TF's genes, mean over TFs, over the mean of its exact expectation if labels are shuffled.",
    ),
    MetricInfo("ranked_tfs", _COUNT, None, "none", _NONE, "TFs with enough positives for the metrics above."),
    MetricInfo(
        *("mrr", _UNIT, True, "about (ln N + 0.58) / N, N = 1 + negatives of the TF", _RANK),
        "Reciprocal rank among the TF's negatives, mean over positives (not the first positive of each TF).",
    ),
    *(
        MetricInfo(
            *(f"hits_at_{k}", _UNIT, True, f"{k} / (1 + negatives of the TF)", _RANK),
            f"Share of positives whose rank among the TF's negatives is at most {k}.",
        )
        for k in HITS_AT
    ),
    MetricInfo("auroc_all", _UNIT, True, "0.5", _HALF, "AUROC of all candidate pairs of all TFs, pooled."),
    MetricInfo("ap_all", _UNIT, True, "share of positives", _TOGETHER, "AP of all candidate pairs, pooled."),
    MetricInfo(
        *("ap_all_over_chance", _RATIO, True, "1", _TOGETHER),
        "AP of all candidate pairs, pooled, over its exact expectation if labels are shuffled.",
    ),
    MetricInfo(
        *("epr", _RATIO, True, "1", "all pairs tied with the k-th enter, and all of them are divided by"),
        "Early precision ratio (BEELINE): precision of the top k pairs, k = positives, over their share.",
    ),
    MetricInfo(
        *("auprc_ratio", _RATIO, True, "about 1; (1 + 1 / s) / 2 if all tie, s = share of positives"),
        "tied pairs enter together, on a straight line: ties at the top inflate it",
        "Trapezoid under precision and recall over the share of positives (BEELINE).",
    ),
    # a pruned model compared with the unpruned one: grnpyg.compress
    MetricInfo("auroc_before", _UNIT, True, "0.5", _HALF, "AUROC of the pairs by the unpruned model."),
    MetricInfo(
        *(
            "ap_before",
            _UNIT,
            True,
            "share of positives",
            _TOGETHER,
            "AP of the pairs by the unpruned model.",
        ),
    ),
    MetricInfo(
        *("retention_auroc", _RATIO, True, "0.5 over the AUROC before", _HALF),
        "AUROC over that of the unpruned model.",
    ),
    MetricInfo(
        *("retention_ap", _RATIO, True, "share of positives over the AP before", _TOGETHER),
        "AP over that of the unpruned model.",
    ),
    MetricInfo(
        *("score_spearman", _GAIN, True, "0", "tied scores share a mean rank"),
        "Spearman correlation of the scores with those of the unpruned model.",
    ),
    MetricInfo(
        *("participation_ratio", (1.0, math.inf), None, "none", _NONE),
        "Effective rank (tr C)^2 / tr(C^2) of a layer's representations; at most its channels.",
    ),
    MetricInfo(
        *("entropy_rank", (1.0, math.inf), None, "none", _NONE),
        "Effective rank exp(entropy of the normalised singular values); at most the channels.",
    ),
    # columns of the per-TF table
    MetricInfo(
        *("expected_ap", _UNIT, None, "none", _TOGETHER),
        "Exact expectation of a TF's AP if its labels are shuffled over these scores.",
    ),
    MetricInfo("candidates", _COUNT, None, "none", _NONE, "Candidate genes of a TF, positives included."),
    MetricInfo("prevalence", _UNIT, None, "none", _NONE, "Positives of a TF over its candidates."),
)
METRICS: dict[str, MetricInfo] = {info.name: info for info in _ALL}
