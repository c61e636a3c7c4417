"""Training of embedding tables at the cost of the rows that a batch reads."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from grnpyg.core.config import ExperimentConfig
from grnpyg.core.sharing import sharing, whole
from grnpyg.models.predictor import PairModel
from grnpyg.splits import LinkSplit
from grnpyg.splits.split_file import Evaluation
from grnpyg.training.batches import Batch
from grnpyg.training.module import LinkPredictionModule
from grnpyg.training.optim.row_adam import RowAdam, clip_gradients
from grnpyg.training.teacher import Objective

WORTH_SKIPPING = 0.5  # a backward pass over fewer pairs pays for a second forward pass


def training_module(
    model: PairModel,
    split: LinkSplit,
    evaluation: Evaluation,
    config: ExperimentConfig,
    *,
    accelerator: str = "cpu",
    processes: int = 1,
    loss: Objective | None = None,
) -> LinkPredictionModule:
    """The module that trains a model: the sparse one where the model has sparse tables.

    Weight decay moves every row of a table at every step, so with it the tables are dense, too. So they are
    on several GPUs: NCCL cannot add up sparse gradients (github.com/pytorch/pytorch/issues/22400). Gloo can,
    and it pays (benchmarks/speed).

    Args:
        model: the predictor.
        split: see `LinkPredictionModule`.
        evaluation: see `LinkPredictionModule`.
        config: the experiment.
        accelerator: Lightning's name of it: `cpu` or `gpu`.
        processes: how many share the batches.
        loss: see `LinkPredictionModule`.
    """
    tables = sparse_tables(model)
    if not tables:
        return LinkPredictionModule(model, split, evaluation, config, loss)
    if config.training.weight_decay or (accelerator == "gpu" and processes > 1):
        for table in tables:
            table.sparse = False
        return LinkPredictionModule(model, split, evaluation, config, loss)
    return SparseLinkPredictionModule(model, split, evaluation, config, loss)


def sparse_tables(model: nn.Module) -> list[nn.Embedding]:
    """The embedding tables of a model whose gradients are sparse."""
    return [module for module in model.modules() if isinstance(module, nn.Embedding) and module.sparse]


class SparseLinkPredictionModule(LinkPredictionModule):
    """Trains sparse embedding tables by row (`RowAdam`) and everything else with Adam.

    The result is that of `LinkPredictionModule` but for rounding. Optimisation is manual, in Lightning's
    sense, so that a pair without gradient costs no backward pass and a row without gradient no step.
    """

    def __init__(
        self,
        model: PairModel,
        split: LinkSplit,
        evaluation: Evaluation,
        config: ExperimentConfig,
        loss: Objective | None = None,
    ) -> None:
        super().__init__(model, split, evaluation, config, loss)
        self.automatic_optimization = False
        self._optimizers: list[torch.optim.Optimizer] = []
        self._active = 1.0  # share of the last batch's pairs that had a gradient

    def setup(self, stage: str) -> None:
        """Find out whether pairs may be skipped."""
        super().setup(stage)
        # several processes wait for each other's gradients, so none may leave its backward pass out
        self._separable = self.trainer.world_size == 1 and separable(self.model)

    def configure_optimizers(self) -> list[torch.optim.Optimizer]:
        """Adam for the dense parameters and `RowAdam` for the tables."""
        self._rows = RowAdam(sparse_tables(self.model), lr=self.config.training.lr)
        by_row = {id(table.weight) for table in self._rows.tables}
        self._dense = [p for p in self.model.parameters() if id(p) not in by_row]
        self._optimizers = [*([self.adam(self._dense)] if self._dense else []), self._rows]
        return self._optimizers

    def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:
        """As in every training; the share of active pairs is counted anew in each epoch."""
        super().on_train_batch_start(batch, batch_idx)
        if batch_idx == 0:
            self._active = 1.0

    def training_step(self, batch: Batch, batch_idx: int) -> None:
        """One optimiser step on a batch, scored on a graph without the batch's own edges."""
        label, share = batch.label, self.share(batch)
        graph = self.message_graph(batch.all_pairs)
        for optimizer in self._optimizers:
            optimizer.zero_grad()
        if self._separable and self._active < WORTH_SKIPPING:
            with torch.no_grad():
                logits = self.model(graph, *batch.asked).float()
            loss, gradient = self._loss_and_gradient(logits, batch)
            active = gradient.nonzero().squeeze(1)
            if active.numel():
                some = (numbers[..., active] for numbers in batch.asked)
                self.manual_backward(self.model(graph, *some).float(), gradient[active])
            else:
                self._zero_gradients()
        else:
            with sharing(share):
                logits = self.model(graph, *batch.asked).float()
                loss, gradient = self._loss_and_gradient(whole(logits.detach()), batch)
            if share.processes > 1:  # gradients are averaged over the processes
                own = torch.zeros_like(logits)
                own[: share.size] = share.processes * gradient[share.own]
                self.manual_backward(logits, own)
            else:
                self.manual_backward(logits, gradient)
        if self._separable:
            self._active = float(gradient.count_nonzero()) / label.numel()
        clip_gradients(self.model.parameters(), self.config.training.gradient_clip)
        for optimizer in self._optimizers:
            optimizer.step()
        self.add_up(loss, label.numel())

    def _loss_and_gradient(self, logits: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
        """The loss, (), and its derivative in the logits, (num_pairs,)."""
        logits.requires_grad_()
        with torch.enable_grad(), torch.autocast(self.device.type, enabled=False):
            loss = self.loss(logits, batch.label, batch.all_pairs)
        (gradient,) = torch.autograd.grad(loss, logits)
        return loss.detach(), gradient

    def _zero_gradients(self) -> None:
        """Zero is a gradient, none is not: Adam counts the step and goes on moving by its moments."""
        for parameter in self._dense:
            parameter.grad = torch.zeros_like(parameter)

    def on_validation_start(self) -> None:
        """Bring the tables up to date, because what follows reads and copies them as a whole."""
        self._rows.flush()

    def release(self) -> None:
        """Take the hooks of `RowAdam` off the model; steps that rows have missed are forgotten."""
        if self._optimizers:
            self._rows.release()


def separable(model: PairModel) -> bool:
    """Whether a training pair's logit is the same with and without the other pairs of the batch."""
    return not model.reads_messages and not any(
        isinstance(module, nn.modules.batchnorm._NormBase)
        or (isinstance(module, nn.modules.dropout._DropoutNd) and module.p > 0)
        for module in model.modules()
    )
