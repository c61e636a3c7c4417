"""Several seeds of one config trained together, as one model with stacked weights.

A small model keeps a GPU waiting: each of its kernels is done before the next one is started. With S seeds
stacked each kernel does the work of S. Every seed has draws and early stopping of its own, so its run is that
of the seed trained alone, but for rounding.
"""

from __future__ import annotations

import copy
import os
import time
from collections.abc import Sequence
from contextlib import ExitStack

import numpy as np
import torch
from torch import Tensor

from grnpyg.core.config import ExperimentConfig
from grnpyg.core.locks import locked
from grnpyg.models.encoders import encoders
from grnpyg.models.heads import heads
from grnpyg.models.losses import losses
from grnpyg.models.predictor import PairModel, build_model
from grnpyg.negatives import negatives
from grnpyg.runs import Run
from grnpyg.training.batches import Batches, Epochs
from grnpyg.training.fit import FitResult, accelerator_for, quietly
from grnpyg.training.materialise import BUSY, TrainOptions
from grnpyg.training.module import learning_rate, validation_metrics
from grnpyg.training.prepare import Prepared
from grnpyg.training.stack import Stack
from grnpyg.training.train import train


def why_alone(config: ExperimentConfig) -> str | None:
    """Why seeds of a config cannot be trained together; None if they can.

    Stacked models share the graph and the split, take batches of the same size, and draw nothing inside. In
    bf16 they are not the same to any useful digit: a stacked layer rounds in another way.
    """
    encoder, head = encoders.get(config.encoder["name"]), heads.get(config.head["name"])
    training, sampler = config.training, negatives.get(config.negatives.sampler["name"])
    foreign = [part.__name__ for part in (encoder, head) if not part.__module__.startswith("grnpyg.")]
    reasons = {
        "a baseline is no model with weights": config.baseline is not None,
        "pruning steps follow": bool(config.prune),
        f"the loss {config.loss['name']} takes note of each seed's pairs": losses.get(
            config.loss["name"]
        ).by_node,
        "each model chooses its own negatives": config.negatives.mining is not None,
        "it learns from a teacher": training.teacher is not None,
        "nothing is trained": training.max_epochs == 0,
        "every seed has its own split (set split_seed)": config.split_seed is None,
        f"{' and '.join(foreign)} may need what stacked weights do not have": bool(foreign),
        f"the encoder {config.encoder['name']} reads messages": encoder.uses_messages,
        "the structure term reads messages": config.structure is not None,
        "bf16 rounds a stacked layer in another way": training.precision == "bf16",
        "dropout draws inside the model": any(
            part.get("dropout", 0) > 0 for part in (config.encoder, config.head)
        ),
        "seeds may have different numbers of negatives": not sampler.exact or config.shortage == "say",
    }
    return next((reason for reason, applies in reasons.items() if applies), None)


def train_together(
    configs: Sequence[ExperimentConfig], options: Sequence[TrainOptions], prepared: Prepared
) -> list[Run | None]:
    """Train configs that differ in their seed alone, and write an ordinary run directory for each.

    There are no checkpoints: a training that is interrupted begins again.

    Args:
        configs: with the same `split_seed`, and `why_alone` has nothing against them.
        options: of each; the device is that of the first.
        prepared: data and split, which they share.

    Returns:
        The runs; None where a training diverged. Trained alone it says where.

    Raises:
        InputError: an earlier run or another process stands in the way.

    Example:
        >>> configs = [make_config({"split_seed": 0, "seed": seed}) for seed in range(5)]
        >>> train_together(configs, [TrainOptions(Path("runs"))] * 5, prepare(configs[0]))
    """
    with ExitStack() as folders:
        for config, option in zip(configs, options, strict=True):
            folders.enter_context(locked(option.place(config)[1], BUSY))
        models = [
            build_model(prepared.grn.graph, config.encoder, config.head, config.seed) for config in configs
        ]
        results = fit_together(models, prepared, configs, device=options[0].device)
    return [
        None if result is None else train(config, option, prepared=lambda: prepared, result=result)
        for config, option, result in zip(configs, options, results, strict=True)
    ]


