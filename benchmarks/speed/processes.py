"""Several processes that share the batches of one training, against one process at the same batch size.

    python benchmarks/speed/processes.py run [QUESTION]    measures and stores results/processes.csv
    python benchmarks/speed/write.py                writes the tables into benchmarks/speed/README.md

Processes of torchrun on this machine, each with one thread, that talk by gloo over loopback. Three questions:

- throughput: seconds of an epoch at batch 8,192. One process and two take turns. A busy machine gives two
  processes more of its time than one, so the processor time that each process needs is stored, too.
- agreement: the largest difference of a logit after an epoch at batch 256, without dropout. Beside two
  processes stands one that reads the pairs of every batch in reverse: the same sums in another order.
- exchange: milliseconds to add up the gradients of both embedding tables at the paper's size, as tables and
  as the rows that a batch touches.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import speed
import torch
import torch.distributed as dist
from torch import Tensor

from grnpyg.core import launched, override
from grnpyg.models import build_model
from grnpyg.recipes import read_recipe
from grnpyg.resolve import make_config
from grnpyg.studies.executors import environment
from grnpyg.training import Batch, Batches, fit, joined, prepare

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "results" / "processes.csv"
CASES = {"dual": "paper-dual-as-described", "cross": "paper-cross-as-described"}
ROUNDS, EPOCHS = 3, 3  # the first epoch is not counted
ONE, TWO, REVERSED = "one process", "two processes", "one process, batches in reverse"
TABLES = {"TFs": 1_164, "genes": 7_664}
Exchange = Callable[[Tensor], object]
Row = dict[str, Any]


def main(questions: Sequence[str]) -> None:
    """Ask some questions; the answers to the others stay as they are stored."""
    parts = []
    for question in questions:
        about = {"cores": os.cpu_count(), "load": os.getloadavg()[0]}  # of what runs beside it
        rows = [{"question": question, **row} for row in QUESTIONS[question]()]
        about |= {
            "torch": torch.__version__,
            "date": date.today().isoformat(),
            "processor": speed.processor(),
        }
        parts.append(pd.DataFrame(rows).assign(**about))
    if RESULTS.exists():
        stored = pd.read_csv(RESULTS)
        parts.append(stored[~stored["question"].isin(questions)])
    pd.concat(parts).to_csv(RESULTS, index=False)


def throughput() -> Iterator[Row]:
    """Seconds of an epoch at batch 8,192."""
    for round_ in range(ROUNDS):
        for case in CASES:
            for side in (ONE, TWO):
                found = started("train", 2 if side == TWO else 1, case=case, batch=8192, epochs=EPOCHS)
                numbers = {name: max(part[name] for part in found) for name in ("seconds", "cpu_seconds")}
                print(case, round_, side, numbers, file=sys.stderr)
                yield {"case": case, "round": round_, "side": side, **numbers}


def agreement() -> Iterator[Row]:
    """The largest difference of a logit from one process."""
    for case in CASES:
        for double in (False, True):
            same = {"case": case, "batch": 256, "epochs": 1, "double": double}
            one = np.array(started("train", 1, **same)[0]["logits"])
            for side in (TWO, REVERSED):
                found = started("train", 2 if side == TWO else 1, **same, reverse=side == REVERSED)
                difference = np.abs(np.array(found[0]["logits"]) - one).max()
                print(case, double, side, difference, file=sys.stderr)
                about = {"case": case, "side": side, "double": double, "difference": difference}
                yield {**about, "largest": np.abs(one).max()}


def exchanges() -> Iterator[Row]:
    """Seconds to add up the gradients of both tables."""
    for batch in (256, 8192):
        for round_, times in enumerate(started("exchange", 2, batch=batch)[0]["rounds"]):
            for side, seconds in times.items():
                yield {"case": batch, "round": round_, "side": side, "seconds": seconds}


QUESTIONS: dict[str, Callable[[], Iterator[Row]]] = {
    "throughput": throughput,
    "agreement": agreement,
    "exchange": exchanges,
}


def started(what: str, processes: int, **task: Any) -> list[dict[str, Any]]:
    """What each of some processes with a task has to say."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = [__file__, what, json.dumps(task), folder]
        launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)]
        command = [sys.executable, *([] if processes == 1 else launcher), *arguments]
        variables = environment(threads=1) | {"GLOO_SOCKET_IFNAME": "lo"}
        subprocess.run(command, env=variables, check=True, stdout=subprocess.DEVNULL)
        return [json.loads(path.read_text()) for path in sorted(Path(folder).glob("*.json"))]


