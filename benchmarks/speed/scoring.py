"""All pairs of a dual encoder per second, and what embedding each gene once is worth.

    python benchmarks/speed/scoring.py run    measures and stores results/scoring_speed.csv
    python benchmarks/speed/write.py          writes the table into benchmarks/speed/README.md

Weights as drawn, 60,000 genes. Two questions:

- once: one thread, whose seconds are those of the processor. Sides alternate in one process, so that a
  machine that changes its speed changes all of them; a ratio is the median over the rounds. The scores are
  compared. `best 100` also finds the 100 best genes of each TF, block by block. Before, 17 TFs were scored at
  a time, now 64.
- growth: one thread and two, by the clock, from a million pairs to a billion, with the 100 best genes of each
  TF; each size in a process of its own, whose peak memory is stored. Embedding the genes is not counted.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import speed
import torch
from numpy.typing import NDArray

from grnpyg.data import build_graph
from grnpyg.models import PairModel, TrainedModel, build_model
from grnpyg.networks import best_in_rows

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "results" / "scoring_speed.csv"
TFS, GENES, ROUNDS, TOP = 68, 60_000, 3, 100
SIZES = (17, 167, 1_667, 16_667)  # TFs
BEFORE, NOW = 17, 64  # TFs that are scored at a time
ENCODER = {"name": "lookup", "embedding_dim": 64}
HEAD = {"name": "dual", "hidden_channels": 512, "out_channels": 512}
AGAIN, ONCE, BEST = "genes again for every block", "each gene once", f"each gene once, best {TOP}"
GROWTH = f"best {TOP}, genes embedded before"
Blocks = Iterator[NDArray[np.float32]]


def main() -> None:
    """Ask both questions."""
    about = {"torch": torch.__version__, "date": date.today().isoformat(), "processor": speed.processor()}
    rows = [*once(), *growth()]
    pd.DataFrame(rows).assign(genes=GENES, **about).to_csv(RESULTS, index=False, float_format="%.6g")


def untrained(num_tfs: int) -> TrainedModel:
    """A dual encoder on a graph of so many TFs."""
    tfs, genes = [f"T{i}" for i in range(num_tfs)], [f"G{i}" for i in range(GENES)]
    rng = np.random.default_rng(0)
    edges = pd.DataFrame({"source": rng.choice(tfs, 5000), "target": rng.choice(genes, 5000)})
    graph = build_graph(edges.drop_duplicates(), tfs=tfs, genes=genes)
    return TrainedModel(build_model(graph, ENCODER, HEAD, 0).eval(), graph).without_known_edges()


def once() -> Iterator[dict[str, Any]]:
    """Each gene embedded once, against once for every block of TFs."""
    torch.set_num_threads(1)
    trained = untrained(TFS)
    model, graph = trained.model, trained.graph
    genes = torch.arange(GENES)

    def again() -> Blocks:
        z = model.encode(graph)
        for tfs in torch.arange(TFS).split(BEFORE):
            yield _again(model, z, tfs)

    def each_once() -> Blocks:
        trained = TrainedModel(model, graph).without_known_edges()
        return (trained.score_all(tfs, genes) for tfs in torch.arange(TFS).split(NOW))

    def chosen() -> Blocks:
        for block in each_once():
            best_in_rows(block, np.ones(block.shape, dtype=bool), TOP)
            yield block

    sides: dict[str, Callable[[], Blocks]] = {AGAIN: again, ONCE: each_once, BEST: chosen}
    one, other = (np.concatenate(list(side())) for side in (again, each_once))
    assert np.allclose(one, other, rtol=0, atol=1e-5), "the scores differ"
    for round_ in range(ROUNDS):
        for side, run in sides.items():
            start = time.process_time()
            for _ in run():
                pass
            row = {"round": round_, "side": side, "threads": 1, "pairs": TFS * GENES}
            yield row | {"seconds": time.process_time() - start}
            print(round_, side, file=sys.stderr)


def growth() -> Iterator[dict[str, Any]]:
    """The 100 best genes of more and more TFs."""
    for round_ in range(ROUNDS):
        for num_tfs in SIZES:
            for threads in (1, 2):
                command = [sys.executable, __file__, "grow", str(num_tfs), str(threads)]
                said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
                yield {"round": round_, "side": GROWTH, "threads": threads, **json.loads(said)}
                print(round_, said.strip(), file=sys.stderr)


def grow(num_tfs: int, threads: int) -> None:
    """Print the seconds and the peak memory of one size."""
    torch.set_num_threads(threads)
    model = untrained(num_tfs)
    genes = torch.arange(GENES)
    model.score_all(torch.arange(1), genes)  # embeds the genes
    start = time.perf_counter()
    for tfs in torch.arange(num_tfs).split(NOW):
        block = model.score_all(tfs, genes)
        best_in_rows(block, np.ones(block.shape, dtype=bool), TOP)
    seconds = time.perf_counter() - start
    status = Path("/proc/self/status").read_text()  # `ru_maxrss` begins with that of the process before
    peak = int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e9
    print(json.dumps({"pairs": num_tfs * GENES, "seconds": seconds, "peak_gb": peak}))


@torch.no_grad()
def _again(model: PairModel, z: dict[str, torch.Tensor], tfs: torch.Tensor) -> NDArray[np.float32]:
    """What `score_all` did for every block."""
    scores: NDArray[np.float32] = model.head.score_all(z["tf"], z["gene"], tfs).numpy()
    return scores


def sections() -> dict[str, str]:
    """What stands between the markers of README.md."""
    whole = pd.read_csv(RESULTS)
    about, table = whole.iloc[0], whole[whole["side"] != GROWTH]
    rounds = f"{table['round'].nunique()} rounds"
    lines = [
        f"{about['processor']}, {about['date']}, torch {about['torch']}, one thread, towers 64-512-512, "
        f"{TFS:,} TFs x {about['genes']:,} genes, {rounds}:",
        "",
        "| side | seconds | times as fast |",
        "|---|---|---|",
    ]
    seconds = table.pivot(index="round", columns="side", values="seconds")
    for side in (AGAIN, ONCE, BEST):
        ratio = float(np.median(seconds[AGAIN] / seconds[side]))
        lines.append(f"| {side} | {np.median(seconds[side]):.2f} | {ratio:.2f} |")
    lines += [
        "",
        f"With the {TOP} best genes of each TF, genes embedded before, median of {rounds}:",
        "",
        "| pairs | pairs a second, one thread | two threads | peak memory, GB |",
        "|---|---|---|---|",
    ]
    grown = whole[whole["side"] == GROWTH].assign(rate=lambda t: t["pairs"] / t["seconds"])
    for pairs, rows in grown.groupby("pairs"):
        rates = [rows.loc[rows["threads"] == threads, "rate"].median() for threads in (1, 2)]
        lines.append(f"| {pairs:.0e} | {rates[0]:.2g} | {rates[1]:.2g} | {rows['peak_gb'].max():.2f} |")
    return {"scoring": "\n".join(lines)}


if __name__ == "__main__":
    if sys.argv[1:] == ["run"]:
        main()
    elif sys.argv[1:2] == ["grow"]:
        grow(int(sys.argv[2]), int(sys.argv[3]))
    else:
        sys.exit(__doc__)
