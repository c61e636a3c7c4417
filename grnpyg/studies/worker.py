"""Train trials, one after another: the process that an executor starts, on this machine or another."""

from __future__ import annotations

import gc
import json
import os
import queue
import sys
import threading
import time
import traceback
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grnpyg.core.errors import DivergedError, GrnpygError, warned
from grnpyg.core.stopping import Stopped, stoppable
from grnpyg.studies.datasets import Datasets
from grnpyg.studies.memory import peak_memory_mb
from grnpyg.studies.store import Store
from grnpyg.studies.trial import Trial, trial_of

if TYPE_CHECKING:
    from grnpyg.runs import Run


BUSY_SECONDS = 2.0  # until a run that is being written elsewhere is asked for again


def train_trial(trial: Trial, store: Store, datasets: Datasets, device: str = "auto") -> dict[str, Any]:
    """Train one trial, from its checkpoint where there is one; write its run or the record of its failure.

    Args:
        trial: the trial.
        store: the folder of its run.
        datasets: the data sets that earlier trials have loaded.
        device: `auto`, `cpu` or `cuda`.

    Returns:
        `kind`: `done` (with `seconds`, `validation_ap` and `peak_memory_mb`), `failed` (with `error`),
        `interrupted` (SIGTERM told the process to end: nothing is recorded, and the checkpoint stays) or
        `elsewhere`: another process is training it. `spent` is true after an unexpected error and after
        SIGTERM: the process should not be used any more.
    """
    from grnpyg.core.locks import BusyError
    from grnpyg.experiment import run_experiment
    from grnpyg.training.prepare import prepare
    from grnpyg.training.train import TrainOptions

    options = TrainOptions(store.runs, device, resume=True, mend=True, notes=trial.notes)
    if store.held(trial):
        return {"kind": "elsewhere"}
    store.forget(trial)
    try:
        run = run_experiment(
            trial.config, options, prepared=lambda: prepare(trial.config, datasets.get(trial.config))
        )
    except Stopped:
        return {"kind": "interrupted", "spent": True}
    except BusyError:  # of the run that this one is cut from, if it is not this one
        time.sleep(BUSY_SECONDS)
        return {"kind": "elsewhere"}
    except GrnpygError as error:
        diverged = isinstance(error, DivergedError)
        store.fail(trial, str(error), traceback.format_exc(), diverged=diverged)
        return {"kind": "failed", "error": store.error(trial)}
    except Exception as error:
        store.fail(trial, f"{type(error).__name__}: {error}", traceback.format_exc())
        return {"kind": "failed", "error": store.error(trial), "spent": True}
    if run.manifest.status != "complete":
        gone = "it was interrupted and its checkpoint is gone. Remove the run to train it again"
        store.fail(trial, gone if run.reused else "a signal interrupted it")
        return {"kind": "failed", "error": store.error(trial)}
    return {
        "kind": "done",
        "seconds": run.manifest.seconds,
        "validation_ap": _validation_ap(run),
        "peak_memory_mb": peak_memory_mb(),
    }


def _validation_ap(run: Run) -> float | None:
    table = run.metrics("validation", run.config.monitored[1], ["model"])
    values = table.loc[table["metric"] == "ap", "value"]
    return float(values.mean()) if len(values) else None


def _tasks() -> queue.Queue[bytes]:
    """Lines of standard input. At its end the process ends, in the middle of whatever it is doing."""
    lines: queue.Queue[bytes] = queue.Queue()

    def read() -> None:
        for line in sys.stdin.buffer:
            lines.put(line)
        os._exit(0)  # the parent is gone, or wants no more

    threading.Thread(target=read, daemon=True).start()
    return lines


def main(answers: int, runs: Path, device: str) -> None:
    """Take trials from standard input and write what became of them to the file descriptor `answers`."""
    tasks, store, datasets = _tasks(), Store(runs), Datasets()
    import grnpyg.experiment  # noqa: F401 (seconds, once)

    with os.fdopen(answers, "w", buffering=1) as out:
        print(json.dumps({"kind": "ready"}), file=out)
        answer: dict[str, Any] = {}
        while not answer.get("spent"):
            trial = trial_of(json.loads(tasks.get()))
            with warned() as lines:
                answer = train_trial(trial, store, datasets, device)
            answer["warnings"] = lines
            gc.collect()  # a trainer and its model refer to each other
            print(json.dumps(answer), file=out)


if __name__ == "__main__":
    with suppress(Stopped), stoppable():
        main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
    os._exit(0)  # the thread that waits for standard input would not let an ordinary end pass