def fit_together(
    models: Sequence[PairModel],
    prepared: Prepared,
    configs: Sequence[ExperimentConfig],
    *,
    device: str = "auto",
) -> list[FitResult | None]:
    """`fit` for several seeds at a time.

    Args:
        models: one for each config, as `build_model` makes them; they are left alone.
        prepared: data and split.
        configs: see `train_together`.
        device: `auto`, `cpu` or `cuda`.

    Returns:
        What `fit` returns for each; None where scores were not finite.
    """
    config, split = configs[0], prepared.split
    place = torch.device("cuda" if accelerator_for(device, 1, config) == "gpu" else "cpu")
    courses = [_Course(one, prepared) for one in configs]
    running = list(courses)
    with quietly():
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # or CUDA refuses what follows
        torch.use_deterministic_algorithms(True)
        graph, loss = copy.copy(split.graph).to(place), losses.build_from(config.loss)
        stack = Stack(models, graph, loss, config.training)
        for epoch in range(config.training.max_epochs):
            start = time.perf_counter()
            mean = _train_epoch(stack, running, epoch)
            scores = [stack.score_each(number, course.sets) for number, course in enumerate(running)]
            seconds = (time.perf_counter() - start) / len(running)
            for number, course in enumerate(running):
                course.note(epoch, mean[number], scores[number], stack.weights(number), seconds)
            going = [number for number, course in enumerate(running) if not course.over]
            if not going:
                break
            if len(going) < len(running):
                running = [running[number] for number in going]
                stack.keep(going)
    return [course.result() for course in courses]


def _train_epoch(stack: Stack, running: Sequence[_Course], epoch: int) -> Tensor:
    """An epoch of every seed; (S,) mean losses."""
    training = running[0].config.training
    batches = [Batches(course.epochs.pairs(epoch), training.batch_size) for course in running]
    total, pairs = torch.zeros(len(running), device=stack.device), 0
    for item in range(len(batches[0])):
        own = [some[item] for some in batches]
        index = torch.stack([batch.pairs for batch in own]).to(stack.device)
        label = torch.stack([batch.label for batch in own]).to(stack.device)
        total += stack.step(index, label, learning_rate(training, epoch)) * label.size(1)
        pairs += label.size(1)
    return (total / pairs).cpu()


class _Course:
    """How the training of one seed goes: what `History`, `Best` and `StopAtChecks` keep of one trained alone.

    Attributes:
        over: it has stopped.
    """

    def __init__(self, config: ExperimentConfig, prepared: Prepared) -> None:
        self.config, self.evaluation, self.over = config, prepared.evaluation, False
        self.epochs = Epochs(config, prepared.split, prepared.evaluation)
        self.sets = [subsets["validation"].edge_label_index for subsets in prepared.evaluation.values()]
        self.rows: list[dict[str, float]] = []
        self.weights: dict[str, dict[str, Tensor]] = {}
        self.best_epoch, self.best, self.best_check, self.waited = 0, -np.inf, -np.inf, 0

    def note(
        self, epoch: int, loss: Tensor, scores: list[Tensor], weights: dict[str, Tensor], seconds: float
    ) -> None:
        """Note an epoch, counted from 0; `loss`: (), `scores`: of each set."""
        training = self.config.training
        if not all(torch.isfinite(logits).all() for logits in scores):
            self.over, self.weights = True, {}
            return
        metrics = {"loss": float(loss)} | validation_metrics(self.evaluation, scores, self.config)
        metrics = {
            name: float(np.float32(value)) for name, value in metrics.items()
        }  # as Lightning keeps them
        self.rows.append({"epoch": epoch + 1, **metrics, "seconds": seconds})
        value = metrics[f"val_{self.config.monitored[0]}"]
        if value > self.best:
            self.best, self.best_epoch = value, epoch + 1
            self.weights["best"] = _copied(weights)
        if epoch % training.check_every == 0:
            self.waited = 0 if value > self.best_check else self.waited + 1
            self.best_check = max(value, self.best_check)
        self.over = self.waited >= training.patience or epoch + 1 == training.max_epochs
        if self.over:
            self.weights["last"] = _copied(weights)

    def result(self) -> FitResult | None:
        """What `fit` returns; None after scores that were not finite."""
        seconds = sum(row["seconds"] for row in self.rows)
        return FitResult(self.best_epoch, self.rows, self.weights, False, seconds) if self.weights else None


def _copied(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: values.cpu().clone() for name, values in weights.items()}
