"""Candidates beyond the labels: measured genes and listed TFs without a known edge."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cli.command import grnpyg, refused

CONFIG = """\
data: {expression: cells.h5ad, labels: labels.tsv}
evaluation: {negatives: [uniform], baselines: []}
encoder: mlp
head: {name: dual, hidden_channels: 16, out_channels: 8}
knowledge: {sources: [cells], neighbours: 5}
structure: {features: [degree, ease, similar_genes, similar_tfs, direct], hidden_channels: 8}
training: {max_epochs: 2, batch_size: 128, lr: 0.01, disjoint_train_ratio: 0.25}
"""
GENES = [f"G{i}" for i in range(60)]
TFS = [*GENES[:10], "TFA"]
MEASURED = [*GENES[:50], "TFA", "TFNEW", *[f"N{i}" for i in range(12)]]
LISTED = ["G0", "TFNEW", "N3", "ABSENT"]


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A run of labels over 11 TFs and 60 genes, its network, and the one of all that is measured."""
    from anndata import AnnData

    folder = tmp_path_factory.mktemp("universe")
    rng = np.random.default_rng(0)
    x = rng.poisson(rng.gamma(1, 2, (3, len(MEASURED)))[np.arange(60) % 3]).astype(np.float32)
    obs = pd.DataFrame({"cell_type": [f"t{i % 3}" for i in range(60)]}, index=[f"c{i}" for i in range(60)])
    AnnData(x, obs=obs, var=pd.DataFrame(index=MEASURED)).write_h5ad(folder / "cells.h5ad")
    pairs = [(tf, gene) for tf in TFS for gene in GENES if tf != gene]
    chosen = rng.choice(len(pairs), 300, replace=False)
    edges = pd.DataFrame([pairs[i] for i in chosen], columns=["source", "target"])
    edges.to_csv(folder / "labels.tsv", sep="\t", index=False)
    (folder / "tfs.txt").write_text("\n".join(LISTED))
    (folder / "run.yaml").write_text(CONFIG)
    (folder / "lookup.yaml").write_text(
        CONFIG.replace("encoder: mlp", "encoder: {name: lookup, embedding_dim: 4}")
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("GRNPYG_CACHE", str(folder / "cache"))
        result = grnpyg("train", "--config", "run.yaml", "--json").json
        run = folder / result["run"]
        options = ("--universe", "measured", "--tfs", "tfs.txt")
        said = [grnpyg("predict", run, *more, "-o", f"{name}.parquet") for name, more in
                (("labels", ()), ("measured", options))]  # fmt: skip
    assert [one.code for one in said] == [0, 0], said[1].err
    tables = {name: pd.read_parquet(folder / f"{name}.parquet") for name in ("labels", "measured")}
    return folder, run, tables, said[1].err


def test_every_listed_tf_and_measured_gene_is_a_candidate(wide: Any) -> None:
    _, _, tables, said = wide
    table = tables["measured"]
    assert set(table["TF"]) == {*TFS, "TFNEW", "N3"}  # ABSENT is not measured
    assert set(table["target"]) == {*GENES, *MEASURED}
    assert len(table) == 13 * 74 - sum(tf in {*GENES, *MEASURED} for tf in set(table["TF"]))
    assert "13 TFs" in said
    assert "13 TFs x 74 genes = 962 pairs" in said


def test_cold_ends_are_marked(wide: Any) -> None:
    table = wide[2]["measured"]
    cold_tf, cold_gene = table["TF"].isin(["TFNEW", "N3"]), ~table["target"].isin(GENES)
    words = np.select([cold_tf & cold_gene, cold_tf, cold_gene], ["both", "TF", "target"], "")
    assert table["cold"].tolist() == words.tolist()
    assert not table.loc[table["cold"] != "", "known"].any()


def test_pairs_of_the_labels_keep_their_scores_to_the_bit(wide: Any) -> None:
    tables = wide[2]
    both = tables["labels"].merge(tables["measured"], on=["TF", "target"], suffixes=("", "_wide"))
    assert len(both) == len(tables["labels"])
    assert both["importance"].equals(both["importance_wide"])


def test_cold_pairs_are_told_apart(wide: Any) -> None:
    table = wide[2]["measured"]
    for word in ("TF", "target", "both"):
        scores = table.loc[table["cold"] == word, "importance"]
        assert scores.nunique() > 10, word


def test_a_node_left_out_of_the_labels_is_described_as_if_it_were_in_them(wide: Any) -> None:
    """Features of further genes are on the scale of the training: a twin of a gene gets its features."""
    from grnpyg.core.data_config import DataConfig, FeatureConfig
    from grnpyg.data.measured import measured
    from grnpyg.runs import Run

    folder, path, _, _ = wide
    graph = Run.load(path).graph
    names = {*graph["tf"].name, *graph["gene"].name}
    for kind in ("auto", "pca"):
        config = FeatureConfig(kind=kind, n_components=5)
        found = measured(DataConfig(expression=str(folder / "cells.h5ad")), config, 0, names).features
        assert np.allclose(found.loc[found.index.isin(names)].mean(), 0, atol=1e-5)
        assert not np.allclose(found.mean(), 0, atol=1e-5)
        assert set(found.index) == set(MEASURED)


def test_what_cannot_be_widened_is_refused(wide: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, run, _, _ = wide
    monkeypatch.chdir(folder)
    measured = ("--universe", "measured")
    refused("predict", run, *measured, says=("no symbols of human or mouse", "--tfs FILE"))
    refused("predict", run, "--tfs", "tfs.txt", says=("add --universe measured",))
    refused("predict", run, "--universe", "all", says=("labels, measured",))
    Path("other.txt").write_text("STAT1\n")
    refused("predict", run, *measured, "--tfs", "other.txt", says=("none of its 1 TFs is measured",))
    lookup = grnpyg("train", "--config", "lookup.yaml", "--json").json["run"]
    refused("predict", lookup, *measured, "--tfs", "tfs.txt", says=("embedding.tf.weight", "not seen"))
    cells = Path("cells.h5ad").read_bytes()
    Path("cells.h5ad").write_bytes(cells[:-1] + b"x")
    refused("predict", run, *measured, "--tfs", "tfs.txt", says=("expression", "was changed"))
    Path("cells.h5ad").unlink()
    refused("predict", run, *measured, "--tfs", "tfs.txt", says=("cells.h5ad",))
    Path("cells.h5ad").write_bytes(cells)


def test_too_many_pairs_for_the_machine_are_refused_with_what_it_would_take(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from grnpyg.core import InputError
    from grnpyg.networks import Wanted, plan

    monkeypatch.setattr(plan, "free_memory", lambda: 16 << 30)
    with pytest.raises(InputError, match=r"120,000,000 pairs take about 49 GB of memory, and 17 GB are free"):
        plan.plan((2000, 60_000), Wanted(), 1)
    assert "1.4 GB of memory" in plan.plan((2000, 60_000), Wanted(per_tf=100), 1)
