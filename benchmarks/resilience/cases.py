"""Small experiments for every command that writes, and what has to be left of them in the end."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from grnpyg.core import sha256
from grnpyg.studies.bench import FIGURES

RESULTS = ("config.yaml", "graph.safetensors", "split.safetensors", "model.safetensors")
RESULTS += ("metrics.parquet", "predictions.parquet")  # `epochs.parquet` holds seconds
FILES = {
    "small.yaml": """\
data: {expression: null, labels: labels.tsv}
evaluation: {negatives: [uniform], baselines: [degree_product, additive]}
encoder: {name: lookup, embedding_dim: 8}
head: {name: dual, hidden_channels: 8, out_channels: 8}
training: {max_epochs: 2, batch_size: 128, lr: 0.01}
""",
    "study.yaml": "base: small.yaml\naxes: {head: [dual, cross]}\n",
    "tuning.yaml": """\
base: small.yaml
space: {training.lr: {low: 1e-3, high: 1e-1, log: true}}
models: {dual: {}}
trials: 2
objective: auroc@uniform
""",
    "suite.yaml": "base: small.yaml\nseeds: [1]\nmodels: {dual: {}}\n",
}


@dataclass(frozen=True)
class Case:
    """A command, and what it leaves.

    Attributes:
        first: its words; RUN stands for the earlier run.
        again: the words of the second call, by default the same.
        after: a further command at the end, which makes a table.
        replaces: earlier results that it writes anew: they may be the old or the new ones, but never part
            of them.
    """

    first: str
    again: str = ""
    after: str = ""
    replaces: tuple[str, ...] = ()


CASES = {
    "train": Case("train --config small.yaml --runs new", "train --config small.yaml --runs new --resume"),
    "overwrite": Case("train --config small.yaml --overwrite", replaces=("runs",)),
    "prune": Case("prune RUN --ratio 0.5 --finetune-epochs 2 --runs new"),
    "study": Case(
        "study run study.yaml --runs new --threads 1", after="study table study.yaml --runs new -o table.csv"
    ),
    "tune": Case("tune tuning.yaml --runs new --threads 1"),
    "bench": Case("bench suite.yaml --runs new --threads 1 -o table.csv"),
    "predict": Case("predict RUN -o edges.tsv", replaces=("edges.tsv",)),
    "fetch": Case("data fetch toy"),
}


def words(command: str, run: str) -> list[str]:
    """A command line, as words."""
    return command.replace("RUN", f"runs/{run}").split()


def lay_out(folder: Path) -> None:
    """Labels and configs, and an earlier table of `predict`."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    tf, gene = np.divmod(np.arange(12 * 60), 60)
    weight = np.where(tf % 2 == gene % 2, 4.0, 1.0)
    chosen = rng.choice(tf.size, 250, replace=False, p=weight / weight.sum())
    lines = [f"TF{tf[one]}\tG{gene[one]}" for one in chosen]
    (folder / "labels.tsv").write_text("\n".join(["source\ttarget", *lines, ""]))
    for name, text in FILES.items():
        (folder / name).write_text(text)
    (folder / "edges.tsv").write_text("an earlier table\n")


def contents(folder: Path) -> dict[str, str]:
    """Every file below a folder -> its SHA-256, without what is no result: locks, costs, seconds."""
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if not path.is_file() or path.name in ("lock", "manifest.json", "epochs.parquet"):
            continue
        if {".bench", ".tuning", ".studies"} & set(path.relative_to(folder).parts):
            continue
        measured = path.name in ("table.csv", "metrics.parquet")
        found[name] = _scores(path) if measured else sha256(path)
    return found


def broken_runs(folder: Path) -> list[str]:
    """Run directories that are not whole: a file is missing, or is not what the manifest says."""
    broken = []
    inside = (path.parent for path in folder.glob("*/*/*"))
    for run in sorted({run for run in inside if not is_hidden(str(run.relative_to(folder)))}):
        try:
            files = json.loads((run / "manifest.json").read_text())["files"]
            whole = all(sha256(run / name) == digest for name, digest in files.items())
        except (OSError, ValueError, KeyError):
            whole = False
        if not whole and run.parent.name in ("runs", "new"):
            broken.append(str(run.relative_to(folder)))
    return broken


def is_hidden(name: str) -> bool:
    """Whether a file is one that is not complete yet: a checkpoint, or a temporary file."""
    return any(part.startswith((".", "tmp")) or part.endswith(".part") for part in Path(name).parts)


def _scores(table: Path) -> str:
    """A digest of a table without what was measured by a clock: columns of costs, lines of latencies."""
    try:
        frame = pd.read_csv(table) if table.suffix == ".csv" else pd.read_parquet(table)
    except (ValueError, OSError):
        return "no table"
    costs = [name for name in frame.columns if name.removesuffix("_mean").removesuffix("_sd") in FIGURES[:3]]
    if "metric" in frame:
        frame = frame[frame["metric"] != "latency_ratio"].reset_index(drop=True)
    return hashlib.sha256(frame.drop(columns=costs).to_csv().encode()).hexdigest()
