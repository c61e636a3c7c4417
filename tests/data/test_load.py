from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from places import SHARED, needs

from grnpyg.core.data_config import DataConfig
from grnpyg.core.errors import InputError
from grnpyg.data.features import FeatureConfig
from grnpyg.data.graph import GENE, REGULATES, TF
from grnpyg.data.grn import GRN
from grnpyg.data.inputs import input_hashes
from grnpyg.data.load import load_grn
from grnpyg.testing.rules import equal, generators_untouched


def load(**data: object) -> GRN:
    return load_grn(DataConfig.model_validate(data), FeatureConfig(), seed=42)


@pytest.fixture(scope="module")
def kept() -> GRN:
    return load()


@pytest.fixture(scope="module")
def dropped() -> GRN:
    with generators_untouched("load_grn"):
        return load(unmeasured="drop")


def test_the_bundled_data_with_measured_nodes_only(dropped: GRN) -> None:
    counts = dropped.report.counts
    assert (counts["tfs"], counts["genes"], counts["edges"]) == (217, 4252, 13467)
    assert counts["tfs_without_expression"] == counts["genes_without_expression"] == 0
    assert dropped.graph[TF].has_expression.all()
    assert dropped.graph[GENE].has_expression.all()
    assert counts["density"] == pytest.approx(13467 / (217 * 4252))


@pytest.mark.slow
def test_keep_marks_the_nodes_without_expression(kept: GRN, dropped: GRN) -> None:
    for kind, count in ((TF, "tfs_without_expression"), (GENE, "genes_without_expression")):
        store = kept.graph[kind]
        missing = ~store.has_expression
        assert int(missing.sum()) == kept.report.counts[count] > 0
        assert not store.x[missing].any()
        measured = {name for name, has in zip(store.name, store.has_expression.tolist(), strict=True) if has}
        assert measured >= set(dropped.graph[kind].name)
    assert (
        kept.report.counts["edges"] - dropped.report.counts["edges"]
        == dropped.report.counts["edges_dropped_unmeasured"]
        > 0
    )
    assert kept.report.counts["edges_dropped_unmeasured"] == 0


def test_a_measured_gene_has_the_same_features_either_way(kept: GRN, dropped: GRN) -> None:
    rows = dict(zip(kept.graph[GENE].name, kept.graph[GENE].x, strict=True))
    for name, x in list(zip(dropped.graph[GENE].name, dropped.graph[GENE].x, strict=True))[::500]:
        assert equal(rows[name], x)


def test_the_report_is_json_and_says_what_happened(dropped: GRN) -> None:
    report = json.loads(json.dumps(dropped.report.to_dict()))
    assert report["counts"]["edges"] == 13467
    assert any("217 TFs x 4,252 genes" in line for line in report["report"])
    hashes = input_hashes(DataConfig())
    assert set(hashes) == {"expression", "labels"}
    assert all(len(entry["sha256"]) == 64 for entry in hashes.values())


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """5 cells x 4 genes and 5 rows of labels: one self-loop, one duplicate, one unmeasured target."""
    counts = np.array([[3, 0, 1, 0], [2, 1, 0, 0], [4, 0, 2, 0], [0, 1, 5, 1], [1, 0, 3, 0]])
    frame = pd.DataFrame(
        counts, index=[f"cell{i}" for i in range(5)], columns=["STAT1", "IRF1", "GBP1", "CD8A"]
    )
    frame.to_csv(tmp_path / "x.csv")
    rows = [("STAT1", "IRF1"), ("STAT1", "GBP1"), ("STAT1", "IRF1"), ("IRF1", "IRF1"), ("IRF1", "TAP1")]
    labels = pd.DataFrame(rows, columns=["source", "target"])
    labels.to_csv(tmp_path / "labels.tsv", sep="\t", index=False)
    return tmp_path


def from_files(folder: Path, **data: object) -> GRN:
    config = DataConfig.model_validate(
        {"expression": str(folder / "x.csv"), "labels": str(folder / "labels.tsv"), **data}
    )
    return load_grn(config, FeatureConfig(kind="pca", n_components=1), seed=0)


def test_own_files_are_cleaned_and_counted(files: Path) -> None:
    data = from_files(files, genes_in="columns")
    assert data.graph[TF].name == ["IRF1", "STAT1"]
    assert data.graph[GENE].name == ["GBP1", "IRF1", "TAP1"]
    assert data.graph[GENE].has_expression.tolist() == [True, True, False]
    wanted = {"rows_read": 5, "self_loops_removed": 1, "duplicates_merged": 1, "edges": 3}
    assert {key: data.report.counts[key] for key in wanted} == wanted
    dropped = from_files(files, genes_in="columns", unmeasured="drop")
    assert dropped.graph[GENE].name == ["GBP1", "IRF1"]
    assert dropped.graph[TF].name == ["STAT1"]
    assert dropped.report.counts["edges_dropped_unmeasured"] == 1
    digest = hashlib.sha256((files / "labels.tsv").read_bytes()).hexdigest()
    named = DataConfig(expression=None, labels=str(files / "labels.tsv"))
    assert input_hashes(named) == {"labels": {"source": str(files / "labels.tsv"), "sha256": digest}}


def test_min_cells_makes_rare_genes_unmeasured(files: Path) -> None:
    data = from_files(files, genes_in="columns", min_cells=3)
    assert dict(zip(data.graph[GENE].name, data.graph[GENE].has_expression.tolist(), strict=True)) == {
        "GBP1": True,  # seen in 4 cells
        "IRF1": False,  # seen in 2 cells
        "TAP1": False,
    }
    with pytest.raises(InputError, match="6 cells"):
        from_files(files, genes_in="columns", min_cells=6)


def test_labels_alone_give_a_graph_without_features(files: Path) -> None:
    data = load(expression=None, labels=str(files / "labels.tsv"))
    assert data.graph[GENE].num_features == 0
    assert data.graph[REGULATES].num_edges == 3


def test_bad_input_is_refused(files: Path) -> None:
    with pytest.raises(InputError, match="drop needs expression"):
        load(expression=None, labels=str(files / "labels.tsv"), unmeasured="drop")
    with pytest.raises(InputError, match=r"none\.tsv"):
        load(expression=None, labels=str(files / "none.tsv"))
    mouse = pd.DataFrame({"cell0": [1, 2], "cell1": [0, 3]}, index=["Zfp1", "Zfp2"])
    mouse.to_csv(files / "x.csv")
    with pytest.raises(InputError):
        from_files(files, genes_in="rows", unmeasured="drop")


@needs("paper")
def test_the_papers_mixed_labels_need_permission() -> None:
    """DoRothEA in accessions beside TRRUST in symbols: two names for one gene, so refused by default."""
    labels = str(SHARED / "paper" / "merged_priors.json")
    with pytest.raises(InputError, match=r"(?i)uniprot"):
        load(expression=None, labels=labels)
    data = load(expression=None, labels=labels, allow_mixed_ids=True)
    assert (data.report.counts["tfs"], data.report.counts["genes"]) == (1164, 7664)
