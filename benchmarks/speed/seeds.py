"""Seeds of one config trained together, as one model with stacked weights, against one after the other.

    python benchmarks/speed/seeds.py run [--device cuda]    measures and adds to results/seeds.csv
    python benchmarks/speed/write.py                     writes the table into benchmarks/speed/README.md

One thread. Both ways train the same seeds for the same epochs in one process, and take turns; a ratio is the
median over the rounds. What was measured on another device stays stored beside it. Three dual encoders: small
ones on the bundled immune cells, without a table to look up (`mlp`) and with one (`lookup`), and the paper's.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import speed
import torch

from grnpyg.core import ExperimentConfig, override
from grnpyg.models import PairModel, build_model
from grnpyg.recipes import read_recipe
from grnpyg.resolve import make_config
from grnpyg.training import Prepared, fit, fit_together, prepare

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "results" / "seeds.csv"
EPOCHS, ROUNDS = 2, 3
TOGETHER, ALONE = "together", "one after the other"
PAPER = "the paper's"
SMALL: dict[str, Any] = {
    "head": {"name": "dual", "hidden_channels": 32, "out_channels": 32},
    "evaluation": {"negatives": ["uniform"]},
}
CASES: dict[str, dict[str, Any]] = {
    "mlp 32": {**SMALL, "encoder": {"name": "mlp", "hidden_channels": 32, "out_channels": 32}},
    "lookup 32": {**SMALL, "encoder": {"name": "lookup", "embedding_dim": 32}},
    PAPER: override(read_recipe("paper-dual-as-described"), ["training.precision=fp32"]),
}


def main(device: str) -> None:
    """Measure every case."""
    torch.set_num_threads(1)
    rows = []
    for case, values in CASES.items():
        values = override({**values, "split_seed": 1}, [f"training.max_epochs={EPOCHS}"])
        for count in (2,) if case == PAPER and device == "cpu" else (2, 8):
            configs = [make_config({**values, "seed": seed}) for seed in range(count)]
            ready = prepare(configs[0])
            for round_ in range(ROUNDS):
                for side, way in ((TOGETHER, together), (ALONE, alone)):
                    models = [build_model(ready.grn.graph, c.encoder, c.head, c.seed) for c in configs]
                    start = time.perf_counter()
                    loss = way(models, ready, configs, device)
                    seconds = time.perf_counter() - start
                    about = {"case": case, "seeds": count, "round": round_, "side": side}
                    rows.append({**about, "seconds": seconds, "loss": float(np.mean(loss))})
                    print(*rows[-1].values(), file=sys.stderr)
    name = torch.cuda.get_device_name() if device == "cuda" else f"{speed.processor()}, one thread"
    about = {"device": name, "torch": torch.__version__, "date": date.today().isoformat()}
    table = pd.DataFrame(rows).assign(**about, load=os.getloadavg()[1])
    if RESULTS.exists():
        stored = pd.read_csv(RESULTS)
        table = pd.concat([stored[stored["device"] != name], table])
    table.to_csv(RESULTS, index=False)


def together(
    models: list[PairModel], ready: Prepared, configs: list[ExperimentConfig], device: str
) -> list[float]:
    """Losses of the last epoch, all seeds at a time."""
    results = fit_together(models, ready, configs, device=device)
    return [result.epochs[-1]["loss"] for result in results if result is not None]


def alone(
    models: list[PairModel], ready: Prepared, configs: list[ExperimentConfig], device: str
) -> list[float]:
    """Losses of the last epoch, one seed after the other."""
    found = []
    for model, config in zip(models, configs, strict=True):
        with tempfile.TemporaryDirectory() as folder:
            result = fit(model, ready.split, ready.evaluation, config, Path(folder), device=device)
        found.append(result.epochs[-1]["loss"])
    return found


def sections() -> dict[str, str]:
    """What stands between the markers of README.md: a table for each device."""
    parts = [_part(str(name), rows) for name, rows in pd.read_csv(RESULTS).groupby("device", sort=False)]
    return {"seeds": "\n\n".join(reversed(parts))}


def _part(name: str, table: pd.DataFrame) -> str:
    about = table.iloc[0]
    lines = [
        f"{name}, load {about['load']:.0f}, {about['date']}, torch {about['torch']}, {EPOCHS} epochs, "
        f"{ROUNDS} rounds:",
        "",
        "| dual encoder | seeds | s, one after the other | s, together | times as fast | loss differs by |",
        "|---|---|---|---|---|---|",
    ]
    for (case, count), rows in table.groupby(["case", "seeds"], sort=False):
        seconds = rows.pivot(index="round", columns="side", values="seconds")
        loss = rows.groupby("side")["loss"].first()
        ratio = float(np.median(seconds[ALONE] / seconds[TOGETHER]))
        medians = f"{seconds[ALONE].median():.1f} | {seconds[TOGETHER].median():.1f}"
        difference = abs(loss[TOGETHER] - loss[ALONE]) / loss[ALONE]
        lines.append(f"| {case} | {count} | {medians} | {ratio:.2f} | {difference:.0e} |")
    return "\n".join(lines)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["run"]:
            main("cpu")
        case ["run", "--device", ("cpu" | "cuda") as device]:
            main(device)
        case _:
            sys.exit(__doc__)
