"""Fitting of a predictor: stops early, keeps the best and the last weights, and can be resumed."""

from __future__ import annotations

import logging
import signal
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from lightning_fabric.plugins.environments.lightning import LightningEnvironment
from pytorch_lightning.strategies import DDPStrategy
from torch import Tensor

from grnpyg.core.arguments import require_whole
from grnpyg.core.config import ExperimentConfig
from grnpyg.core.errors import InputError, examples, unknown, warn
from grnpyg.core.seeding import forked
from grnpyg.core.stopping import Request, deferring
from grnpyg.models.predictor import PairModel
from grnpyg.splits import LabelledPairs, LinkSplit
from grnpyg.training.callbacks import Begin, Best, Checkpoint, EpochProgress, History, Moments, StopAtChecks
from grnpyg.training.checkpoint import SafeCheckpointIO, read_checkpoint
from grnpyg.training.moments import Start
from grnpyg.training.ranks import Ranks
from grnpyg.training.resumed import FirstEpoch, refusing, require_weights
from grnpyg.training.scratch import LAST
from grnpyg.training.sparse_module import training_module
from grnpyg.training.teacher import Objective


@dataclass(frozen=True)
class FitResult:
    """The outcome of a training.

    Attributes:
        best_epoch: counted from 1; 0 without training.
        epochs: one row per epoch: epoch, loss, val_ap, val_auroc, val_accuracy, seconds.
        weights: `best` and `last` -> state_dict of the model; empty without training.
        interrupted: Ctrl-C ended it before its time.
        seconds_before: training time before this process, or this function, took over.
        moments: Adam's moments at the kept weights, see `moments_of`; empty unless asked for.
    """

    best_epoch: int
    epochs: list[dict[str, float]]
    weights: dict[str, dict[str, Tensor]]
    interrupted: bool
    seconds_before: float = 0.0
    moments: dict[str, Tensor] = field(default_factory=dict)


def fit(
    model: PairModel,
    split: LinkSplit,
    evaluation: dict[str, dict[str, LabelledPairs]],
    config: ExperimentConfig,
    folder: Path,
    *,
    device: str = "auto",
    devices: int = 1,
    progress: bool = False,
    callbacks: Sequence[pl.Callback] = (),
    start: Start = Start(),
    keep_optimizer: bool = False,
    ranks: Ranks | None = None,
    loss: Objective | None = None,
) -> FitResult:
    """Train in place, starting from the checkpoint in `folder` where there is one.

    Args:
        model: the predictor; afterwards it holds the weights that `config.training.keep` names.
        split: from a `Splitter`.
        evaluation: setting -> subset -> pairs.
        config: the experiment.
        folder: of the checkpoint.
        device: `auto`, `cpu` or `cuda`.
        devices: how many; each takes its share of every batch.
        progress: show a progress bar on stderr.
        callbacks: further Lightning callbacks.
        start: how the optimisation begins where there is no checkpoint.
        keep_optimizer: return Adam's moments, too.
        ranks: the processes of a launcher that call this together; only the first reads and writes the
            checkpoint and returns a result. `devices` is then how many of them a machine has.
        loss: in place of the config's own, see `grnpyg.training.teacher`.

    Raises:
        InputError: CUDA is asked for and missing, the batch size is no multiple of the number of devices, or
            the checkpoint cannot be read or does not fit.
        Stopped: the process was told to end; the checkpoint is kept.
    """
    accelerator = accelerator_for(device, devices, config, ranks)
    max_epochs = config.training.max_epochs
    if max_epochs == 0:
        return FitResult(0, [], {}, False)
    last = folder / LAST
    follows = ranks is not None and not ranks.first
    state = read_checkpoint(last) if not follows and last.exists() else None
    if ranks is not None:
        state = ranks.of_first(state)
    first = FirstEpoch()
    with refusing(last, state is not None, first):
        if state is not None:
            require_weights(state, {name: values.shape for name, values in model.state_dict().items()})
        if state is not None and keep_optimizer and "Moments" not in state["callbacks"]:
            raise InputError(
                "was begun without --keep-optimizer",
                where=folder,
                fix="leave --keep-optimizer out, or add --overwrite",
            )
        interrupted, before = False, 0.0
        if state is not None:
            before = sum(row["seconds"] for row in state["callbacks"]["History"]["rows"])
        if state is None or not _finished(state, max_epochs):
            processes = devices if ranks is None else ranks.launch.size
            module = training_module(
                model, split, evaluation, config, accelerator=accelerator, processes=processes, loss=loss
            )
            with deferring() as request, forked(config.seed, "fit"), quietly():
                trainer = _trainer(
                    config,
                    folder,
                    request,
                    accelerator,
                    devices,
                    progress,
                    keep_optimizer,
                    [Begin(start), first, *callbacks],
                    ranks,
                    state,
                )
                try:
                    trainer.fit(module, ckpt_path=None if state is None else str(last))
                except SystemExit:  # how Lightning ends after a KeyboardInterrupt
                    if not trainer.interrupted:
                        raise
                    signal.signal(
                        signal.SIGINT, signal.default_int_handler
                    )  # Lightning ignores it from then on
                    interrupted = True
                finally:
                    module.release()
            if follows or not last.exists():
                return FitResult(0, [], {}, interrupted)
            state = read_checkpoint(last)
        best, history = state["callbacks"]["Best"], state["callbacks"]["History"]
        weights = {"best": _weights(best["weights"]), "last": _weights(state["state_dict"])}
        model.to("cpu").load_state_dict(weights[config.training.keep])
        if model.structure is not None and (constant := model.structure.constant()):
            warn(
                f"{examples(constant)}: the same for every training pair, so left out",
                where="structure.features",
            )
        moments = state["callbacks"].get("Moments", {}).get("moments", {})
        return FitResult(best["epoch"], history["rows"], weights, interrupted, before, moments)


