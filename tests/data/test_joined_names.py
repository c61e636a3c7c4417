"""Names that join a symbol and an identifier are one gene, in labels as in the expression."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from grnpyg.core.data_config import DataConfig, FeatureConfig
from grnpyg.data.load import load_grn
from grnpyg.data.names.joined import parts, taken_apart

GENES = ["STAT1", "IRF1", "JUN", "FOS", "MYC", "HLA-A"]
WAYS = ["{0}|{1}", "{0} ({1})", "{2}|{0}", "{0}_{2}", "{2}_{0}", "{2}-{0}"]
EDGES = [("STAT1", "IRF1"), ("STAT1", "HLA-A"), ("JUN", "FOS"), ("JUN", "MYC"), ("JUN", "IRF1")]


def joined(name: str, way: str) -> str:
    number = GENES.index(name)
    return way.format(name, 1000 + number, f"ENSG{number:011d}")


def files(folder: Path, label_way: str, way: str) -> tuple[Path, Path]:
    edges = [(joined(tf, label_way), joined(gene, label_way)) for tf, gene in EDGES]
    pd.DataFrame(edges, columns=["source", "target"]).to_csv(folder / "r.tsv", sep="\t", index=False)
    counts = np.random.default_rng(0).poisson(3, (12, len(GENES)))
    table = pd.DataFrame(counts, columns=[joined(name, way) for name in GENES]).add_prefix("")
    table.index = pd.Index([f"AAC{number}-1" for number in range(12)])
    table.T.to_csv(folder / "c.csv")
    return folder / "r.tsv", folder / "c.csv"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("in_labels", [False, True])
def test_they_are_read_as_the_symbols(tmp_path, way, in_labels):
    labels, cells = files(tmp_path, way if in_labels else "{0}", "{0}" if in_labels else way)
    grn = load_grn(DataConfig(labels=str(labels), expression=str(cells)), FeatureConfig(), 0)
    assert grn.report.counts["edges"] == len(EDGES)
    assert grn.report.counts["genes_without_expression"] == 0
    assert any("join a symbol and an identifier" in line for line in grn.report.warnings)


def test_the_identifier_is_taken_where_the_labels_have_it(tmp_path):
    labels, cells = files(tmp_path, "{2}", "{0}_{2}")
    grn = load_grn(DataConfig(labels=str(labels), expression=str(cells)), FeatureConfig(), 0)
    assert grn.report.counts["genes_without_expression"] == 0


def test_names_that_only_look_alike_stay():
    assert parts("NKX2-1") == ("NKX2-1",)
    assert taken_apart(["TP53", "MYC", "JUN|3725"]) == {}
    assert taken_apart(["TP53|1", "TP53|2", "MYC|3"]) == {"MYC|3": "MYC"}
