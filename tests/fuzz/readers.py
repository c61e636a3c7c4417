"""Every reader: the files that it is tried on, how these are changed, and what is done with the result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fuzz import run_readers as runs
from fuzz.containers import of_hdf5, of_parquet, of_safetensors
from fuzz.mutate import Mutation, of_bytes, of_json, of_table, of_yaml

from grnpyg.core.config_file import override, read_yaml
from grnpyg.core.data_config import DataConfig, FeatureConfig
from grnpyg.core.errors import warned
from grnpyg.data.expression.read import read_expression
from grnpyg.data.load import load_grn
from grnpyg.resolve import config_hash, make_config
from grnpyg.splits.given import GivenSplit
from grnpyg.studies import read_study
from grnpyg.studies.bench import read_suite
from grnpyg.studies.search import read_tuning


@dataclass(frozen=True)
class Reader:
    """What reads a kind of file.

    Attributes
    ----------
    files: valid files, below the folder of seeds; one of them is changed
    read: reads the changed file; is given it in a copy of the folder of seeds
    mutations: how the file is changed
    weight: share of the inputs
    """

    files: tuple[str, ...]
    read: Callable[[Path], object]
    mutations: tuple[Mutation, ...]
    weight: int = 2


def _grn(key: str, **others: Any) -> Callable[[Path], object]:
    """Build a graph with the file as one of the inputs, as `grnpyg data check` does."""

    def read(path: Path) -> object:
        values = {"labels": "labels.tsv", "expression": None, **others, key: str(path)}
        grn = load_grn(DataConfig.model_validate(values), FeatureConfig(n_components=3), 0)
        return grn.report.lines()

    return read


def _folder(key: str, **others: Any) -> Callable[[Path], object]:
    return lambda path: _grn(key, **others)(path.parent)


def _expression(path: Path) -> object:
    with warned():
        return read_expression(path, known_genes={"TF0", "G1"}).shape


def _config(path: Path) -> object:
    return config_hash(make_config(read_yaml(path), where=path))


def _override(path: Path) -> object:
    return make_config(override({}, [f"head={path.read_text(errors='replace')}"]))


def _given(path: Path) -> object:
    return GivenSplit(source=str(path.parent)).split(runs.run().graph, 0)


TABLE, TREE, CELLS = (of_bytes, of_table, of_table), (of_bytes, of_json, of_json), (of_hdf5,)
YAML, TENSORS = (of_bytes, of_yaml, of_yaml), (of_safetensors,)
GIVEN = tuple(f"given/{name}_set.csv" for name in ("Train", "Validation", "Test"))

READERS: dict[str, Reader] = {
    "labels": Reader(("labels.tsv", "labels.csv", "labels.tsv.gz"), _grn("labels"), TABLE, 6),
    "labels json": Reader(("labels.json",), _grn("labels"), TREE, 3),
    "labels gmt": Reader(("labels.gmt",), _grn("labels"), TABLE, 3),
    "labels folder": Reader(("genelink/Label.csv", "genelink/Target.csv"), _folder("labels"), TABLE),
    "labels and cells": Reader(("labels.tsv",), _grn("labels", expression="cells.h5ad"), TABLE),
    "id map": Reader(("map.tsv",), _grn("id_map", labels="proteins.tsv"), TABLE, 3),
    "TF list": Reader(("tfs.txt",), _grn("tfs", tfs_action="filter"), TABLE),
    "text matrix": Reader(("matrix.tsv", "matrix.csv"), _expression, TABLE, 6),
    "cell metadata": Reader(("meta.tsv",), _grn("obs", expression="matrix.csv"), TABLE, 3),
    "h5ad": Reader(("cells.h5ad", "sparse.h5ad"), _grn("expression"), CELLS, 6),
    "10x h5": Reader(("tenx.h5",), _expression, CELLS, 3),
    "10x folder": Reader(
        ("tenx/matrix.mtx", "tenx/features.tsv", "tenx/barcodes.tsv"),
        lambda path: _expression(path.parent),
        TABLE,
        3,
    ),
    "loom": Reader(("cells.loom",), _expression, CELLS, 3),
    "config": Reader(
        ("tiny.yaml", "full.yaml"),
        lambda path: config_hash(make_config(read_yaml(path), where=path)),
        YAML,
        6,
    ),
    "assignment": Reader(("head.yaml",), _override, YAML),
    "study": Reader(("study.yaml",), read_study, YAML, 3),
    "suite": Reader(("suite.yaml",), read_suite, YAML, 3),
    "tuning": Reader(("tune.yaml",), read_tuning, YAML, 3),
    "given split": Reader(GIVEN, _given, TABLE, 3),
    "manifest": Reader(("run/manifest.json",), runs.manifest, TREE, 4),
    "run config": Reader(("run/config.yaml",), runs.sealed, YAML, 2),
    "run metrics": Reader(("run/metrics.parquet",), runs.tables, (of_parquet,), 3),
    "run epochs": Reader(("run/epochs.parquet",), runs.tables, (of_parquet,)),
    "run predictions": Reader(("run/predictions.parquet",), runs.tables, (of_parquet,)),
    "run graph": Reader(("run/graph.safetensors",), runs.used, TENSORS, 5),
    "run split": Reader(("run/split.safetensors",), runs.used, TENSORS, 5),
    "run weights": Reader(("run/model.safetensors",), runs.used, TENSORS, 3),
    "run optimizer": Reader(("run/optimizer.safetensors",), runs.used, TENSORS, 1),
    "checkpoint": Reader(("checkpoint/last.ckpt",), runs.resumed, TENSORS, 3),
    "origin": Reader(("origin.json",), runs.origin, TREE),
    "failure": Reader(("failed.json",), runs.failure, TREE),
    "trust file": Reader(("trusted.json",), runs.trust, TREE),
    "plan": Reader(("runs/.studies/tiny-study.json",), runs.plan, TREE),
    "stored rows": Reader(("rows.csv",), runs.stored, TABLE, 3),
    "stored rows parquet": Reader(("rows.parquet",), runs.stored, (of_parquet,)),
    "journal": Reader(("journal/journal.jsonl",), runs.journal, (of_bytes, runs.of_journal), 3),
}
