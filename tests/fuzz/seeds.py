"""One small valid file of every kind that grnpyg reads; the same files every time but for a run's seconds."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from fuzz.run_seeds import make_runs
from scipy import sparse

TFS = [f"TF{i}" for i in range(6)]
GENES = [*TFS[:3], *(f"G{i}" for i in range(21))]
CELLS = 30
TINY = {
    "data": {"expression": "cells.h5ad", "labels": "labels.tsv"},
    "features": {"kind": "pca", "n_components": 3},
    "evaluation": {"negatives": ["uniform", "same_tf"], "baselines": ["additive", "svd"]},
    "encoder": {"name": "sage", "hidden_channels": 4, "out_channels": 4, "num_layers": 1},
    "head": {"name": "cross", "hidden_channels": 4},
    "training": {"max_epochs": 2, "batch_size": 64, "lr": 0.01},
    "seed": 3,
}


def make(folder: Path) -> None:
    """Write every file below a folder, which becomes the current one; trains one tiny run."""
    _labels(folder)
    _cells(folder)
    _configs(folder)
    make_runs(folder)


def _labels(folder: Path) -> None:
    rng = np.random.default_rng(0)
    pairs = [(tf, gene) for tf in TFS for gene in GENES if tf != gene]
    chosen = [pairs[i] for i in sorted(rng.choice(len(pairs), 50, replace=False))]
    table = pd.DataFrame(chosen, columns=["source", "target"])
    table["weight"], table["mor"] = rng.random(50).round(3), rng.choice([-1, 1], 50)
    table["confidence"] = rng.choice(["A", "B", "C"], 50)
    table.to_csv(folder / "labels.tsv", sep="\t", index=False)
    table.rename(columns={"source": "TF", "target": "Gene"}).to_csv(folder / "labels.csv", index=False)
    (folder / "labels.tsv.gz").write_bytes(gzip.compress((folder / "labels.tsv").read_bytes(), mtime=0))
    of_tf = {tf: list(genes) for tf, genes in table.groupby("source")["target"]}
    (folder / "labels.json").write_text(json.dumps(of_tf))
    lines = ["\t".join([tf, "a set", *genes]) for tf, genes in of_tf.items()]
    (folder / "labels.gmt").write_text("\n".join(lines) + "\n")
    ids = {name: number for number, name in enumerate(GENES + TFS[3:])}
    genelink = folder / "genelink"
    genelink.mkdir()
    pd.DataFrame({"Gene": list(ids), "index": list(ids.values())}).to_csv(genelink / "Target.csv")
    coded = pd.DataFrame({"TF": table["source"].map(ids), "Target": table["target"].map(ids)})
    coded.to_csv(genelink / "Label.csv", index=False)
    (folder / "tfs.txt").write_text("\n".join(TFS) + "\n")
    uniprot = [f"P{10000 + number}" for number in ids.values()]
    pd.DataFrame({"uniprot": uniprot, "symbol": list(ids)}).to_csv(folder / "map.tsv", sep="\t", index=False)
    named = dict(zip(ids, uniprot, strict=True))
    table[["source", "target"]].map(named.get).to_csv(folder / "proteins.tsv", sep="\t", index=False)


def _cells(folder: Path) -> None:
    import loompy
    from anndata import AnnData
    from scipy.io import mmwrite

    names = GENES + TFS[3:]
    counts = np.random.default_rng(1).poisson(2.0, (CELLS, len(names))).astype(np.float32)
    cells = [f"c{i}" for i in range(CELLS)]
    obs = pd.DataFrame({"cell_type": pd.Categorical(["a", "b", "c"] * 10), "n": range(CELLS)}, index=cells)
    var = pd.DataFrame({"gene_ids": [f"ENSG{i:011}" for i in range(len(names))]}, index=names)
    dense = AnnData(counts, obs=obs, var=var, layers={"counts": sparse.csc_matrix(counts)})
    dense.raw = dense
    dense.write_h5ad(folder / "cells.h5ad")
    AnnData(sparse.csr_matrix(counts), obs=obs, var=var).write_h5ad(folder / "sparse.h5ad")
    table = pd.DataFrame(counts.T, index=names, columns=cells)
    table.to_csv(folder / "matrix.tsv", sep="\t")
    table.T.to_csv(folder / "matrix.csv")
    obs.to_csv(folder / "meta.tsv", sep="\t")
    tenx = folder / "tenx"
    tenx.mkdir()
    mmwrite(tenx / "matrix.mtx", sparse.csc_matrix(counts.T).astype(int))
    features = pd.DataFrame({"id": var["gene_ids"].to_numpy(), "name": names, "kind": "Gene Expression"})
    features.to_csv(tenx / "features.tsv", sep="\t", header=False, index=False)
    (tenx / "barcodes.tsv").write_text("\n".join(cells) + "\n")
    _tenx_h5(folder / "tenx.h5", sparse.csc_matrix(counts.T), names, list(var["gene_ids"]), cells)
    attributes = {"Gene": np.array(names)}, {"CellID": np.array(cells)}
    loompy.create(str(folder / "cells.loom"), counts.T, *attributes)


def _tenx_h5(path: Path, matrix: Any, names: list[str], ids: list[str], cells: list[str]) -> None:
    import h5py

    with h5py.File(path, "w") as file:
        group = file.create_group("matrix")
        group["data"], group["indices"], group["indptr"] = (
            matrix.data.astype(int),
            matrix.indices,
            matrix.indptr,
        )
        group["shape"], group["barcodes"] = matrix.shape, np.array(cells, "S")
        features = {"name": names, "id": ids, "feature_type": ["Gene Expression"] * len(names)}
        features["genome"] = ["GRCh38"] * len(names)
        for key, values in features.items():
            group[f"features/{key}"] = np.array(values, "S")


def _configs(folder: Path) -> None:
    def write(name: str, content: Any) -> None:
        (folder / name).write_text(yaml.safe_dump(content, sort_keys=False))

    model = {"name": "lookup", "embedding_dim": 4}
    small = TINY | {"data": {"expression": None, "labels": "labels.tsv"}, "encoder": model}
    small.pop("features")
    write("tiny.yaml", TINY)
    write("head.yaml", {"name": "dual", "hidden_channels": 4})
    full = {
        "split": {"name": "cold_start", "tf_ratio": 0.2},
        "negatives": {"sampler": {"name": "mixed"}, "ratio": 2.0},
        "loss": {"name": "focal", "gamma": 2.0},
        "training": TINY["training"] | {"disjoint_train_ratio": 0.25},  # type: ignore[operator]
        "structure": {"features": ["degree", "svd"]},
        "prune": [{"ratio": 0.5, "importance": "magnitude", "finetune_epochs": 1}],
    }
    write("full.yaml", TINY | full)
    axes = {"head": {"dual": {"head": {"name": "dual", "hidden_channels": 4}}, "cross": {}}, "seed": [1, 2]}
    keys = {"include": {"head": "dual"}, "over": "seed", "name": "tiny-study"}
    write("study.yaml", {"base": small, "axes": axes, **keys})
    models = {"one": {"encoder": model}, "two": "tiny.yaml"}
    write("suite.yaml", {"base": TINY, "seeds": [1], "baselines": ["svd"], "models": models})
    space = {
        "training.lr": {"low": 0.001, "high": 0.1, "log": True},
        "encoder.embedding_dim": {"low": 4, "high": 12, "step": 4},
        "training.batch_size": {"choices": [32, 64], "models": "one"},
    }
    tuning = {"base": small, "space": space, "models": {"one": {}}, "trials": 2, "objective": {"ap": 1}}
    write("tune.yaml", tuning)
