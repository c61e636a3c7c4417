"""Callbacks: the history of the epochs, the best weights, when to stop, checkpoints, and a progress bar."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.callbacks import EarlyStopping
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor

from grnpyg.core.stopping import Request, Stopped
from grnpyg.training.module import LinkPredictionModule
from grnpyg.training.moments import Start, moments_of, set_moments


class History(pl.Callback):
    """Collects one row per epoch. It is part of the checkpoint, so that a resumed run keeps earlier rows."""

    def __init__(self) -> None:
        self.rows: list[dict[str, float]] = []
        self._start = 0.0

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Start the clock."""
        self._start = time.perf_counter()

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Note the epoch's loss and validation metrics."""
        metrics = {key: float(value) for key, value in trainer.callback_metrics.items()}
        seconds = time.perf_counter() - self._start
        self.rows.append({"epoch": trainer.current_epoch + 1, **metrics, "seconds": seconds})

    def state_dict(self) -> dict[str, Any]:
        """For the checkpoint."""
        return {"rows": self.rows}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """From the checkpoint."""
        self.rows = list(state_dict["rows"])


class Best(pl.Callback):
    """Keeps the weights of the best epoch. It is part of the checkpoint, so that both always agree.

    Args:
        monitor: the validation metric; of equal epochs the first is the best.
    """

    def __init__(self, monitor: str) -> None:
        self.monitor = monitor
        self.state: dict[str, Any] = {"epoch": 0, "value": -float("inf"), "weights": {}}

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Copy the weights if this epoch is the best so far."""
        value = float(trainer.callback_metrics[self.monitor])
        if value > self.state["value"]:
            weights = {key: tensor.detach().clone() for key, tensor in pl_module.state_dict().items()}
            self.state = {"epoch": trainer.current_epoch + 1, "value": value, "weights": weights}

    def state_dict(self) -> dict[str, Any]:
        """For the checkpoint."""
        return self.state

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """From the checkpoint."""
        self.state = state_dict


class Moments(pl.Callback):
    """Keeps the optimisers' moments of the best epoch or of the last. It is part of the checkpoint.

    Args:
        best: knows the best epoch, and comes before this callback; None keeps those of the last epoch.
    """

    def __init__(self, best: Best | None) -> None:
        self.best = best
        self.moments: dict[str, Tensor] = {}

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Copy the moments if the epoch counts."""
        if self.best is None or self.best.state["epoch"] == trainer.current_epoch + 1:
            assert isinstance(pl_module, LinkPredictionModule)
            self.moments = moments_of(pl_module.model, trainer.optimizers)

    def state_dict(self) -> dict[str, Any]:
        """For the checkpoint."""
        return {"moments": self.moments}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """From the checkpoint."""
        self.moments = state_dict["moments"]


class Begin(pl.Callback):
    """Begins the optimisation from what an earlier one left; a checkpoint, where there is one, replaces it.

    Args:
        start: the moments, and whether the learning rate rises over the first epoch.
    """

    def __init__(self, start: Start) -> None:
        self.start = start

    def on_fit_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Give the optimisers their moments."""
        if self.start.moments is not None:
            assert isinstance(pl_module, LinkPredictionModule)
            set_moments(pl_module.model, trainer.optimizers, self.start.moments)

    def on_train_batch_start(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Any, batch_idx: int
    ) -> None:
        """Raise the learning rate linearly over the batches of the first epoch."""
        if self.start.warm_up and trainer.current_epoch == 0:
            share = (batch_idx + 1) / float(trainer.num_training_batches)
            for optimizer in trainer.optimizers:
                for group in optimizer.param_groups:
                    group["lr"] = share * optimizer.defaults["lr"]


class StopAtChecks(EarlyStopping):
    """Early stopping that checks the first epoch and every n-th after it.

    Args:
        every: n.
        options: of Lightning's `EarlyStopping`.
    """

    def __init__(self, *, every: int, **options: Any) -> None:
        super().__init__(mode="max", check_on_train_epoch_end=True, **options)
        self.every = every

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Compare with earlier checks if this epoch is one."""
        if trainer.current_epoch % self.every == 0:
            super().on_train_epoch_end(trainer, pl_module)


class Checkpoint(pl.callbacks.Checkpoint):
    """Writes the whole state after an epoch, and takes at most a given share of the time.

    When the process is told to end, the training stops where it can go on later to the same bits: at once if
    every finished epoch is on the disk, otherwise when this epoch is. Several processes stop after the epoch
    in which one of them was told.

    Args:
        path: the file, replaced each time.
        request: says that the process was told to end.
        share: largest share of the training time.
    """

    def __init__(self, path: Path, request: Request, share: float = 0.05) -> None:
        self.path, self.request, self.share = path, request, share
        self._next, self._saved, self._epoch = 0.0, 0, 0

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Take SIGTERM back from Lightning, which ends the training without a checkpoint."""
        self.request.listen()

    def on_train_batch_end(self, trainer: pl.Trainer, *_: Any) -> None:
        """Stop if nothing but this epoch's steps is lost; several processes only stop together."""
        if self.request.asked and self._saved == self._epoch and trainer.world_size == 1:
            raise Stopped

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Write if the last checkpoint is old enough, or the training has to stop."""
        self._epoch = trainer.current_epoch + 1
        stop = trainer.strategy.reduce_boolean_decision(self.request.asked, all=False)
        # the clock of one process decides: saving is done by all of them together
        if trainer.strategy.broadcast(stop or time.perf_counter() >= self._next):
            self._save(trainer)
        if stop:
            raise Stopped

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Write the last epoch in any case."""
        if self._saved < self._epoch:
            self._save(trainer)

    def _save(self, trainer: pl.Trainer) -> None:
        start = time.perf_counter()
        trainer.save_checkpoint(self.path)
        end = time.perf_counter()
        self._next, self._saved = end + (end - start) / self.share, self._epoch


class EpochProgress(pl.Callback):
    """Shows a bar over the epochs with loss, validation AP and the time left, on stderr.

    The time left is for all `max_epochs`; early stopping usually ends before.
    """

    def __init__(self, label: str) -> None:
        self.label = label
        self._progress: Progress | None = None

    def on_fit_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Show the bar from the epoch that the training starts with."""
        if not trainer.is_global_zero:
            return
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[status]}"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._progress.start()
        self._task = self._progress.add_task(self.label, total=trainer.max_epochs, status="")

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Advance."""
        if self._progress is not None:
            metrics = trainer.callback_metrics
            status = f"loss {float(metrics['loss']):.4f}  val AP {float(metrics['val_ap']):.4f}"
            self._progress.update(self._task, completed=trainer.current_epoch + 1, status=status)

    def on_fit_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Stop the bar and leave it on the screen."""
        self._stop()

    def on_exception(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, exception: BaseException
    ) -> None:
        """Stop the bar, so that the terminal works as before."""
        self._stop()

    def _stop(self) -> None:
        if self._progress is not None:
            self._progress.stop()
            self._progress = None
