"""A small project: expression, labels and a config that trains in a moment."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cli.command import grnpyg

GENES = [f"G{i}" for i in range(80)]
TFS = [*GENES[:12], "TFA", "TFB", "TFC"]  # the first twelve are genes too
CONFIG = """\
data: {expression: expression.h5ad, labels: labels.tsv}
evaluation: {negatives: [uniform], baselines: [degree_product, additive, tf_degree, namespace_match]}
encoder: {name: lookup, embedding_dim: 8}
head: {name: dual, hidden_channels: 16, out_channels: 8}
training: {max_epochs: 2, batch_size: 128, lr: 0.01}
"""


def counts() -> np.ndarray:
    """(60 cells, 83 genes) counts with three groups of cells."""
    rng = np.random.default_rng(0)
    level = rng.gamma(1.0, 2.0, size=(3, 83))
    return rng.poisson(level[np.arange(60) % 3]).astype(np.float32)


@pytest.fixture(scope="session")
def make_h5ad() -> Callable[..., Path]:
    """`make_h5ad(path, x=..., genes=..., layers=...)`: an expression file with a cell-type column."""
    from anndata import AnnData

    def make(
        path: Path,
        x: np.ndarray | None = None,
        genes: list[str] | None = None,
        layers: dict[str, np.ndarray] | None = None,
    ) -> Path:
        x = counts() if x is None else x
        obs = pd.DataFrame(
            {"cell_type": [f"type{i % 3}" for i in range(len(x))]}, index=[f"c{i}" for i in range(len(x))]
        )
        names = [*GENES, "TFA", "TFB", "TFC"] if genes is None else genes
        AnnData(x, obs=obs, var=pd.DataFrame(index=names), layers=layers).write_h5ad(path)
        return path

    return make


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory, make_h5ad: Callable[..., Path]) -> Path:
    """A folder with expression.h5ad, labels.tsv (400 edges of 15 TFs to 80 genes) and small.yaml."""
    folder = tmp_path_factory.mktemp("project")
    make_h5ad(folder / "expression.h5ad")
    rng = np.random.default_rng(1)
    pairs = [(tf, gene) for tf in TFS for gene in GENES if tf != gene]
    weight = np.array([4.0 if len(tf) * int(gene[1:]) % 2 else 1.0 for tf, gene in pairs])
    chosen = rng.choice(len(pairs), 400, replace=False, p=weight / weight.sum())
    table = pd.DataFrame([pairs[i] for i in chosen], columns=["source", "target"])
    table.to_csv(folder / "labels.tsv", sep="\t", index=False)
    (folder / "small.yaml").write_text(CONFIG)
    return folder


@pytest.fixture
def work(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the project as the current folder, with an empty data cache in it."""
    folder = tmp_path / "work"
    shutil.copytree(project, folder)
    (folder / "cache").mkdir()
    monkeypatch.setenv("GRNPYG_CACHE", str(folder / "cache"))
    monkeypatch.chdir(folder)
    return folder


@dataclass(frozen=True)
class Trained:
    """A run and what `train --json` said of it."""

    folder: Path
    run: Path
    json: dict[str, Any]


@pytest.fixture(scope="session")
def trained(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """The project's small.yaml, trained once for all tests: read only."""
    folder = tmp_path_factory.mktemp("trained") / "work"
    shutil.copytree(project, folder)
    here = Path.cwd()
    os.chdir(folder)
    try:
        result = grnpyg("train", "--config", "small.yaml", "--json")
        assert result.code == 0, result.err
        content = json.loads(result.out)
        return Trained(folder, folder / content["run"], content)
    finally:
        os.chdir(here)


@pytest.fixture
def run(trained: Trained, work: Path) -> Path:
    """A copy of the trained run in the current folder, to be damaged: runs/<hash>."""
    shutil.copytree(trained.run, work / "runs" / trained.run.name)
    return Path("runs") / trained.run.name


@pytest.fixture
def blocks_of_four_tfs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scores come in blocks of four TFs, which the ranges of five parts do not fit."""
    monkeypatch.setattr("grnpyg.networks.scores.PAIRS", 4 * len(GENES))


@pytest.fixture(scope="session")
def whole(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the shards of the trained run, made by five tasks: read only."""
    folder = tmp_path_factory.mktemp("shards") / "net"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("grnpyg.networks.scores.PAIRS", 4 * len(GENES))
        for number in (3, 1, 5, 2, 4):
            said = grnpyg("predict", trained.run, "--shards", folder, "--task", f"{number}/5", "--json").json
    assert said["missing"] == 0
    return folder


@pytest.fixture
def shards(whole: Path, work: Path) -> Path:
    """A copy in the current folder, to be damaged: net."""
    shutil.copytree(whole, "net")
    return Path("net")
