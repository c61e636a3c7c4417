"""Memory and time of the recipe `best` at the size of a genome, against a graph of the size of the labels.

    python benchmarks/speed/genome.py run    measures and stores results/genome.csv
    python benchmarks/speed/write.py         writes the table into benchmarks/speed/README.md

One thread, seconds of the processor. Each size is a process of its own, which reads the bundled cells and
knowledge, splits drawn edges, and trains for one cycle of the folds and one epoch more; its peak is what the
system says of it at the end. Names are human symbols, so that families and knowledge are as large as they
are. The ends of an edge are drawn with log-normal weights. Sizes alternate, so that a machine that changes
its speed changes both; a step is the median over the batches of all epochs, without the first of an epoch,
which computes what the features keep of a message graph.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytorch_lightning as pl
import speed
import torch

import grnpyg_data
from grnpyg.core import override
from grnpyg.data import load_grn
from grnpyg.knowledge import extension
from grnpyg.models import build_model
from grnpyg.recipes import read_recipe
from grnpyg.resolve import make_config
from grnpyg.studies.executors import environment
from grnpyg.training import fit, prepare

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "results" / "genome.csv"
SIZES = {"labels": (1_164, 7_664, 20_213), "genome": (2_000, 20_000, 500_000)}  # TFs, genes, edges
SPREAD = 1.2  # of the logarithm of the weight of a node
ROUNDS, EPOCHS = 1, 9  # epochs: 8 folds, and the first one again


class Steps(pl.Callback):
    """Processor seconds of every step, epoch by epoch."""

    def __init__(self) -> None:
        self.seconds: list[list[float]] = []
        self._start = 0.0

    def on_train_batch_start(self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int) -> None:
        """Start the clock of a step."""
        if batch_idx == 0:
            self.seconds.append([])
        self._start = time.process_time()

    def on_train_batch_end(self, trainer: Any, pl_module: Any, *_: Any) -> None:
        """Stop it."""
        self.seconds[-1].append(time.process_time() - self._start)


def main() -> None:
    """Measure every size in processes of their own."""
    rows = []
    for round_ in range(ROUNDS):
        for name in SIZES:
            command = [sys.executable, __file__, name]
            done = subprocess.run(command, env=environment(threads=1), stdout=subprocess.PIPE, check=True)
            rows.append({"round": round_, "graph": name, **json.loads(done.stdout)})
            print(rows[-1], file=sys.stderr)
    about = {"torch": torch.__version__, "date": date.today().isoformat(), "processor": speed.processor()}
    pd.DataFrame(rows).assign(threads=1, **about).to_csv(RESULTS, index=False)


def measure(num_tfs: int, num_genes: int, num_edges: int) -> dict[str, float]:
    """Train on a drawn graph: what it is, and what it cost."""
    torch.set_num_threads(1)
    config = make_config(
        override(read_recipe("best"), ["data.expression=bundled", f"training.max_epochs={EPOCHS}"])
    )
    grn = load_grn(
        config.data,
        config.features,
        config.data_seed,
        regulons=drawn_edges(num_tfs, num_genes, num_edges),
        extension=extension(config.knowledge),
    )
    prepared = prepare(config, grn)
    graph = prepared.grn.graph
    model = build_model(graph, config.encoder, config.head, config.seed, config.structure_options)
    steps = Steps()
    with tempfile.TemporaryDirectory() as folder:
        fit(model, prepared.split, prepared.evaluation, config, Path(folder), callbacks=[steps])
    step = float(np.median(np.concatenate([epoch[1:] for epoch in steps.seconds])))
    first = float(np.median([epoch[0] for epoch in steps.seconds[: EPOCHS - 1]]))
    return {
        "tfs": graph["tf"].num_nodes,
        "genes": graph["gene"].num_nodes,
        "edges": graph["tf", "regulates", "gene"].num_edges,
        "features": len(model.structure.names) if model.structure is not None else 0,
        "batch_size": config.training.batch_size,
        "ms_a_step": 1000 * step,
        "seconds_a_message_graph": first - step,
        "peak_gb": peak_gb(),
    }


def peak_gb() -> float:
    """The largest resident memory that this process had so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def drawn_edges(num_tfs: int, num_genes: int, num_edges: int) -> pd.DataFrame:
    """Distinct edges among human symbols, `source` and `target`, every node with one at least."""
    rng = np.random.default_rng(0)
    named = pd.read_csv(grnpyg_data.path("names_human.tsv.gz"), sep="\t", dtype=str, keep_default_na=False)
    symbols = pd.unique(named["symbol"])
    known = Path(grnpyg_data.path("tfs_human.txt")).read_text().split()
    others = rng.permutation(np.setdiff1d(symbols, known))
    genes = rng.permutation(np.concatenate([known, others])[: max(num_genes, len(known))])[:num_genes]
    tfs = np.concatenate([rng.permutation(known), others])[:num_tfs]
    codes = np.empty(0, np.int64)
    weights = [rng.lognormal(0, SPREAD, size) for size in (num_tfs, num_genes)]
    of_tf, of_gene = (weight / weight.sum() for weight in weights)
    once = np.concatenate(
        [
            rng.choice(num_tfs, num_genes, p=of_tf) * num_genes + np.arange(num_genes),
            np.arange(num_tfs) * num_genes + rng.choice(num_genes, num_tfs, p=of_gene),
        ]
    )
    codes = pd.unique(once)
    while codes.size < num_edges:
        tf, gene = rng.choice(num_tfs, num_edges, p=of_tf), rng.choice(num_genes, num_edges, p=of_gene)
        codes = pd.unique(np.concatenate([codes, tf * num_genes + gene]))[:num_edges]
    return pd.DataFrame({"source": tfs[codes // num_genes], "target": genes[codes % num_genes]})


def sections() -> dict[str, str]:
    """What stands between the markers of README.md."""
    table = pd.read_csv(RESULTS)
    about = table.iloc[0]
    lines = [
        f"{about['processor']}, {about['date']}, torch {about['torch']}, one thread, batches of "
        f"{about['batch_size']:,} pairs, {table['round'].nunique()} rounds:",
        "",
        "| TFs x genes | edges | numbers a pair | ms a step | times the first | s a graph | peak, GB |",
        "|---|---|---|---|---|---|---|",
    ]
    step = table.pivot(index="round", columns="graph", values="ms_a_step")
    for name in SIZES:
        rows = table[table["graph"] == name]
        ratio = float(np.median(step[name] / step["labels"]))
        first = rows.iloc[0]
        lines.append(
            f"| {first['tfs']:,} x {first['genes']:,} | {first['edges']:,} | {first['features']} "
            f"| {step[name].median():.1f} | {ratio:.2f} | {rows['seconds_a_message_graph'].median():.1f} "
            f"| {rows['peak_gb'].max():.2f} |"
        )
    return {"genome": "\n".join(lines)}


if __name__ == "__main__":
    if sys.argv[1:] == ["run"]:
        main()
    elif sys.argv[1:] and sys.argv[1] in SIZES:
        print(json.dumps(measure(*SIZES[sys.argv[1]])))
    else:
        sys.exit(__doc__)
