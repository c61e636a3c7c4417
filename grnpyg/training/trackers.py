"""Mirrors of a training in TensorBoard, MLflow or W&B, through Lightning's loggers.

A tracker is told what the run directory holds as well: the config, a line per epoch, the validation metrics.
It is no part of the config, gets no test metric, and a training does not depend on it: one that fails is
named in a warning and left out from then on.
"""

from __future__ import annotations

import importlib.util
import math
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.loggers import Logger, MLFlowLogger, TensorBoardLogger, WandbLogger

from grnpyg.core.config import ExperimentConfig
from grnpyg.core.errors import InputError, unknown, warn
from grnpyg.core.seeding import forked
from grnpyg.resolve import config_hash
from grnpyg.runs import Run
from grnpyg.training.callbacks import History

PROJECT = "grnpyg"
PLACES = {"mlflow": "mlruns", "tensorboard": "tensorboard", "wandb": "."}
PACKAGES = {"mlflow": ("mlflow",), "tensorboard": ("tensorboard", "tensorboardX"), "wandb": ("wandb",)}


def parsed(text: str) -> tuple[str, str]:
    """Name and place of a tracker that is written `name` or `name:place`.

    Args:
        text: `mlflow`, `tensorboard` or `wandb`; the place is a folder, for mlflow also an address.

    Raises:
        InputError: the name is unknown, nothing follows its colon, or its package is missing.

    Example:
        >>> parsed("tensorboard:curves")
        ('tensorboard', 'curves')
    """
    name, colon, place = text.partition(":")
    if name not in PLACES:
        raise unknown("tracker", name, PLACES)
    if colon and not place:
        raise InputError(f"{text!r} names no folder", where="--tracker", fix=f"write {name} or {name}:FOLDER")
    if not any(importlib.util.find_spec(package) for package in PACKAGES[name]):
        raise InputError(
            f"the package {PACKAGES[name][0]} is not installed",
            where=f"--tracker {name}",
            fix=f'run pip install "grnpyg[{name}]"',
        )
    return name, place or PLACES[name]


class Mirrors(pl.Callback):
    """Tells trackers of a training while it goes on, and of its run at the end.

    Args:
        trackers: each `name` or `name:place`, see `parsed`.
        config: of the training.
    """

    def __init__(self, trackers: Sequence[str], config: ExperimentConfig) -> None:
        self.config, self.told = config, 0
        self._asked = [parsed(text) for text in trackers]
        self._loggers: dict[str, Logger] = {}

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Tell the epochs that are not told yet; after an interruption all earlier ones."""
        (history,) = (callback for callback in trainer.callbacks if isinstance(callback, History))  # type: ignore[attr-defined]
        self._epochs(history.rows)

    def end(self, run: Run | None) -> None:
        """Tell the rest of a run and close the trackers; None: the training failed."""
        if run is not None:
            self._epochs(run.epochs.to_dict("records"))
            facts = {
                "parameters": run.manifest.parameters.total,
                "best_epoch": run.manifest.best_epoch,
                "seconds": run.manifest.seconds,
            }
            lines = run.metrics("validation")[["subset", "setting", "method", "metric", "value"]]
            final = {"/".join(place): value for *place, value in lines.itertuples(index=False)}
            self._tell(lambda logger: logger.log_metrics(_numbers(final | facts), step=self.told))
        whole = run is not None and run.manifest.status == "complete"
        for name in [*self._loggers]:
            self._guarded(name, lambda: self._loggers[name].finalize("success" if whole else "failed"))  # noqa: B023 (called at once)
        self._loggers.clear()

    def _epochs(self, rows: Sequence[Mapping[Any, Any]]) -> None:
        for row in rows[self.told :]:
            step = int(row["epoch"])
            numbers = _numbers({key: value for key, value in row.items() if key != "epoch"})
            self._tell(lambda logger, told=numbers, step=step: logger.log_metrics(told, step=step))  # type: ignore[misc]
        self.told = max(self.told, len(rows))

    def _tell(self, say: Callable[[Logger], None]) -> None:
        """Say something to every tracker, which is opened when it is told something for the first time."""
        for name, place in [*self._asked]:
            self._guarded(name, lambda: say(self._open(name, place)))  # noqa: B023 (called at once)

    def _open(self, name: str, place: str) -> Logger:
        if name not in self._loggers:
            logger = OPEN[name](place, config_hash(self.config))
            self._loggers[name] = logger
            logger.log_hyperparams(self.config.model_dump(mode="json"))
        return self._loggers[name]

    def _guarded(self, name: str, work: Callable[[], None]) -> None:
        """Do something with a tracker; what it raises is said once, and the tracker is left out afterwards.

        The global random numbers are put back: a tracker may draw some for a name.
        """
        try:
            with forked(self.config.seed, "trackers"):
                work()
        except Exception as error:  # whatever a server, a disk or a version does must not end the training
            first = " ".join(str(error).split())[:200] or type(error).__name__
            warn(f"the tracker failed, and gets nothing more ({first})", where=f"--tracker {name}")
            self._asked = [tracker for tracker in self._asked if tracker[0] != name]
            logger = self._loggers.pop(name, None)
            with suppress(Exception):
                if logger is not None:
                    logger.finalize("failed")


def _numbers(values: Mapping[str, Any]) -> dict[str, float]:
    """Finite numbers by names that all trackers take: letters, digits, `_ - . /`."""
    named = ((re.sub(r"[^\w./-]", "_", key.replace("@", ".")), float(value)) for key, value in values.items())
    return {key: value for key, value in named if math.isfinite(value)}


def _mlflow(place: str, name: str) -> Logger:
    if "://" not in place:
        # a folder is asked for: MLflow refuses one unless it is told that it is meant
        os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")
        place = Path(place).absolute().as_uri()
    return MLFlowLogger(PROJECT, run_name=name, tracking_uri=place)


def _tensorboard(place: str, name: str) -> Logger:
    return TensorBoardLogger(place, name="", version=name, default_hp_metric=False)


class _OwnRun(WandbLogger):
    """Ends the run of W&B that it began, or the next training of this process would be told to it as well.

    A run that somebody else began, such as an agent of a sweep, goes on.
    """

    def __init__(self, name: str, place: str) -> None:
        import wandb

        super().__init__(name, place, project=PROJECT)
        self._began = wandb.run is None

    def finalize(self, status: str) -> None:
        super().finalize(status)
        if self._began:
            self.experiment.finish(exit_code=int(status != "success"))


def _wandb(place: str, name: str) -> Logger:
    # absolute: W&B writes from a process of its own, which stays in the folder where it was started
    folder = Path(place).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    return _OwnRun(name, str(folder))


OPEN: dict[str, Callable[[str, str], Logger]] = {
    "mlflow": _mlflow,
    "tensorboard": _tensorboard,
    "wandb": _wandb,
}


def require_distinct(trackers: Iterable[str]) -> None:
    """Check the trackers of one training.

    Raises:
        InputError: see `parsed`, or one is named twice.
    """
    names = [parsed(text)[0] for text in trackers]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise InputError(f"{twice[0]} is named twice", where="--tracker", fix="name each once")
