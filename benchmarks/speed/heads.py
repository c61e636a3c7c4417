"""What scoring costs under each head: multiplications and time of all pairs, and bytes of a gene.

    python benchmarks/speed/heads.py run    measures and stores results/head_speed.csv
    python benchmarks/speed/write.py        writes the tables into benchmarks/speed/README.md

Vectors of nodes are encoded once, and all pairs of the symbol labels are scored from them, as `predict` does
it, by untrained heads of the sizes that two studies of benchmarks/heads train: one number of parameters
(lookup.yaml), and one number of multiplications (scoring_cost.yaml). In each round every head takes its turn,
so that a ratio is one of the same run. One thread, whose seconds are those of the processor.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import speed
import torch
from torch.utils.flop_counter import FlopCounterMode

from grnpyg.models import build_model
from grnpyg.models.heads import CrossHead, Head, SeveralVectorsHead
from grnpyg.studies import Trial, markdown_table, read_study, resolve_widths
from grnpyg.training import prepare

HERE = Path(__file__).resolve().parent
STUDIES = {"heads": "lookup", "heads_scoring_cost": "scoring_cost"}  # marker -> study
RESULTS = HERE.parent / "results" / "head_speed.csv"
ROUNDS = 5
DUAL = "dual"
Ends = tuple[torch.Tensor, torch.Tensor]


def main() -> None:
    """Measure every head of both studies, one thread."""
    torch.set_num_threads(1)
    about = {"torch": torch.__version__, "date": date.today().isoformat(), "processor": speed.processor()}
    rows = [row for study in STUDIES.values() for row in _measured(study)]
    pd.DataFrame(rows).assign(**about).to_csv(RESULTS, index=False, float_format="%.6g")


def _measured(name: str) -> Iterator[dict[str, Any]]:
    """A row for each head and round of a study."""
    study = resolve_widths(read_study(HERE.parent / "heads" / "studies" / f"{name}.yaml"))
    trials = list({trial.levels["head"]: trial for trial in reversed(study.trials)}.values())[::-1]
    graph = prepare(trials[0].config).split.graph
    sides = {trial.levels["head"]: _side(trial, graph) for trial in trials}
    costs = {head: _cost(*side) for head, side in sides.items()}
    for round_ in range(ROUNDS):
        for head, (own, ends) in sides.items():
            start = time.process_time()
            _score(own, ends)
            seconds, pairs = time.process_time() - start, len(ends[0]) * len(ends[1])
            row = {"study": name, "head": head, "round": round_, "pairs": pairs, "seconds": seconds}
            yield row | costs[head]
            print(name, head, round_, f"{pairs / seconds:.3g} pairs/s", file=sys.stderr)


def _side(trial: Trial, graph: Any) -> tuple[Head, Ends]:
    """A head, and the vectors of all nodes that it reads."""
    config = trial.config
    model = build_model(graph, config.encoder, config.head, config.seed).eval()
    z = model.encode(graph)
    return model.head, (z["tf"], z["gene"])


@torch.no_grad()
def _score(head: Head, ends: Ends) -> None:
    score = head.all_pairs(*ends)
    for some in torch.arange(len(ends[0])).split(64):
        score(some)


@torch.no_grad()
def _cost(head: Head, ends: Ends) -> dict[str, float]:
    """Multiply-accumulates a pair, the work on every node included, and bytes kept of a gene."""
    with FlopCounterMode(display=False) as counter:
        _score(head, ends)
    macs = counter.get_total_flops() / 2 / (len(ends[0]) * len(ends[1]))
    vectors = head.retrieval_vectors(*ends)
    if vectors is not None:
        kept = vectors[1].shape[1]
    elif isinstance(head, SeveralVectorsHead):
        kept = head.nodes("gene", ends[1][:1]).numel()
    else:
        assert isinstance(head, CrossHead)  # the share of the first layer, and the columns of the product
        kept = len(head.mlp[0].bias) + head.product_channels  # type: ignore[arg-type, operator]
    return {"macs_per_pair": macs, "bytes_of_a_gene": 4 * kept}


def sections() -> dict[str, str]:
    """Marker -> text."""
    rows = pd.read_csv(RESULTS)
    return {marker: _table(rows[rows["study"] == study]) for marker, study in STUDIES.items()}


def _table(rows: pd.DataFrame) -> str:
    """What each head of a study costs."""
    seconds = rows.pivot_table(index="round", columns="head", values="seconds", sort=False)
    costs = rows.groupby("head", sort=False)[["macs_per_pair", "bytes_of_a_gene"]].first()
    lines = [
        [
            f"`{head}`",
            f"{cost['macs_per_pair']:,.0f}",
            f"{float(np.median(seconds[head] / seconds[DUAL])):.2f}",
            f"{cost['bytes_of_a_gene']:,.0f}",
        ]
        for head, cost in costs.iterrows()
    ]
    first = rows.iloc[0]
    return (
        f"{first['processor']}, {first['date']}, torch {first['torch']}, one thread, "
        f"{first['pairs']:,} pairs, {len(seconds)} rounds:\n\n"
        + markdown_table(["head", "MACs a pair", "time, dual = 1", "bytes of a gene"], lines)
    )


if __name__ == "__main__":
    if sys.argv[1:] == ["run"]:
        main()
