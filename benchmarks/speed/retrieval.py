"""What retrieve and rerank costs: a tenth of the pairs by a cross head, and an index of vectors.

    pip install "grnpyg[faiss]"
    python benchmarks/speed/retrieval.py run    measures and stores results/retrieval_speed.csv
    python benchmarks/speed/write.py            writes the tables into benchmarks/speed/README.md

One thread, whose seconds are those of the processor; weights and vectors as drawn, which no side depends on.
Sides alternate in one process, and a ratio is the median over the rounds.

Cross head: some TFs with every gene, against a tenth of these pairs at random, which are scored pair by pair.
Index: the best genes of every TF by inner products, from an exact index of faiss, which is filled in the time
that counts, from a matrix product and a choice by rows, as `predict` does it, and from torch's `topk`.
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

from grnpyg.models.heads import CrossHead, PairShape
from grnpyg.networks import best_in_rows

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "results" / "retrieval_speed.csv"
ROUNDS = 3
TFS, GENES, CHANNELS, TENTH = 40, 5_863, 512, 10
ALL, SOME = "all pairs", "a tenth of them"
SIZES = ((820, 5_863, 512, 500), (1_600, 20_000, 66, 500), (1_600, 20_000, 66, 20))  # TFs, genes, d, best
PRODUCT, TOPK, FAISS = "product, best of rows", "product, topk", "faiss IndexFlatIP"
Side = Callable[[], object]


def main() -> None:
    """Measure both questions."""
    torch.set_num_threads(1)
    rows = []
    for title, sides in [
        ("cross head", cross_sides()),
        *((_title(size), index_sides(*size)) for size in SIZES),
    ]:
        for round_ in range(-1, ROUNDS):  # the first one warms up
            for side, compute in sides.items():
                start = time.process_time()
                compute()
                rows.append([round_, title, side, time.process_time() - start])
        print(title, "is measured", file=sys.stderr)
    about = {"torch": torch.__version__, "date": date.today().isoformat(), "processor": speed.processor()}
    table = pd.DataFrame(rows, columns=["round", "task", "side", "seconds"])
    table[table["round"] >= 0].assign(threads=1, **about).to_csv(RESULTS, index=False, float_format="%.5g")


def cross_sides() -> dict[str, Side]:
    """All pairs of some TFs, and a tenth of them, in float32 and in bf16."""
    torch.manual_seed(0)
    head = CrossHead(PairShape(CHANNELS, CHANNELS, CHANNELS, TFS, GENES)).eval()
    generator = torch.Generator().manual_seed(0)
    z = [torch.randn(number, CHANNELS, generator=generator) for number in (TFS, GENES)]
    every = torch.arange(TFS)
    order = torch.randperm(TFS * GENES, generator=generator)[: TFS * GENES // TENTH].sort().values
    some = torch.stack([order // GENES, order % GENES])

    def scored(make: str, of: torch.Tensor) -> Side:
        @torch.no_grad()
        def compute() -> object:
            return getattr(head, make)(*z)(of)

        return compute

    return {
        f"{ALL}, fp32": scored("all_pairs", every),
        f"{SOME}, fp32": scored("many_pairs", some),
        f"{ALL}, bf16": scored("all_pairs_bf16", every),
        f"{SOME}, bf16": scored("many_pairs_bf16", some),
    }


def index_sides(tfs: int, genes: int, d: int, best: int) -> dict[str, Side]:
    """The best genes of every TF, in three ways."""
    import faiss

    faiss.omp_set_num_threads(1)
    generator = torch.Generator().manual_seed(0)
    of_tf, of_gene = (torch.randn(number, d, generator=generator) for number in (tfs, genes))
    step = max(1, (1 << 20) // genes)

    def by_rows() -> object:
        products = ((some @ of_gene.t()).numpy() for some in of_tf.split(step))
        return [best_in_rows(rows, np.ones(rows.shape, dtype=bool), best) for rows in products]

    def by_topk() -> object:
        return [(some @ of_gene.t()).topk(best).indices for some in of_tf.split(step)]

    def by_faiss() -> object:
        index = faiss.IndexFlatIP(d)
        index.add(of_gene.numpy())
        return index.search(of_tf.numpy(), best)[1]

    return {PRODUCT: by_rows, TOPK: by_topk, FAISS: by_faiss}


def _title(size: tuple[int, int, int, int]) -> str:
    tfs, genes, d, best = size
    return f"{tfs:,} TFs x {genes:,} genes, {d} numbers a node, best {best}"


def sections() -> dict[str, str]:
    """What stands between the markers of README.md."""
    table = pd.read_csv(RESULTS)
    about = table.iloc[0]
    rounds = table["round"].nunique()
    said = f"{about['processor']}, {about['date']}, torch {about['torch']}, one thread, {rounds} rounds"
    return {
        "rerank": "\n".join([f"{said}, {TFS} TFs x {GENES:,} genes, width {CHANNELS}:", "", *_cross(table)]),
        "index": "\n".join([f"{said}:", "", *_index(table)]),
    }


def _cross(table: pd.DataFrame) -> Iterator[str]:
    seconds = table[table["task"] == "cross head"].pivot(index="round", columns="side", values="seconds")
    yield "| pairs | seconds | share of all pairs, fp32 | share of all pairs, same numbers |"
    yield "|---|---|---|---|"
    for numbers in ("fp32", "bf16"):
        for pairs in (ALL, SOME):
            own = seconds[f"{pairs}, {numbers}"]
            shares = [float((own / seconds[f"{ALL}, {of}"]).median()) for of in ("fp32", numbers)]
            yield f"| {pairs}, {numbers} | {own.median():.3f} | {shares[0]:.3f} | {shares[1]:.3f} |"


def _index(table: pd.DataFrame) -> Iterator[str]:
    yield "| task | side | seconds | times as fast as the first |"
    yield "|---|---|---|---|"
    for size in SIZES:
        own = table[table["task"] == _title(size)].pivot(index="round", columns="side", values="seconds")
        for side in (PRODUCT, TOPK, FAISS):
            ratio = float((own[PRODUCT] / own[side]).median())
            yield f"| {_title(size)} | {side} | {own[side].median():.2f} | {ratio:.2f} |"


if __name__ == "__main__":
    if sys.argv[1:] == ["run"]:
        main()
    else:
        sys.exit(__doc__)
