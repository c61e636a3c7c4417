"""The training step of a link predictor, as a LightningModule."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from statistics import fmean
from typing import Any

import pytorch_lightning as pl
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from torch_geometric.data import HeteroData

from grnpyg.core.config import ExperimentConfig
from grnpyg.core.errors import GrnpygError
from grnpyg.core.seeding import derive, torch_generator
from grnpyg.metrics.classification import accuracy, auroc, average_precision
from grnpyg.models.losses import losses
from grnpyg.models.predictor import PairModel
from grnpyg.runs.draws import cycle, epoch_pairs
from grnpyg.splits import LabelledPairs, LinkSplit
from grnpyg.splits.messages import without_pairs
from grnpyg.training.moments import Start, set_moments
from grnpyg.training.optim.row_adam import RowAdam, clip_gradients


class Batches(Dataset[tuple[Tensor, Tensor]]):
    """Consecutive batches of labelled pairs; with several processes each takes its share of every batch.

    Args:
        pairs: shuffled pairs.
        batch_size: pairs per optimiser step, over all processes.
        rank: this process.
        world_size: how many processes.
    """

    def __init__(self, pairs: LabelledPairs, batch_size: int, rank: int = 0, world_size: int = 1) -> None:
        self.pairs, self.batch_size, self.rank, self.world_size = pairs, batch_size, rank, world_size

    def __len__(self) -> int:
        whole, rest = divmod(self.pairs.edge_label.numel(), self.batch_size)
        return whole + (rest >= self.world_size)  # no process is left without a pair

    def __getitem__(self, item: int) -> tuple[Tensor, Tensor]:
        start = item * self.batch_size
        at = slice(start + self.rank, start + self.batch_size, self.world_size)
        return self.pairs.edge_label_index[:, at], self.pairs.edge_label[at]


class LinkPredictionModule(pl.LightningModule):
    """The loss on logits, Adam; validated on fixed pairs after each epoch.

    Optimisation is Lightning's manual one, so that a pair without gradient costs no backward pass and an
    embedding row without gradient no optimiser step (`RowAdam`).

    Args:
        model: the predictor.
        split: its graph carries the messages.
        evaluation: regime -> part -> pairs; the monitored metric is that of some regimes.
        config: the experiment.
        start: how the optimisation begins.
    """

    def __init__(
        self,
        model: PairModel,
        split: LinkSplit,
        evaluation: dict[str, dict[str, LabelledPairs]],
        config: ExperimentConfig,
        start: Start = Start(),
    ) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.model, self.split, self.evaluation, self.config = model, split, evaluation, config
        self.start = start
        self.graph = split.graph
        self.messages: HeteroData | None = None  # the graph of all batches of an epoch, where one serves them
        self._turns: list[tuple[LinkSplit, ...]] = []
        self._graphs: dict[int, HeteroData] = {}  # each is made once, so that what its edges give can be kept
        self.loss = losses.build_from(config.loss)
        self.created: tuple[torch.optim.Optimizer, ...] = ()
        self._active = 1.0  # share of the last batch's pairs that had a gradient

    def setup(self, stage: str) -> None:
        """The graph goes where the model goes."""
        # HeteroData.to moves in place, and the split's own graph stays where it is
        self.graph = copy.copy(self.split.graph).to(self.trainer.strategy.root_device)
        # several processes wait for each other's gradients, so none may leave its backward pass out
        self._separable = self.trainer.world_size == 1 and separable(self.model)

    def train_dataloader(self) -> DataLoader[tuple[Tensor, Tensor]]:
        """This epoch's pairs: a function of (seed, epoch), so a resumed run sees the same."""
        self._turns = self._turns or cycle(self.config, self.split)
        turn = self.current_epoch % len(self._turns)
        splits = self._turns[turn]
        if self.config.training.disjoint_train_ratio is not None:
            if turn not in self._graphs:
                self._graphs[turn] = copy.copy(splits[0].graph).to(self.device)
            self.messages = self._graphs[turn]
        parts = [epoch_pairs(self.config, part, self.evaluation, self.current_epoch) for part in splits]
        pairs = shuffled(parts, derive(self.config.seed, "shuffle", self.current_epoch))
        batches = Batches(
            pairs, self.config.training.batch_size, self.trainer.global_rank, self.trainer.world_size
        )
        return DataLoader(batches, batch_size=None)

    def val_dataloader(self) -> DataLoader[int]:
        """One step: the whole validation set is scored at once."""
        return DataLoader([0], batch_size=None)  # type: ignore[arg-type]  # a list is a map-style data set

    def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:
        """Dropout restarts with each epoch, for the same reason.

        Not at the epoch's start: the data loader draws a number between that and the first batch, but not
        in the first epoch of a resumed run.
        """
        if batch_idx == 0:
            seed = derive(self.config.seed, "dropout", self.current_epoch, self.trainer.global_rank)
            torch.manual_seed(seed)
            self._sum, self._pairs, self._active = torch.zeros((), device=self.device), 0, 1.0

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> None:
        """One optimiser step on a batch, scored on a graph without the batch's own edges."""
        pairs, label = batch
        if self.messages is not None:
            graph = self.messages
        else:
            graph = without_pairs(self.graph, pairs) if self.model.encoder.uses_messages else self.graph
        for optimizer in self.created:
            optimizer.zero_grad()
        if self._separable and self._active < WORTH_SKIPPING:
            with torch.no_grad():
                logits = self.model(graph, pairs).float()
            loss, gradient = self._loss_and_gradient(logits, label)
            active = gradient.nonzero().squeeze(1)
            if active.numel():
                self.manual_backward(self.model(graph, pairs[:, active]).float(), gradient[active])
            else:
                self._zero_gradients()
        else:
            logits = self.model(graph, pairs).float()
            loss, gradient = self._loss_and_gradient(logits.detach(), label)
            self.manual_backward(logits, gradient)
        if self._separable:
            self._active = float(gradient.count_nonzero()) / label.numel()
        clip_gradients(self.model.parameters(), self.config.training.gradient_clip)
        if self.start.warm_up:
            self._warm_up(batch_idx)
        for optimizer in self.created:
            optimizer.step()
        self._sum += loss * label.numel()
        self._pairs += label.numel()

    def _warm_up(self, batch_idx: int) -> None:
        """The learning rate of this step: a linear rise over the batches of the first epoch."""
        share = 1.0 if self.current_epoch else (batch_idx + 1) / float(self.trainer.num_training_batches)
        for optimizer in self.created:
            for group in optimizer.param_groups:
                group["lr"] = share * self.config.training.lr

    def _zero_gradients(self) -> None:
        """A gradient of zero is not none: Adam goes on moving by what it remembers, and counts the step."""
        for parameter in self.model.parameters():
            if id(parameter) not in self._by_row:
                parameter.grad = torch.zeros_like(parameter)

    def _loss_and_gradient(self, logits: Tensor, label: Tensor) -> tuple[Tensor, Tensor]:
        """() and (num_pairs,): the loss and its derivative in the logits."""
        logits.requires_grad_()
        with torch.enable_grad(), torch.autocast(self.device.type, enabled=False):
            loss = self.loss(logits, label)
        (gradient,) = torch.autograd.grad(loss, logits)
        return loss.detach(), gradient

    def on_validation_start(self) -> None:
        """The tables are brought up to date: what follows reads and copies them as a whole."""
        for optimizer in self.created:
            if isinstance(optimizer, RowAdam):
                optimizer.flush()

    def validation_step(self, batch: Any, batch_idx: int) -> None:
        """The epoch's loss; AP, AUROC and accuracy of every regime's validation pairs, full precision.

        `val_ap` is the mean over the monitored regimes, `val_ap@uniform` that of a named one.
        """
        self.log("loss", self._sum / self._pairs, sync_dist=True, batch_size=self._pairs)
        sets = {regime: parts["validation"] for regime, parts in self.evaluation.items()}
        with torch.autocast(self.device.type, enabled=False):
            scores = self.model.score_each(self.graph, [pairs.edge_label_index for pairs in sets.values()])
        if not all(torch.isfinite(logits).all() for logits in scores):
            raise GrnpygError(
                f"training diverged in epoch {self.current_epoch + 1}: the scores are not finite. "
                "Lower training.lr"
            )
        for name, metric in MONITORS.items():
            values = {
                regime: metric(pairs.edge_label.numpy(), logits.numpy())
                for (regime, pairs), logits in zip(sets.items(), scores, strict=True)
            }
            for regime, value in values.items():
                self.log(f"val_{name}@{regime}", value, batch_size=1)
            self.log(f"val_{name}", fmean(values[r] for r in self.config.monitored[1]), batch_size=1)

    def configure_optimizers(self) -> list[torch.optim.Optimizer]:
        """Adam, fused; sparse embedding tables, which hold most of the parameters, by row.

        Weight decay moves every row at every step: then all is dense.
        """
        training = self.config.training
        tables = [m for m in self.model.modules() if isinstance(m, nn.Embedding) and m.sparse]
        if training.weight_decay:
            for table in tables:
                table.sparse = False
            tables = []
        self._by_row = {id(table.weight) for table in tables}
        dense = [p for p in self.model.parameters() if id(p) not in self._by_row]
        optimizers: list[torch.optim.Optimizer] = []
        if dense:
            optimizers.append(
                torch.optim.Adam(dense, lr=training.lr, weight_decay=training.weight_decay, fused=True)
            )
        if tables:
            optimizers.append(RowAdam(tables, lr=training.lr))
        self.created = tuple(optimizers)
        if self.start.moments is not None:
            set_moments(self.model, optimizers, self.start.moments)
        return optimizers

    def release(self) -> None:
        """Take the optimisers' hooks off the model: whatever they still owed its tables is not paid."""
        for optimizer in self.created:
            if isinstance(optimizer, RowAdam):
                optimizer.release()


MONITORS = {"ap": average_precision, "auroc": auroc, "accuracy": accuracy}
WORTH_SKIPPING = 0.5  # a backward pass over fewer pairs pays for a second forward pass


def shuffled(parts: Sequence[LabelledPairs], seed: int) -> LabelledPairs:
    """Several shuffled sets as one; a single one is left in its order."""
    if len(parts) == 1:
        return parts[0]
    label = torch.cat([pairs.edge_label for pairs in parts])
    order = torch.randperm(label.numel(), generator=torch_generator(seed, "cells"))
    index = torch.cat([pairs.edge_label_index for pairs in parts], dim=1)
    return LabelledPairs(index[:, order], label[order])


def separable(model: PairModel) -> bool:
    """Whether a training pair's logit is the same with and without the other pairs of the batch."""
    return not model.encoder.uses_messages and not any(
        isinstance(module, nn.modules.batchnorm._NormBase)
        or (isinstance(module, nn.modules.dropout._DropoutNd) and module.p > 0)
        for module in model.modules()
    )
