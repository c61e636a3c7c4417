"""All pairs of the published cross-encoder: float32 and bf16 against the plain forward pass, also pruned.

    grnpyg train --recipe paper-cross-as-described --runs runs
    grnpyg prune runs/HASH --ratio 0.6 --runs runs
    python benchmarks/speed/cross.py run runs/HASH runs/PRUNED   measures and stores the two tables
    python benchmarks/speed/write.py                             writes them into benchmarks/speed/README.md

One thread, then two. Sides alternate in one process, and a ratio is the median over the rounds. Seconds of
one thread are those of the processor, so that other work on the machine counts less; those of two are by the
clock, on a machine without other work. Times are of some TFs with every gene; ranks are compared over every
eighth TF with every gene. Two matrix products stand beside, of the size of the second layer: in int8 it is
what a quantised layer could gain at most, before anything is quantised.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import speed
import torch
from scipy.stats import spearmanr

from grnpyg.models import PairModel
from grnpyg.models.heads import Head
from grnpyg.runs import Run

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "results" / "cross_speed.csv"
RANKS = HERE.parent / "results" / "cross_ranks.csv"
TFS, ROUNDS, TOP, EVERY = 4, 5, 1000, 8
PLAIN, FP32, BF16 = "plain forward, fp32", "grnpyg fp32", "grnpyg bf16"
WHOLE, PRUNED = "as trained", "pruned by 60 %"
PRODUCT_ROWS = 2048


def main(whole: str, pruned: str) -> None:
    """Measure every side, and compare the ranks."""
    torch.set_num_threads(1)
    runs = {WHOLE: Run.load(Path(whole)), PRUNED: Run.load(Path(pruned))}
    models = {name: run.model.eval() for name, run in runs.items()}
    z = {name: model.encode(runs[name].graph) for name, model in models.items()}
    num_tfs, num_genes = z[WHOLE]["tf"].size(0), z[WHOLE]["gene"].size(0)
    tfs = torch.linspace(0, num_tfs - 1, TFS).long()
    sides = {
        (name, side): make(models[name], z[name], tfs) for name in runs for side, make in SIDES.items()
    } | {("product", kind): one for kind, one in products(models[WHOLE]).items()}
    rows = []
    for threads, clock in ((1, time.process_time), (2, time.perf_counter)):
        torch.set_num_threads(threads)
        for round_ in range(-1, ROUNDS):  # the first one warms up
            for (name, side), compute in sides.items():
                start = clock()
                compute()
                rows.append([threads, round_, name, side, clock() - start])
    torch.set_num_threads(1)
    about = {"torch": torch.__version__, "date": date.today().isoformat(), "processor": speed.processor()}
    size: dict[str, Any] = {"tfs": TFS, "genes": num_genes, "config_hash": runs[WHOLE].manifest.config_hash}
    table = pd.DataFrame(rows, columns=["threads", "round", "model", "side", "seconds"])
    table[table["round"] >= 0].assign(**size, **about).to_csv(RESULTS, index=False)
    ranks = [rank_row(name, models[name], z[name]) for name in runs]
    pd.DataFrame(ranks).assign(**about, config_hash=size["config_hash"]).to_csv(RANKS, index=False)


@torch.no_grad()
def products(model: PairModel) -> dict[str, Callable[[], object]]:
    """A matrix product of the second layer's size, by kind of number."""
    weight = model.head.mlp[3].weight.detach()  # type: ignore[union-attr, index]
    x = torch.randn(PRODUCT_ROWS, weight.size(1), generator=torch.Generator().manual_seed(0))
    half, small = (x.bfloat16(), weight.bfloat16().t()), (x * 20).clamp(-127, 127).to(torch.int8)
    scale = 127 / float(weight.abs().max())
    quantised = (weight * scale).round().to(torch.int8).t()
    return {
        "bf16": lambda: [half[0] @ half[1] for _ in range(10)],
        "int8": lambda: [torch._int_mm(small, quantised) for _ in range(10)],
    }


