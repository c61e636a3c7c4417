"""How a link predictor is trained: an ordinary LightningModule."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from statistics import fmean
from typing import Any

import pytorch_lightning as pl
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader
from torch_geometric.data import HeteroData

from grnpyg.core.config import ExperimentConfig, TrainingConfig
from grnpyg.core.errors import DivergedError
from grnpyg.core.seeding import derive
from grnpyg.core.sharing import Share, sharing, whole
from grnpyg.metrics.classification import accuracy, auroc, average_precision
from grnpyg.models.losses import EpochPairs, losses
from grnpyg.models.predictor import PairModel
from grnpyg.splits import LabelledPairs, LinkSplit
from grnpyg.splits.messages import without_pairs
from grnpyg.splits.split_file import Evaluation
from grnpyg.training.batches import Batch, Batches, Epochs
from grnpyg.training.crossing import Crossing
from grnpyg.training.mining import hardest
from grnpyg.training.teacher import Objective

MONITORS = {"ap": average_precision, "auroc": auroc, "accuracy": accuracy}


class LinkPredictionModule(pl.LightningModule):
    """Minimises the loss on logits with Adam and validates on fixed pairs after each epoch.

    Models with embedding tables are trained by a subclass, see `sparse_module`.

    Args:
        model: the predictor.
        split: its graph carries the messages.
        evaluation: setting -> subset -> pairs; the validation pairs of every setting are scored.
        config: the experiment.
        loss: in place of the config's own, see `grnpyg.training.teacher`; None: the config's.
    """

    def __init__(
        self,
        model: PairModel,
        split: LinkSplit,
        evaluation: Evaluation,
        config: ExperimentConfig,
        loss: Objective | None = None,
    ) -> None:
        super().__init__()
        self.model, self.split, self.evaluation, self.config = model, split, evaluation, config
        self.loss = losses.build_from(config.loss) if loss is None else loss
        self.crossing = Crossing(split, self.loss.in_batch) if self.loss.in_batch else None
        self.epochs = Epochs(config, split, evaluation)
        self.graph = split.graph
        self.messages: HeteroData | None = None  # of this epoch, see `Epochs.messages`

    def setup(self, stage: str) -> None:
        """Move a copy of the graph to the model's device; `HeteroData.to` would move the split's own."""
        self.graph = copy.copy(self.split.graph).to(self.trainer.strategy.root_device)

    def configure_optimizers(self) -> list[torch.optim.Optimizer]:
        """Adam over all parameters."""
        return [self.adam(self.model.parameters())]

    def adam(self, parameters: Any) -> torch.optim.Adam:
        """Adam with the config's learning rate and weight decay."""
        training = self.config.training
        return torch.optim.Adam(parameters, lr=training.lr, weight_decay=training.weight_decay, fused=True)

    def train_dataloader(self) -> DataLoader[Batch]:
        """This epoch's batches."""
        self.messages = self.epochs.messages(self.current_epoch, self.device)
        pairs = self.mined(self.epochs.pairs(self.current_epoch))
        self.loss.begin(EpochPairs.of(self.split.graph, pairs.edge_label_index, pairs.edge_label))
        size, rank, processes = (
            self.config.training.batch_size,
            self.trainer.global_rank,
            self.trainer.world_size,
        )
        batches = Batches(pairs, size, rank, processes, crossing=self.crossing)
        return DataLoader(batches, batch_size=None)

    def mined(self, pairs: LabelledPairs) -> LabelledPairs:
        """The pairs of an epoch with the hardest negatives alone, if the config asks for them."""
        negatives = self.config.negatives
        if negatives.mining is None:
            return pairs
        positives = pairs.edge_label.sum()
        share = float(negatives.ratio * positives / (pairs.edge_label.numel() - positives))
        graph = self.graph if self.messages is None else self.messages
        scores = self.model.score(graph, pairs.edge_label_index)
        return hardest(pairs, scores, min(1.0, share), negatives.mining.margin)

    def on_train_epoch_start(self) -> None:
        """Set the learning rate of the epoch, see `TrainingConfig`."""
        training = self.config.training
        if training.schedule == "cosine":
            for optimizer in self.trainer.optimizers:
                for group in optimizer.param_groups:
                    group["lr"] = learning_rate(training, self.current_epoch)

    def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:
        """Seed dropout anew in each epoch, so that a resumed training drops the same units.

        Not at the epoch's start: the data loader draws a number between that and the first batch, but not
        in the first epoch of a resumed training.
        """
        if batch_idx == 0:
            seed = derive(self.config.seed, "dropout", self.current_epoch, self.trainer.global_rank)
            torch.manual_seed(seed)
            self._sum, self._pairs = torch.zeros((), device=self.device), 0

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor | None:
        """The loss of a batch, (), scored on a graph without the batch's own edges.

        With several processes each scores its share of the pairs, and the loss is that of the whole batch.
        Their gradients are averaged, so the loss is taken as many times.
        """
        share = self.share(batch)
        graph = self.message_graph(batch.all_pairs)
        with sharing(share):
            own = self.model(graph, *batch.asked).float()
            logits = whole(own)
        if share.processes > 1:
            logits[share.own] = own[: share.size]
        with torch.autocast(self.device.type, enabled=False):
            loss = self.loss(logits, batch.label, batch.all_pairs)
        self.add_up(loss.detach(), batch.label.numel())
        # a process without a pair has a gradient, too, and it is 0: the others wait for it
        return loss if share.processes == 1 else share.processes * loss + 0 * own.sum()

    def share(self, batch: Batch) -> Share:
        """Which pairs of a batch this process scores."""
        return Share(batch.label.numel(), self.trainer.global_rank, self.trainer.world_size)

    def message_graph(self, pairs: Tensor) -> HeteroData:
        """The graph that a batch of pairs, (2, m), is scored on."""
        if self.messages is not None:
            return self.messages
        return without_pairs(self.graph, pairs) if self.model.encoder.uses_messages else self.graph

    def add_up(self, loss: Tensor, num_pairs: int) -> None:
        """Count a batch in the epoch's mean loss; Lightning's own sum would cost every step more."""
        self._sum += loss * num_pairs
        self._pairs += num_pairs

    def configure_gradient_clipping(self, optimizer: Any, *_: Any, **__: Any) -> None:
        """Clip the norm of all gradients; Lightning's own clipping refuses a fused Adam in bf16."""
        nn.utils.clip_grad_norm_(self.model.parameters(), self.config.training.gradient_clip)

    def val_dataloader(self) -> DataLoader[int]:
        """One step, which scores all validation pairs at once."""
        return DataLoader([0], batch_size=None)  # type: ignore[arg-type]  # a list is a map-style data set

    def validation_step(self, batch: Any, batch_idx: int) -> None:
        """Log the epoch's loss, and AP, AUROC and accuracy of the validation pairs in full precision.

        `val_ap@uniform` is the value of one setting, `val_ap` the mean over the monitored settings. Several
        processes share the pairs, and take the numbers of the first one, so that all decide alike.

        Raises:
            DivergedError: a score is not finite.
        """
        sets = {setting: subsets["validation"] for setting, subsets in self.evaluation.items()}
        with torch.autocast(self.device.type, enabled=False):
            scores = self.validation_scores([pairs.edge_label_index for pairs in sets.values()])
        if not all(torch.isfinite(logits).all() for logits in scores):
            raise DivergedError(
                f"training diverged in epoch {self.current_epoch + 1}: the scores are not finite. "
                "Lower training.lr"
            )
        found = {"loss": float(self._sum / self._pairs)}
        if self.trainer.is_global_zero:
            found |= validation_metrics(self.evaluation, scores, self.config)
        for name, value in self.trainer.strategy.broadcast(found).items():
            self.log(name, value, batch_size=self._pairs if name == "loss" else 1)

    def validation_scores(self, sets: list[Tensor]) -> list[Tensor]:
        """The logits of sets of pairs, (2, n) -> (n,); each process scores its share of all of them."""
        if self.trainer.world_size == 1:
            return self.model.score_each(self.graph, sets)
        pairs = torch.cat(sets, dim=1)
        share = Share(pairs.size(1), self.trainer.global_rank, self.trainer.world_size)
        with sharing(share):
            scores = whole(self.model.score_each(self.graph, [pairs[:, share.own]])[0].to(self.device)).cpu()
        return list(scores.split([some.size(1) for some in sets]))

    def release(self) -> None:
        """Undo what training attached to the model: nothing here."""


def learning_rate(training: TrainingConfig, epoch: int) -> float:
    """The learning rate of an epoch, counted from 0; see `TrainingConfig`."""
    if training.schedule == "constant":
        return training.lr
    return training.lr * (1 + math.cos(math.pi * epoch / training.max_epochs)) / 2


def validation_metrics(
    evaluation: Evaluation, scores: Sequence[Tensor], config: ExperimentConfig
) -> dict[str, float]:
    """`val_ap@uniform` and so on, the metrics of one setting, and `val_ap`, the mean over the monitored ones.

    Args:
        evaluation: setting -> subset -> pairs.
        scores: (n,) logits of the validation pairs of each setting.
        config: names the monitored settings.
    """
    found: dict[str, float] = {}
    for name, metric in MONITORS.items():
        values = {
            setting: metric(subsets["validation"].edge_label.numpy(), logits.numpy())
            for (setting, subsets), logits in zip(evaluation.items(), scores, strict=True)
        }
        found |= {f"val_{name}@{setting}": value for setting, value in values.items()}
        found[f"val_{name}"] = fmean(values[setting] for setting in config.monitored_among(values))
    return found
