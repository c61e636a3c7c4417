"""Training steps per second against a plain PyTorch loop of the same model, on the same batches.

    python benchmarks/speed/speed.py run    measures and stores results/speed.csv
    python benchmarks/speed/write.py        writes the table into benchmarks/speed/README.md

One thread. Both sides start from the same weights and see the same batches of 256; the plain loop is what one
writes first: dense embedding gradients, `torch.optim.Adam`, `clip_grad_norm_`. Sides alternate, so that a
machine that changes its speed changes both; a ratio is the median over the rounds. Both run in the
environment of a study's worker (freed memory is kept), which helps the plain loop most. What was measured on
another processor stays stored beside it.
"""

from __future__ import annotations

import os
import platform
import re
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytorch_lightning as pl
import torch
from torch import nn

from grnpyg.core import ExperimentConfig, override
from grnpyg.models import PairModel, build_model
from grnpyg.models.losses import losses
from grnpyg.recipes import read_recipe
from grnpyg.resolve import config_hash, make_config
from grnpyg.runs import epoch_pairs
from grnpyg.studies.executors import KEEP_MEMORY, environment
from grnpyg.training import Prepared, fit, prepare

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "results" / "speed.csv"
CASES = {
    "dual, as described": "paper-dual-as-described",
    "cross, as described": "paper-cross-as-described",
}
EPOCHS, ROUNDS = 2, 3