def _plain(model: PairModel, z: dict[str, torch.Tensor], tfs: torch.Tensor) -> Callable[[], object]:
    @torch.no_grad()
    def compute() -> object:
        return Head.score_all(model.head, z["tf"], z["gene"], tfs)

    return compute


def _ours(precision: str) -> Callable[..., Callable[[], object]]:
    def make(model: PairModel, z: dict[str, torch.Tensor], tfs: torch.Tensor) -> Callable[[], object]:
        of_head = model.all_pairs(z, precision)  # type: ignore[arg-type]  # one of the two precisions

        @torch.no_grad()
        def compute() -> object:
            return of_head(tfs)

        return compute

    return make


SIDES = {PLAIN: _plain, FP32: _ours("fp32"), BF16: _ours("bf16")}


@torch.no_grad()
def rank_row(name: str, model: PairModel, z: dict[str, torch.Tensor]) -> dict[str, object]:
    """How far bf16 ranks pairs as float32 does."""
    every = torch.arange(0, z["tf"].size(0), EVERY).split(64)
    exact, rounded = (
        torch.cat([of_head(tfs) for tfs in every]).flatten().numpy()
        for of_head in (model.all_pairs(z), model.all_pairs(z, "bf16"))
    )
    best = [set(np.argpartition(scores, -TOP)[-TOP:].tolist()) for scores in (exact, rounded)]
    return {
        "model": name,
        "pairs": exact.size,
        "spearman": float(spearmanr(exact, rounded).statistic),
        "top": TOP,
        "overlap": len(best[0] & best[1]) / TOP,
        "largest_difference": float(np.abs(exact - rounded).max()),
        "sd_of_logits": float(exact.std()),
        "distinct_share": np.unique(rounded).size / np.unique(exact).size,
    }


def sections() -> dict[str, str]:
    """What stands between the markers of README.md."""
    table, ranks = pd.read_csv(RESULTS), pd.read_csv(RANKS)
    about = table.iloc[0]
    lines = [
        f"{about['processor']}, {about['date']}, torch {about['torch']}, {about['tfs']} TFs x "
        f"{about['genes']:,} genes, {table['round'].nunique()} rounds:",
        "",
        "| threads | model | side | pairs a second | times the plain forward | times this side as trained |",
        "|---|---|---|---|---|---|",
    ]
    pairs = int(about["tfs"]) * int(about["genes"])
    of_threads = table.pivot(index="round", columns=["threads", "model", "side"], values="seconds")
    for threads, name, side in product((1, 2), (WHOLE, PRUNED), SIDES):
        seconds = of_threads[threads]
        own = seconds[name, side]
        plain = float(np.median(seconds[name, PLAIN] / own))
        trained = float(np.median(seconds[WHOLE, side] / own))
        rate = pairs / float(np.median(own))
        lines.append(f"| {threads} | {name} | {side} | {rate:.2g} | {plain:.2f} | {trained:.2f} |")
    lines += [
        "",
        "| model | pairs | Spearman, bf16 and fp32 | best 1,000 in common | largest difference of logits |",
        "|---|---|---|---|---|",
    ]
    for row in ranks.to_dict("records"):
        lines.append(
            f"| {row['model']} | {row['pairs']:,} | {row['spearman']:.7f} | {row['overlap']:.3f} | "
            f"{row['largest_difference']:.2g} (sd of logits {row['sd_of_logits']:.2g}) |"
        )
    one = of_threads[1]["product"]
    ratio = float(np.median(one["bf16"] / one["int8"]))
    lines += ["", f"A matrix product in int8 runs at {ratio:.2f} times the rate of one in bf16."]
    return {"cross": "\n".join(lines)}


if __name__ == "__main__":
    if sys.argv[1:2] == ["run"] and len(sys.argv) == 4:
        main(*sys.argv[2:])
    else:
        sys.exit(__doc__)
