"""Knowledge on the command line: into a run, its inputs and its scores; or refused in one line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cli.command import grnpyg, refused
from cli.conftest import GENES, TFS

from grnpyg.core.files import sha256
from grnpyg.data.graph import GENE, NUMBERS, direct_edges, load_graph, similar_edges

NAMES = sorted({*GENES, *TFS})
TRAIN = ("train", "--config", "small.yaml", "--set", "training.disjoint_train_ratio=0.25")
FEATURES = ("--set", "structure.features=[degree, similar_genes, similar_tfs, direct]")


@pytest.fixture
def vectors(work: Path) -> Path:
    path = Path("esm2.npz")
    values = np.random.default_rng(0).standard_normal((len(NAMES), 6))
    np.savez(path, genes=np.array(NAMES), vectors=values)
    return path


def test_a_run_reads_vectors_and_the_users_own_cells(vectors: Path) -> None:
    done = grnpyg(*TRAIN, *FEATURES, "--knowledge", vectors, "--knowledge", "cells", "--json")
    run = Path(done.json["run"])
    manifest = json.loads((run / "manifest.json").read_text())
    assert manifest["inputs"]["knowledge esm2"] == {"source": str(vectors), "sha256": sha256(vectors)}
    assert any("Knowledge cells (measured): 100.0 %" in line for line in manifest["data"]["report"])
    graph = load_graph(run / "graph.safetensors")
    assert {similar_edges(GENE, name) for name in ("esm2", "cells")} <= set(graph.edge_types)
    assert direct_edges("esm2") in graph.edge_types
    assert NUMBERS not in graph[GENE]
    again = grnpyg(
        *TRAIN, *FEATURES, "--knowledge", vectors, "--knowledge", "cells", "--runs", "other", "--json"
    )
    assert again.json["validation"] == done.json["validation"]
    assert Path(again.json["run"]).name == run.name
    assert grnpyg("eval", run, "--json", "--resamples", 0).json["regimes"]["uniform"]["auroc"] > 0
    assert len(grnpyg("predict", run, "--top", 5, "--json").json) > 0
    other = grnpyg(*TRAIN, *FEATURES, "--knowledge", vectors, "--knowledge", "cells",
                   "--control", "shuffled_knowledge", "--json")  # fmt: skip
    assert other.json["validation"] != done.json["validation"]


def test_a_changed_file_is_noticed(vectors: Path) -> None:
    assert not grnpyg(*TRAIN, *FEATURES, "--knowledge", vectors, "--json").json["reused"]
    assert grnpyg(*TRAIN, *FEATURES, "--knowledge", vectors, "--json").json["reused"]
    values = np.random.default_rng(1).standard_normal((len(NAMES), 6))
    np.savez(vectors, genes=np.array(NAMES), vectors=values)
    refused(*TRAIN, *FEATURES, "--knowledge", vectors, says=("input files have changed",))


def test_sources_that_do_not_know_the_genes_are_left_out_and_said(vectors: Path) -> None:
    done = grnpyg(
        "data", "check", "--config", "small.yaml", "--knowledge", vectors, "--knowledge", "pfam", "--json"
    )
    assert any("knowledge pfam: left out" in line for line in done.json["warnings"])
    assert done.json["identifiers"]["knowledge"]["esm2"]["known"] == 1.0
    assert "knowledge esm2" in done.json["inputs"]
    strict = ("--set", "knowledge.missing=refuse")
    assert "knowledge pfam" in refused(
        "data", "check", "--config", "small.yaml", "--knowledge", "pfam", *strict
    )


def test_what_nothing_reads_and_what_is_not_there_is_said(vectors: Path) -> None:
    done = grnpyg("train", "--config", "small.yaml", "--knowledge", vectors, "--max-epochs", 0, "--json")
    assert "warning: knowledge: no pair feature and no encoder reads it" in done.err
    done = grnpyg(*TRAIN, *FEATURES, "--max-epochs", 0, "--json")
    assert "direct, similar_genes, similar_tfs read knowledge, and no source is named" in done.err
    done = grnpyg(*TRAIN, *FEATURES, "--knowledge", vectors, "--max-epochs", 0, "--json")
    assert "read" not in [line for line in done.err.splitlines() if line.startswith("warning")]


def test_the_labels_are_no_knowledge(work: Path) -> None:
    edges = pd.read_csv("labels.tsv", sep="\t")
    groups = edges.groupby(edges.columns[0])[edges.columns[1]]
    Path("sets.gmt").write_text("\n".join("\t".join([tf, "-", *genes]) for tf, genes in groups))
    said = refused("data", "check", "--config", "small.yaml", "--knowledge", "sets.gmt")
    assert "holds the labels" in said
    said = refused("data", "check", "--config", "small.yaml", "--knowledge", "trrust")
    assert "no knowledge from outside" in said
    said = refused("data", "check", "--config", "small.yaml", "--knowledge", "labels.tsv")
    assert said.startswith("error: ")


def test_the_list_says_what_each_source_is(work: Path) -> None:
    found = grnpyg("list", "knowledge", "--json").json["knowledge"]
    assert {"go", "pfam", "tf_family", "tissues", "cells", "vectors"} <= found.keys()
    for facts in found.values():
        assert all(facts[key] for key in ("summary", "tier", "date", "licence", "species", "from", "here"))
    assert found["vectors"]["here"] == "yours"
    assert "what it is" in " ".join(grnpyg("list", "knowledge").out.split())
