"""The training step of a link predictor, as a LightningModule."""

from __future__ import annotations

from typing import Any

import pytorch_lightning as pl
import torch
import torch.nn.functional as F  # noqa: N812 (PyTorch's own convention)
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from grnpyg.config import ExperimentConfig
from grnpyg.errors import GrnpygError
from grnpyg.evaluation.metrics import auroc, average_precision
from grnpyg.negatives import negatives, training_pairs
from grnpyg.predictor import LinkPredictor
from grnpyg.seeding import derive
from grnpyg.splits import LabelledPairs, LinkSplit
from grnpyg.splits.messages import without_pairs


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
    """Binary cross-entropy on logits, Adam; validated on fixed pairs after each epoch.

    Args:
        model: the predictor.
        split: its graph carries the messages.
        evaluation: regime -> part -> pairs; the first regime's validation set is monitored.
        config: the experiment.
    """

    def __init__(
        self,
        model: LinkPredictor,
        split: LinkSplit,
        evaluation: dict[str, dict[str, LabelledPairs]],
        config: ExperimentConfig,
    ) -> None:
        super().__init__()
        self.model, self.split, self.evaluation, self.config = model, split, evaluation, config
        self.graph = split.graph
        self.sampler = negatives.build_from(config.negatives.sampler)

    def setup(self, stage: str) -> None:
        """The graph goes where the model goes."""
        self.graph = self.split.graph.to(self.trainer.strategy.root_device)

    def train_dataloader(self) -> DataLoader[tuple[Tensor, Tensor]]:
        """This epoch's pairs: a function of (seed, epoch), so a resumed run sees the same."""
        held_out = {
            f"{regime}/{part}": pairs
            for regime, parts in self.evaluation.items()
            for part, pairs in parts.items()
        }
        pairs = training_pairs(
            self.split,
            self.sampler,
            self.config.negatives.ratio,
            held_out,
            self.config.seed,
            self.current_epoch,
        )
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

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        """Loss of a batch, scored on the graph without the batch's own edges."""
        pairs, label = batch
        graph = without_pairs(self.graph, pairs) if self.model.encoder.uses_messages else self.graph
        loss = F.binary_cross_entropy_with_logits(self.model(graph, pairs).float(), label)
        self.log("loss", loss, on_step=False, on_epoch=True, batch_size=label.numel(), sync_dist=True)
        return loss

    def validation_step(self, batch: Any, batch_idx: int) -> None:
        """AP and AUROC on the first regime's validation pairs, in full precision."""
        pairs = next(iter(self.evaluation.values()))["validation"]
        with torch.autocast(self.device.type, enabled=False):
            logits = self.model.score(self.graph, pairs.edge_label_index)
        if not torch.isfinite(logits).all():
            raise GrnpygError(
                f"training diverged in epoch {self.current_epoch + 1}: the scores are not finite. "
                "Lower training.lr"
            )
        label = pairs.edge_label.numpy()
        self.log("val_ap", average_precision(label, logits.numpy()), batch_size=1)
        self.log("val_auroc", auroc(label, logits.numpy()), batch_size=1)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Adam; fused, one pass over the embedding tables that hold most of the parameters.

        Lightning clips no gradients of a fused optimiser under mixed precision.
        """
        training = self.config.training
        fused = training.precision == "fp32"
        return torch.optim.Adam(
            self.model.parameters(), lr=training.lr, weight_decay=training.weight_decay, fused=fused
        )
