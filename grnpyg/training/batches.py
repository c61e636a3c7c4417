"""What the epochs of a training score: the pairs of each epoch, and their batches."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

import torch
from torch import Tensor
from torch.utils.data import Dataset
from torch_geometric.data import HeteroData

from grnpyg.core.config import ExperimentConfig
from grnpyg.core.seeding import derive, torch_generator
from grnpyg.core.sharing import Share
from grnpyg.negatives import NoPairError
from grnpyg.runs.draws import cycle, model_pairs
from grnpyg.splits import LabelledPairs, LinkSplit
from grnpyg.splits.split_file import Evaluation
from grnpyg.training.crossing import Crossing


class Epochs:
    """The pairs of each epoch, a function of seed and epoch: a resumed training sees the same pairs.

    Args:
        config: the experiment.
        split: the experiment's split.
        evaluation: setting -> subset -> pairs, none of which is drawn as a negative.
    """

    def __init__(self, config: ExperimentConfig, split: LinkSplit, evaluation: Evaluation) -> None:
        self.config, self.split, self.evaluation = config, split, evaluation
        self._messages: dict[int, HeteroData] = {}  # made once, so that what is derived from it is kept

    @cached_property
    def _turns(self) -> list[tuple[LinkSplit, ...]]:
        return cycle(self.config, self.split)

    def pairs(self, epoch: int) -> LabelledPairs:
        """The shuffled positives and negatives of an epoch, counted from 0."""
        splits = self._turns[epoch % len(self._turns)]
        subsets = [
            pairs for subset in splits for pairs in model_pairs(self.config, subset, self.evaluation, epoch)
        ]
        if not subsets:  # a sampler that draws by chance may find pairs in one epoch and none in another
            name = self.config.negatives.sampler["name"]
            what = f"{name} finds no pair in epoch {epoch + 1}"
            raise NoPairError(what, where="negatives.sampler", fix="use another sampler")
        return shuffled(subsets, derive(self.config.seed, "shuffle", epoch))

    def messages(self, epoch: int, device: torch.device) -> HeteroData | None:
        """The graph that serves all batches of an epoch; None where each batch removes its own edges."""
        if self.config.training.disjoint_train_ratio is None:
            return None
        turn = epoch % len(self._turns)
        if turn not in self._messages:
            self._messages[turn] = copy.copy(self._turns[turn][0].graph).to(device)
        return self._messages[turn]


class Batch(NamedTuple):
    """One batch, and the share of it that a process scores.

    Attributes:
        pairs: (2, n) of this process; one pair that does not count where its share is empty.
        output: (n,) which output learns from each, of a model with several outputs.
        all_pairs: (2, m) of all processes; their edges are no messages while any of them is scored.
        label: (m,) of all processes, because a loss may compare pairs with each other.
    """

    pairs: Tensor
    output: Tensor | None
    all_pairs: Tensor
    label: Tensor

    @property
    def asked(self) -> tuple[Tensor, ...]:
        """What the model is asked, beside the graph: the pairs, and their outputs where there are several."""
        return (self.pairs,) if self.output is None else (self.pairs, self.output)


class Batches(Dataset[Batch]):
    """Consecutive batches of labelled pairs; with several processes each takes its share of every batch.

    Args:
        pairs: shuffled pairs.
        batch_size: pairs per optimiser step, over all processes.
        rank: this process.
        world_size: how many processes.
        crossing: adds negatives from inside each batch; None: nothing is added.
    """

    def __init__(
        self,
        pairs: LabelledPairs,
        batch_size: int,
        rank: int = 0,
        world_size: int = 1,
        *,
        crossing: Crossing | None = None,
    ) -> None:
        self.pairs, self.batch_size, self.rank, self.world_size = pairs, batch_size, rank, world_size
        self.crossing = crossing

    def __len__(self) -> int:
        return -(-self.pairs.edge_label.numel() // self.batch_size)

    def __getitem__(self, item: int) -> Batch:
        """Batch number `item`."""
        at = slice(item * self.batch_size, (item + 1) * self.batch_size)
        output = self.pairs.output
        batch = LabelledPairs(
            self.pairs.edge_label_index[:, at],
            self.pairs.edge_label[at],
            None if output is None else output[at],
        )
        if self.crossing is not None:
            batch = self.crossing.extend(batch)
        index, label, output = batch.edge_label_index, batch.edge_label, batch.output
        share = Share(label.numel(), self.rank, self.world_size)
        own = share.own if share.size else slice(0, 1)
        return Batch(index[:, own], None if output is None else output[own], index, label)


def shuffled(subsets: Sequence[LabelledPairs], seed: int) -> LabelledPairs:
    """Several shuffled sets as one; a single set keeps its order."""
    if len(subsets) == 1:
        return subsets[0]
    label = torch.cat([pairs.edge_label for pairs in subsets])
    order = torch.randperm(label.numel(), generator=torch_generator(seed, "cells"))
    index = torch.cat([pairs.edge_label_index for pairs in subsets], dim=1)
    outputs = [pairs.output for pairs in subsets if pairs.output is not None]
    return LabelledPairs(index[:, order], label[order], torch.cat(outputs)[order] if outputs else None)
