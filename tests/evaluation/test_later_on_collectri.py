"""The figures of the degree product on CollecTRI: computed once by another program, from the same files."""

from __future__ import annotations

import numpy as np
import pytest
from places import SHARED, needs

from grnpyg.core.data_config import DataConfig, FeatureConfig
from grnpyg.data.load import load_grn
from grnpyg.evaluation.later.candidates import later_set
from grnpyg.evaluation.later.measure import measure
from grnpyg.evaluation.other_labels import read_other_labels


@pytest.mark.slow
@needs("regulons", "knowledge")
def test_the_degree_product_on_the_edges_that_collectri_adds() -> None:
    labels = SHARED / "regulons" / "labels_dorothea_trrust_symbols.tsv"
    data = DataConfig(labels=str(labels), expression=None, aliases=False)
    graph = load_grn(data, FeatureConfig(), 42).graph
    truth = read_other_labels(graph, data, str(SHARED / "knowledge" / "collectri_human.csv.gz"))
    pairs = later_set(graph, truth)
    assert (truth.counts["new"], pairs.ranked.candidate.sum()) == (21_510, 4_786_882)
    table = np.outer(pairs.degree["tf"], pairs.degree["gene"]).astype(float)
    found = measure(pairs.ranked, table, pairs.degree_matched(42))
    expected = {"auroc": 0.838, "ap": 0.038, "per_tf_auroc": 0.741}
    assert {name: found[name] for name in expected} == pytest.approx(expected, abs=0.0015)
    first = [found[f"precision_at_{k}"] for k in (100, 1000, 10_000)]
    assert first == pytest.approx([0.36, 0.252, 0.101], abs=0.011)  # one pair of the first hundred
    assert found["degree_matched_auroc"] == pytest.approx(0.5, abs=0.01)
