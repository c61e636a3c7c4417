from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

from grnpyg.metrics.method_table import MethodTable, metric_lines, set_metrics

RNG = np.random.default_rng(0)
NUM = 600
TF, GENE = RNG.integers(0, 20, NUM), RNG.integers(0, 50, NUM)
LABEL = (RNG.random(NUM) < 0.4).astype(np.float32)
PAIRS = (TF, GENE, LABEL)
SCORES = {
    "model": (LABEL + RNG.normal(size=NUM)).astype(np.float32),
    "degree_product": LABEL * 0.5 + RNG.normal(size=NUM),
    "tf_degree": RNG.normal(size=NUM),
    "gene_degree": RNG.normal(size=NUM),
    "additive": RNG.normal(size=NUM),
}


def test_a_gain_is_the_difference_to_the_row_beside() -> None:
    metrics = set_metrics(*PAIRS, SCORES)
    auroc = {row: roc_auc_score(LABEL, score) for row, score in SCORES.items()}
    for row, own in metrics.items():
        assert own["gain_over_degree"] == pytest.approx(auroc[row] - auroc["degree_product"])
        assert own["gain_over_additive"] == pytest.approx(auroc[row] - auroc["additive"])
        assert next(iter(own)) == "gain_over_degree"
    assert metrics["degree_product"]["gain_over_degree"] == 0


def test_the_best_degree_row_is_the_one_to_beat() -> None:
    better = SCORES | {"gene_degree": LABEL + 0.1 * RNG.normal(size=NUM)}
    metrics = set_metrics(*PAIRS, better, resamples=50)
    assert metrics["gene_degree"]["gain_over_degree"] == 0
    assert metrics["gene_degree"]["gain_over_degree_low"] == 0
    assert metrics["degree_product"]["gain_over_degree"] < 0


def test_accuracy_is_only_given_for_logits() -> None:
    metrics = set_metrics(*PAIRS, SCORES, {"model", "additive"})
    assert "accuracy" in metrics["model"]
    assert "accuracy" in metrics["additive"]
    assert "accuracy" not in metrics["degree_product"]


def test_strata_and_correlation_are_by_the_degree_row() -> None:
    metrics = set_metrics(*PAIRS, SCORES)["model"]
    expected = spearmanr(SCORES["model"], SCORES["degree_product"]).statistic
    assert metrics["degree_spearman"] == pytest.approx(expected)
    third = np.argsort(np.argsort(SCORES["degree_product"])) * 3 // NUM
    for number, name in enumerate(("low", "middle", "high")):
        rows = third == number
        expected = roc_auc_score(LABEL[rows], SCORES["model"][rows])
        assert metrics[f"auroc_{name}_degree"] == pytest.approx(expected)


def test_intervals_hold_their_value_and_are_paired() -> None:
    """The interval of a gain is that of the paired difference: none for a row against itself."""
    metrics = set_metrics(*PAIRS, SCORES, resamples=300, seed=1)
    for own in metrics.values():
        for name in ("auroc", "gain_over_degree", "gain_over_additive"):
            assert own[f"{name}_low"] <= own[name] <= own[f"{name}_high"]
    assert metrics["degree_product"]["gain_over_degree_low"] == 0
    assert metrics["degree_product"]["gain_over_degree_high"] == 0
    assert metrics == set_metrics(*PAIRS, SCORES, resamples=300, seed=1)
    assert metrics != set_metrics(*PAIRS, SCORES, resamples=300, seed=2)


def test_a_table_is_a_mapping_a_frame_and_lines_of_a_run() -> None:
    table = set_metrics(*PAIRS, SCORES, {"model"})
    assert list(table) == list(SCORES)
    frame = table.to_frame().set_index("method")
    assert frame.loc["model", "auroc"] == table["model"]["auroc"]
    assert np.isnan(frame.loc["tf_degree", "accuracy"])
    lines = metric_lines(table, "test", "uniform")
    assert set(zip(lines["subset"], lines["setting"], strict=True)) == {("test", "uniform")}
    assert MethodTable.from_lines(lines) == table


def test_a_metric_that_is_nan_is_no_line_but_for_auroc_and_ap() -> None:
    nan = float("nan")
    table = MethodTable({"model": {"auroc": nan, "ap": nan, "f1": nan, "positives": 3}})
    assert metric_lines(table, "test", "uniform")["metric"].tolist() == ["auroc", "ap", "positives"]