def _weights(state_dict: dict[str, Tensor]) -> dict[str, Tensor]:
    """The model's subset of the module's state."""
    return {key.removeprefix("model."): value for key, value in state_dict.items()}


def accelerator_for(device: str, devices: int, config: ExperimentConfig, ranks: Ranks | None = None) -> str:
    """Lightning's name of the accelerator for `auto`, `cpu` or `cuda`.

    Raises:
        InputError: the device is unknown or missing, or the devices cannot share a batch evenly.
    """
    require_whole(devices, "devices", 1)
    if device not in ("auto", "cpu", "cuda"):
        raise unknown("device", device, ("auto", "cpu", "cuda"))
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda" and not torch.cuda.is_available():
        raise InputError("no CUDA device was found", where="--device cuda", fix="use --device cpu")
    if device == "cuda" and devices > torch.cuda.device_count():
        raise InputError(f"{devices} devices asked for, {torch.cuda.device_count()} found", where="--devices")
    if ranks is None and config.training.batch_size % devices:
        raise InputError(
            f"batch_size {config.training.batch_size} cannot be shared evenly by {devices} devices",
            where="--devices",
            fix="choose a batch size that is a multiple of the number of devices",
        )
    return {"cpu": "cpu", "cuda": "gpu"}[device]


def _finished(state: dict[str, Any], max_epochs: int) -> bool:
    stopped = [value for key, value in state["callbacks"].items() if key.startswith("StopAtChecks")]
    return state["epoch"] + 1 >= max_epochs or any(value["stopped_epoch"] > 0 for value in stopped)


def _trainer(
    config: ExperimentConfig,
    folder: Path,
    request: Request,
    accelerator: str,
    devices: int,
    progress: bool,
    keep_optimizer: bool,
    extra: Sequence[pl.Callback],
    ranks: Ranks | None,
    state: dict[str, Any] | None,
) -> pl.Trainer:
    training = config.training
    monitor = f"val_{config.monitored[0]}"
    best = Best(monitor)
    callbacks: list[pl.Callback] = [
        History(),
        best,
        *([Moments(best if training.keep == "best" else None)] if keep_optimizer else []),
        StopAtChecks(every=training.check_every, monitor=monitor, patience=training.patience),
        Checkpoint(folder / LAST, request),
        *extra,
    ]
    if progress:
        callbacks.append(EpochProgress(f"{config.encoder['name']} + {config.head['name']}"))
    return pl.Trainer(
        accelerator=accelerator,
        devices=devices,
        num_nodes=1 if ranks is None else ranks.launch.nodes,
        strategy=_strategy(devices, ranks),
        precision="bf16-mixed" if training.precision == "bf16" else "32-true",
        max_epochs=training.max_epochs,
        reload_dataloaders_every_n_epochs=1,
        use_distributed_sampler=False,
        num_sanity_val_steps=0,
        callbacks=callbacks,
        # never SLURM's own with its defaults: it would write checkpoints and requeue jobs by itself
        plugins=[SafeCheckpointIO(), LightningEnvironment()]
        if ranks is None
        else [SafeCheckpointIO(state), ranks.environment],
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        deterministic=True,
        default_root_dir=folder,
    )


def _strategy(devices: int, ranks: Ranks | None) -> str | DDPStrategy:
    """Who makes the processes that share a batch, and how they agree on its gradients."""
    if ranks is None:
        return "auto" if devices == 1 else "ddp_spawn"
    # buffers need not be sent around: what fills them sees the whole batch everywhere, see `core.sharing`
    return DDPStrategy(broadcast_buffers=False)


@contextmanager
def quietly() -> Iterator[None]:
    """Keep Lightning's banners from the user, and its global switches from the caller's process.

    Inside the block denormal numbers count as zero: the moments of parameters without gradient decay towards
    them, and arithmetic on them is a hundred times slower.
    """
    loggers = [logging.getLogger(name) for name in ("pytorch_lightning", "lightning_fabric")]
    levels = [logger.level for logger in loggers]
    deterministic = torch.are_deterministic_algorithms_enabled()
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    torch.set_flush_denormal(True)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"pytorch_lightning|lightning_fabric|torch")
            yield
    finally:
        torch.set_flush_denormal(False)
        torch.use_deterministic_algorithms(deterministic)
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
