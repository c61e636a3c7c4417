"""All pairs of a dual encoder per second: each gene embedded once, against once for every block of TFs.

    python benchmarks/speed/scoring.py run    measures and stores results/scoring_speed.csv
    python benchmarks/speed/write.py          writes the table into benchmarks/speed/README.md

One thread, whose seconds are those of the processor; weights as drawn. 60,000 genes, so that a block of a
million pairs has 17 TFs. Sides alternate in one process, so that a machine that changes its speed changes all
of them; a ratio is the median over the rounds. The scores are compared bit by bit. `best 100` also finds the
100 best genes of each TF, block by block, as `predict --per-tf 100` does.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

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
BLOCK = (1 << 20) // GENES  # TFs of a block, as `predict` takes them
ENCODER = {"name": "lookup", "embedding_dim": 64}
HEAD = {"name": "dual", "hidden_channels": 512, "out_channels": 512}
AGAIN, ONCE, BEST = "genes again for every block", "each gene once", f"each gene once, best {TOP}"
Blocks = Iterator[NDArray[np.float32]]


def main() -> None:
    """Measure every side."""
    torch.set_num_threads(1)
    tfs, genes = [f"T{i}" for i in range(TFS)], [f"G{i}" for i in range(GENES)]
    rng = np.random.default_rng(0)
    edges = pd.DataFrame({"source": rng.choice(tfs, 5000), "target": rng.choice(genes, 5000)})
    graph = build_graph(edges.drop_duplicates(), tfs=tfs, genes=genes)
    model = build_model(graph, ENCODER, HEAD, 0).eval()
    every = [(start, min(start + BLOCK, TFS)) for start in range(0, TFS, BLOCK)]
    columns = torch.arange(GENES)

    def again() -> Blocks:
        z = model.encode(graph)
        for start, stop in every:
            yield _again(model, z, torch.arange(start, stop))

    def once() -> Blocks:
        scorer = TrainedModel(model, graph).without_known_edges()
        for start, stop in every:
            yield scorer.score_all(torch.arange(start, stop), columns)

    def chosen() -> Blocks:
        for block in once():
            best_in_rows(block, np.ones(block.shape, dtype=bool), TOP)
            yield block

    sides: dict[str, Callable[[], Blocks]] = {AGAIN: again, ONCE: once, BEST: chosen}
    assert all(map(np.array_equal, again(), once())), "the scores differ"
    rows = []
    for round_ in range(ROUNDS):
        for side, run in sides.items():
            start, times = time.process_time(), []
            for _ in run():
                times.append(time.process_time() - start)
            about = {"round": round_, "side": side, "pairs": TFS * GENES, "seconds": times[-1]}
            later = (TFS - every[0][1]) * GENES / (times[-1] - times[0])  # what each further block costs
            rows.append(about | {"pairs_per_second_after_the_first_block": later})
            print(round_, side, f"{times[-1]:.2f} s, then {later:.3g} pairs/s", file=sys.stderr)
    about = {"torch": torch.__version__, "date": date.today().isoformat(), "processor": speed.processor()}
    pd.DataFrame(rows).assign(tfs=TFS, genes=GENES, threads=1, **about).to_csv(RESULTS, index=False)


@torch.no_grad()
def _again(model: PairModel, z: dict[str, torch.Tensor], tfs: torch.Tensor) -> NDArray[np.float32]:
    """What `score_all` did for every block."""
    scores: NDArray[np.float32] = model.head.score_all(z["tf"], z["gene"], tfs).numpy()
    return scores


def sections() -> dict[str, str]:
    """What stands between the markers of README.md."""
    table = pd.read_csv(RESULTS)
    about = table.iloc[0]
    lines = [
        f"{about['processor']}, {about['date']}, torch {about['torch']}, one thread, towers 64-512-512, "
        f"{about['tfs']:,} TFs x {about['genes']:,} genes, {table['round'].nunique()} rounds:",
        "",
        "| side | seconds | times as fast | pairs a second after the first block |",
        "|---|---|---|---|",
    ]
    seconds = table.pivot(index="round", columns="side", values="seconds")
    for side in (AGAIN, ONCE, BEST):
        ratio = float(np.median(seconds[AGAIN] / seconds[side]))
        later = table.loc[table["side"] == side, "pairs_per_second_after_the_first_block"].median()
        lines.append(f"| {side} | {np.median(seconds[side]):.2f} | {ratio:.2f} | {later:.2g} |")
    return {"scoring": "\n".join(lines)}


if __name__ == "__main__":
    if sys.argv[1:] == ["run"]:
        main()
    else:
        sys.exit(__doc__)
