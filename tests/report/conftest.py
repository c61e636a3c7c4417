"""Networks to report on: a table with names that a careless page would run, and a trained folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cli.conftest import make_h5ad, project, run, trained, work
from in_this_process import InThisProcess

from grnpyg.pipeline import NetworkOptions, complete, make_plan, write_plan
from grnpyg.studies import Study, read_study, run_studies

__all__ = ["make_h5ad", "project", "run", "trained", "work"]

STUDY = """\
base: small.yaml
axes:
  ratio:
    "1": {negatives: {ratio: 1}}
    "3": {negatives: {ratio: 3}}
  head:
    dual: {}
    cross: {head: {name: cross, hidden_channels: 16}}
  removed:
    whole: {}
    half: {prune: [{ratio: 0.5}]}
  seed: [1, 2]
include:
  - {removed: whole}
  - {removed: half, ratio: "1"}
compare:
  - {axis: head, level: cross, to: dual}
"""
EVIL_GENE = "<img src=x onerror=alert(1)>"
EVIL_TF = "</script><script>alert(2)</script>"


def network_table(tfs: int = 12, genes: int = 260, seed: int = 0) -> pd.DataFrame:
    """A network table, best first: all pairs of a few TFs; the first TF and gene have evil names."""
    rng = np.random.default_rng(seed)
    tf, gene = np.divmod(np.arange(tfs * genes), genes)
    score = rng.normal(size=tf.size) - 0.01 * gene
    order = np.argsort(-score, kind="stable")
    names = np.array([EVIL_TF, *(f"TF{i}" for i in range(1, tfs))], dtype=object)
    targets = np.array([EVIL_GENE, *(f"GENE{i}" for i in range(1, genes))], dtype=object)
    table = pd.DataFrame({"TF": names[tf[order]], "target": targets[gene[order]], "importance": score[order]})
    table["probability"] = 1 / (1 + np.exp(2 - 1.5 * table["importance"]))
    table["known"] = rng.random(len(table)) < 0.2
    table["rank"] = np.arange(1, len(table) + 1)
    table["rank_in_tf"] = table.groupby("TF").cumcount() + 1
    table["degree_rank"] = rng.permutation(len(table)) + 1.0
    table["sign"] = rng.integers(-1, 2, len(table))
    table["sd"] = rng.random(len(table))
    table["frequency"] = rng.integers(1, 4, len(table)) / 3
    return table


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, project: Path, make_h5ad: Callable[..., Path]) -> Path:
    """A folder that `grnpyg network` wrote, with two trainings, made once: read only."""
    from grnpyg.data.names.symbols import symbols

    folder, here = tmp_path_factory.mktemp("network"), Path.cwd()
    known = sorted(symbols("human").current)[:: len(symbols("human").current) // 83][:83]
    names = dict(zip([*(f"G{i}" for i in range(80)), "TFA", "TFB", "TFC"], known, strict=True))
    table = pd.read_csv(project / "labels.tsv", sep="\t").replace(names)
    table.to_csv(folder / "labels.tsv", sep="\t", index=False)
    make_h5ad(folder / "cells.h5ad", genes=known)
    changes = ("training.max_epochs=1", "training.patience=1", "knowledge.sources=[cells]")
    os.chdir(folder)
    try:
        plan = make_plan("cells.h5ad", NetworkOptions("labels.tsv", seeds=2, top=60, changes=changes))
        complete(plan, write_plan(plan, Path("net")), Path("net"), InThisProcess())
    finally:
        os.chdir(here)
    return folder / "net"


@pytest.fixture(scope="session")
def studied(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Path:
    """A folder with a study, grid.yaml, whose twelve trials are trained, made once."""
    folder, here = tmp_path_factory.mktemp("study") / "work", Path.cwd()
    shutil.copytree(project, folder)
    (folder / "grid.yaml").write_text(STUDY)
    os.chdir(folder)
    try:
        study = read_study(Path("grid.yaml"))
        assert len(run_studies([study], Path("runs"), InThisProcess()).done) == len(study.trials)
    finally:
        os.chdir(here)
    return folder


@pytest.fixture
def study(studied: Path, monkeypatch: pytest.MonkeyPatch) -> Study:
    """The study in `studied`, which is the current folder."""
    monkeypatch.chdir(studied)
    return read_study(Path("grid.yaml"))