def train(
    folder: Path, *, case: str, batch: int, epochs: int, double: bool = False, reverse: bool = False
) -> None:
    """Train in this process or with others, and write what came out."""
    if double:
        torch.set_default_dtype(torch.double)
        torch.Tensor.float = torch.Tensor.double  # type: ignore[method-assign]
    if reverse:
        take = Batches.__getitem__
        Batches.__getitem__ = lambda self, item: backwards(take(self, item))  # type: ignore[method-assign]
    changes = [f"training.batch_size={batch}", f"training.max_epochs={epochs}", "training.precision=fp32"]
    config = make_config(override(read_recipe(CASES[case]), changes))
    ready, clock = prepare(config), speed.Clock()
    for store in ready.split.graph.node_stores:
        store.x = store.x.to(torch.get_default_dtype())
    model = build_model(ready.split.graph, config.encoder, config.head, config.seed)
    with joined(launched()) as ranks, tempfile.TemporaryDirectory() as scratch:
        devices = 1 if ranks is None else ranks.launch.devices
        about: dict[str, Any] = {"device": "cpu", "devices": devices, "ranks": ranks, "callbacks": [clock]}
        fit(model, ready.split, ready.evaluation, config, Path(scratch), **about)
        rank = 0 if ranks is None else ranks.launch.rank
    pairs = torch.cat([pairs.edge_label_index for pairs in ready.evaluation["uniform"].values()], dim=1)
    found = {
        "seconds": float(np.mean(clock.seconds[1:])) if epochs > 1 else None,
        "cpu_seconds": float(np.mean(clock.cpu_seconds[1:])) if epochs > 1 else None,
        "logits": model.eval().score(ready.split.graph, pairs).tolist() if epochs == 1 else None,
    }
    (folder / f"{rank}.json").write_text(json.dumps(found))


def backwards(batch: Batch) -> Batch:
    """The same pairs in reverse."""
    return Batch(batch.pairs.flip(1), None, batch.all_pairs.flip(1), batch.label.flip(0))


def exchange(folder: Path, *, batch: int) -> None:
    """Time the ways to add up the gradients of the tables, by turns."""
    with group() as (rank, size):
        generator = torch.Generator().manual_seed(rank)
        tables = []
        for rows in TABLES.values():
            # most pairs belong to few nodes, as in the labels
            index = (rows * torch.rand(batch // size, generator=generator) ** 2).long()
            values = torch.randn(batch // size, 512, generator=generator)
            tables.append(torch.sparse_coo_tensor(index[None], values, (rows, 512), check_invariants=False))
        ways: dict[str, Exchange] = {"tables": whole_table, "rows": touched_rows}
        rounds = []
        for _ in range(2 + 15):
            times = {}
            for name, way in ways.items():
                dist.barrier()
                start = time.perf_counter()
                for table in tables:
                    way(table)
                times[name] = time.perf_counter() - start
            rounds.append(times)
        (folder / f"{rank}.json").write_text(json.dumps({"rounds": rounds[2:]}))


@contextmanager
def group() -> Iterator[tuple[int, int]]:
    """The processes of torchrun: number of this one, and how many there are."""
    dist.init_process_group("gloo")
    yield dist.get_rank(), dist.get_world_size()
    dist.destroy_process_group()


def whole_table(gradient: Tensor) -> None:
    """Sum of the tables."""
    dist.all_reduce(gradient.to_dense())


def touched_rows(gradient: Tensor) -> None:
    """What `DistributedDataParallel` does with a sparse gradient: indices and values of rows are gathered."""
    rows = gradient.coalesce()
    dist.all_reduce(rows)
    rows.coalesce()


def sections() -> dict[str, str]:
    """What stands between the markers of README.md."""
    table = pd.read_csv(RESULTS)
    about = table[table["question"] == "throughput"].iloc[0]
    lines = [
        f"{about['processor']}, {about['date']}, torch {about['torch']}, one thread each, {about['cores']} "
        f"cores, load of other work {about['load']:.1f}.",
        "",
        f"Seconds of an epoch at batch 8,192, median of {ROUNDS} rounds:",
        "",
        "| model | one process | two processes | times as fast | by processor time |",
        "|---|---|---|---|---|",
    ]
    for case, rows in table[table["question"] == "throughput"].groupby("case", sort=False):
        seconds, cpu = (
            rows.pivot(index="round", columns="side", values=v) for v in ("seconds", "cpu_seconds")
        )
        ratios = [f"{np.median(values[ONE] / values[TWO]):.2f}" for values in (seconds, cpu)]
        lines.append(
            f"| {case} | {seconds[ONE].median():.2f} | {seconds[TWO].median():.2f} | {' | '.join(ratios)} |"
        )
    lines += [
        "",
        "Largest difference of a logit from one process after an epoch at batch 256:",
        "",
        "| model | side | float32 | float64 | largest logit |",
        "|---|---|---|---|---|",
    ]
    for (case, side), rows in table[table["question"] == "agreement"].groupby(["case", "side"], sort=False):
        single, double = (rows.loc[rows["double"] == which, "difference"].item() for which in (False, True))
        lines.append(f"| {case} | {side} | {single:.1e} | {double:.1e} | {rows['largest'].iloc[0]:.1f} |")
    lines += [
        "",
        "Milliseconds to add up the gradients of both tables (1,164 and 7,664 rows of 512), median of 15:",
        "",
        "| batch | tables | touched rows |",
        "|---|---|---|",
    ]
    for batch, rows in table[table["question"] == "exchange"].groupby("case", sort=False):
        median = 1000 * rows.groupby("side")["seconds"].median()
        lines.append(f"| {int(batch):,} | {median['tables']:.1f} | {median['rows']:.1f} |")
    return {"processes": "\n".join(lines)}


if __name__ == "__main__":
    torch.set_num_threads(1)
    match sys.argv[1:]:
        case ["run"]:
            main(list(QUESTIONS))
        case ["run", ("throughput" | "agreement" | "exchange") as question]:
            main([question])
        case [("train" | "exchange") as what, task, folder]:
            {"train": train, "exchange": exchange}[what](Path(folder), **json.loads(task))
        case _:
            sys.exit(__doc__)
