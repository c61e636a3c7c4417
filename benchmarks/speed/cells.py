"""Memory and time of reading many cells and computing the features of their genes.

    python benchmarks/speed/cells.py run    measures and stores results/cells_memory.csv
    python benchmarks/speed/write.py        writes the table into benchmarks/speed/README.md

A file of 100,000 cells x 20,000 genes with counts, 5 % of them not 0, is written block by block, and read by
processes of their own, which do what `train` does before the split: read, check, log values, features of all
genes, graph. The peak is what the system says of a process at its end. One thread, seconds of the processor.

`walk` asks for every chunk of a matrix in memory, once with limits of rows of 32 bits and once of 64 bits.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import genome
import h5py
import numpy as np
import pandas as pd
import scipy.sparse as sp
import speed
import torch

from grnpyg.data import load_grn, prepared_cells, row_chunks
from grnpyg.resolve import make_config

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "results" / "cells_memory.csv"
CELLS, GENES, SHARE, TYPES = 100_000, 20_000, 0.05, 20
BLOCK = 1_000  # cells written at a time
SIDES = {  # what a process does: whether the matrix stays on disk, which features
    "in memory": ("memory", "celltype_means"),
    "on disk": ("disk", "celltype_means"),
}
WALKS = {"32 bits": np.int32, "64 bits": np.int64}
ROUNDS = 5  # of the walks
PLAIN = {
    **os.environ,
    "OMP_NUM_THREADS": "1",
    prepared_cells.VARIABLE: "off",
}  # nothing that was prepared before is read


def main() -> None:
    """Write the file, and measure every side."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cells.h5ad"
        written(path)
        for side in SIDES:
            command = [sys.executable, __file__, str(path), *SIDES[side]]
            done = subprocess.run(command, env=PLAIN, stdout=subprocess.PIPE, check=True)
            rows.append({"side": side, **json.loads(done.stdout)})
            print(rows[-1], file=sys.stderr)
        done = subprocess.run(
            [sys.executable, __file__, str(path), "walk"], stdout=subprocess.PIPE, check=True
        )
        for round_, seconds in enumerate(json.loads(done.stdout)):
            rows += [{"side": side, "round": round_, "seconds": took} for side, took in seconds.items()]
    about = {"torch": torch.__version__, "date": date.today().isoformat(), "processor": speed.processor()}
    table = pd.DataFrame(rows).assign(cells=CELLS, genes=GENES, share=SHARE, threads=1, **about)
    table.to_csv(RESULTS, index=False)


def written(path: Path) -> None:
    """A file of counts; genes are named as those of `drawn_edges`, cells have a type."""
    rng = np.random.default_rng(0)
    names = pd.unique(genome.drawn_edges(2_000, GENES, 100_000)["target"])
    per_cell = rng.binomial(GENES, SHARE, CELLS)
    with h5py.File(path, "w") as file:
        file.attrs.update({"encoding-type": "anndata", "encoding-version": "0.1.0"})
        group = file.create_group("X")
        group.attrs.update({"encoding-type": "csr_matrix", "encoding-version": "0.1.0"})
        group.attrs["shape"] = (CELLS, GENES)
        group["indptr"] = np.concatenate([[0], np.cumsum(per_cell)]).astype(np.int64)
        total = int(per_cell.sum())
        options = {"shape": (total,), "chunks": (1 << 18,), "compression": "lzf"}
        data = group.create_dataset("data", dtype=np.float32, **options)
        indices = group.create_dataset("indices", dtype=np.int32, **options)
        at = 0
        for start in range(0, CELLS, BLOCK):
            some = per_cell[start : start + BLOCK]
            columns = [np.sort(rng.choice(GENES, size, replace=False)) for size in some]
            stop = at + int(some.sum())
            indices[at:stop] = np.concatenate(columns)
            data[at:stop] = rng.geometric(0.4, stop - at)
            at = stop
    import anndata as ad

    types = pd.Categorical([f"type {number}" for number in rng.integers(TYPES, size=CELLS)])
    obs = pd.DataFrame({"cell_type": types}, index=[f"cell{number}" for number in range(CELLS)])
    with h5py.File(path, "a") as file:
        ad.io.write_elem(file, "obs", obs)
        ad.io.write_elem(file, "var", pd.DataFrame(index=pd.Index(names)))


def measure(path: Path, place: str, kind: str) -> dict[str, float]:
    """Read the cells and describe their genes: what it cost."""
    torch.set_num_threads(1)
    start = time.process_time()
    edges = genome.drawn_edges(2_000, GENES, 100_000)
    data = {"expression": str(path), "backed": place == "disk"}
    config = make_config({"data": data, "features": {"kind": kind}})
    grn = load_grn(config.data, config.features, 0, regulons=edges)
    assert grn.graph["gene"].has_expression.all()
    return {"seconds": time.process_time() - start, "peak_gb": genome.peak_gb()}


def walk(path: Path) -> list[dict[str, float]]:
    """Seconds for all chunks of a matrix in memory, by the bits of its row limits, round by round."""
    with h5py.File(path) as file:
        data, indices, indptr = (file["X"][name][()] for name in ("data", "indices", "indptr"))
    rounds = []
    for _ in range(ROUNDS):
        rounds.append({})
        for name, kind in WALKS.items():
            matrix = sp.csr_matrix((CELLS, GENES), dtype=np.float32)
            matrix.data, matrix.indices, matrix.indptr = data, indices, indptr.astype(kind)
            start = time.process_time()
            assert sum(chunk.nnz for chunk in row_chunks(matrix)) == data.size
            rounds[-1][name] = time.process_time() - start
    return rounds


def sections() -> dict[str, str]:
    """What stands between the markers of README.md."""
    table = pd.read_csv(RESULTS)
    about = table.iloc[0]
    lines = [
        f"{about['processor']}, {about['date']}, one thread, {about['cells']:,} cells x {about['genes']:,} "
        f"genes, {100 * about['share']:.0f} % not 0:",
        "",
        "| matrix | seconds | peak, GB |",
        "|---|---|---|",
    ]
    for side, rows in table[table["side"].isin(list(SIDES))].groupby("side", sort=False):
        row = rows.iloc[0]
        lines.append(f"| {side} | {row['seconds']:.0f} | {row['peak_gb']:.2f} |")
    seconds = table[table["side"].isin(list(WALKS))].pivot(index="round", columns="side", values="seconds")
    ratio = float(np.median(seconds["64 bits"] / seconds["32 bits"]))
    lines += ["", f"Row limits of 64 bits cost {ratio:.2f} times those of 32 bits, chunk by chunk in memory."]
    return {"cells": "\n".join(lines)}


if __name__ == "__main__":
    given = sys.argv[1:]
    if given == ["run"]:
        main()
    elif len(given) == 2 and given[1] == "walk":
        print(json.dumps(walk(Path(given[0]))))
    elif len(given) == 3:
        print(json.dumps(measure(Path(given[0]), *given[1:])))
    else:
        sys.exit(__doc__)