class Clock(pl.Callback):
    """Seconds of the training part of each epoch, without validation, by the clock and of the processor."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.cpu_seconds: list[float] = []
        self._start, self._cpu_start = 0.0, 0.0

    def on_train_batch_start(self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int) -> None:
        """The first batch starts the clock."""
        if batch_idx == 0:
            self._start, self._cpu_start = time.perf_counter(), time.process_time()

    def on_validation_start(self, trainer: Any, pl_module: Any) -> None:
        """Validation stops it."""
        self.seconds.append(time.perf_counter() - self._start)
        self.cpu_seconds.append(time.process_time() - self._cpu_start)


def main() -> None:
    """Measure every case."""
    torch.set_num_threads(1)
    rows = []
    for name, recipe in CASES.items():
        values = read_recipe(recipe)
        values = override(values, [f"training.max_epochs={EPOCHS}"])
        configs = {p: make_config(override(values, [f"training.precision={p}"])) for p in ("fp32", "bf16")}
        prepared = prepare(configs["fp32"])
        batches = _batches(prepared, configs["fp32"])
        for round_ in range(ROUNDS):
            sides = {"plain loop": plain(prepared, configs["fp32"], batches)}
            sides |= {f"grnpyg {p}": ours(prepared, config) for p, config in configs.items()}
            for side, (seconds, loss) in sides.items():
                steps = sum(len(epoch) for epoch in batches)
                about = {"case": name, "round": round_, "side": side, "steps": steps, "seconds": seconds}
                hash_ = config_hash(configs["bf16" if "bf16" in side else "fp32"])
                rows.append(about | {"loss": loss, "config_hash": hash_, "seed": configs["fp32"].seed})
                print(
                    name,
                    round_,
                    side,
                    f"{1000 * seconds / steps:.1f} ms a step, loss {loss:.6f}",
                    file=sys.stderr,
                )
    about = {"torch": torch.__version__, "threads": 1, "date": date.today().isoformat()}
    about["processor"] = processor()
    table = pd.DataFrame(rows).assign(**about)
    if RESULTS.exists():
        stored = pd.read_csv(RESULTS)
        table = pd.concat([stored[stored["processor"] != about["processor"]], table])
    table.to_csv(RESULTS, index=False)


def processor() -> str:
    """Its name and the unit for bf16 products, as far as the system says."""
    file = Path("/proc/cpuinfo")
    lines = file.read_text().splitlines() if file.exists() else []
    said = {key.strip(): text.strip() for key, _, text in (line.partition(":") for line in lines)}
    model = said.get("model name", platform.processor() or platform.machine())
    flags = said.get("flags", "").split()
    units = [name for name in ("amx_bf16", "avx512_bf16") if name in flags]
    return ", ".join([re.sub(r"\(R\)|\(TM\)| Processor", "", model), *units[:1]])


def _batches(prepared: Prepared, config: ExperimentConfig) -> list[list[tuple[torch.Tensor, torch.Tensor]]]:
    """The batches that grnpyg trains on, epoch by epoch."""
    epochs = []
    for epoch in range(EPOCHS):
        drawn = epoch_pairs(config, prepared.split, prepared.evaluation, epoch)
        size = config.training.batch_size
        epochs.append(
            list(zip(drawn.edge_label_index.split(size, 1), drawn.edge_label.split(size), strict=True))
        )
    return epochs


def _model(prepared: Prepared, config: ExperimentConfig) -> PairModel:
    return build_model(prepared.grn.graph, config.encoder, config.head, config.seed)


def plain(prepared: Prepared, config: ExperimentConfig, batches: Any) -> tuple[float, float]:
    """Seconds and mean loss of the last epoch of the plain loop."""
    model, graph = _model(prepared, config).train(), prepared.split.graph
    for table in model.modules():
        if isinstance(table, nn.Embedding):
            table.sparse = False
    loss_of = losses.build_from(config.loss)
    optimizer = torch.optim.Adam(model.parameters(), lr=config.training.lr)
    seconds, means = 0.0, []
    for epoch in batches:
        start, values = time.perf_counter(), []
        for pairs, label in epoch:
            optimizer.zero_grad()
            loss = loss_of(model(graph, pairs), label)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), config.training.gradient_clip)
            optimizer.step()
            values.append(float(loss.detach()) * label.numel())
        seconds += time.perf_counter() - start
        means.append(sum(values) / sum(label.numel() for _, label in epoch))
    return seconds, means[-1]


def ours(prepared: Prepared, config: ExperimentConfig) -> tuple[float, float]:
    """Seconds and mean loss of the last epoch of `fit`."""
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder:
        model = _model(prepared, config)
        result = fit(model, prepared.split, prepared.evaluation, config, Path(folder), callbacks=[clock])
    return sum(clock.seconds), float(result.epochs[-1]["loss"])


def sections() -> dict[str, str]:
    """What stands between the markers of README.md: a table for each processor, the latest first."""
    table = pd.read_csv(RESULTS)
    parts = [_part(str(name), rows) for name, rows in table.groupby("processor", sort=False)]
    return {"speed": "\n\n".join(reversed(parts))}


def _part(name: str, table: pd.DataFrame) -> str:
    """What was measured on one processor."""
    about = table.iloc[0]
    lines = [
        f"{name}, {about['date']}, torch {about['torch']}, one thread, {ROUNDS} rounds of {EPOCHS} epochs:",
        "",
        "| model | side | ms a step | times the plain loop | loss of epoch 2 | relative difference |",
        "|---|---|---|---|---|---|",
    ]
    for case, rows in table.groupby("case", sort=False):
        seconds = rows.pivot(index="round", columns="side", values="seconds")
        loss = rows.groupby("side")["loss"].first()
        for side in ("plain loop", "grnpyg fp32", "grnpyg bf16"):
            step = 1000 * float(np.median(seconds[side])) / int(rows["steps"].iloc[0])
            ratio = float(np.median(seconds["plain loop"] / seconds[side]))
            difference = abs(loss[side] - loss["plain loop"]) / loss["plain loop"]
            lines.append(
                f"| {case} | {side} | {step:.1f} | {ratio:.2f} | {loss[side]:.6f} | {difference:.1e} |"
            )
    return "\n".join(lines)


if __name__ == "__main__":
    if sys.argv[1:] == ["run"]:
        if any(os.environ.get(key) != value for key, value in KEEP_MEMORY.items()):
            os.execve(sys.executable, [sys.executable, *sys.argv], environment(threads=1))
        main()
    else:
        sys.exit(__doc__)
