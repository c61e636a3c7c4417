"""The interface that an evaluation needs; baselines and trained models implement it."""

from __future__ import annotations

import copy
from functools import cached_property
from typing import Any, Protocol, Self, runtime_checkable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch_geometric.data import HeteroData

from grnpyg.core.config import ExperimentConfig
from grnpyg.data.graph import REGULATES
from grnpyg.models.cost import macs_per_pair
from grnpyg.models.known_edges import FOLDS, KnownEdges
from grnpyg.models.predictor import PairModel
from grnpyg.splits.folds import num_folds
from grnpyg.splits.link_split import LabelledPairs, LinkSplit
from grnpyg.splits.messages import with_messages

TFS_PER_BLOCK = 64


@runtime_checkable
class Scorer(Protocol):
    """A method that scores TF -> gene pairs; a higher score means that an edge is more likely.

    Baselines and `TrainedModel` are scorers. An evaluation takes a mapping of names to scorers and treats
    all of them alike. Any object with these members is a scorer:

    >>> class Coin:
    ...     gives_logits, seed, parameters, macs_per_pair = False, 0, 0, 0
    ...     def fit(self, split, pairs): ...
    ...     def score(self, edge_label_index):
    ...         return np.zeros(edge_label_index.size(1))
    ...     def score_all(self, tf_index, gene_index):
    ...         return np.zeros((len(tf_index), len(gene_index)))
    >>> isinstance(Coin(), Scorer)
    True
    """

    @property
    def gives_logits(self) -> bool:
        """Whether the scores are logits, so that accuracy and F1 at logit 0 are defined."""

    @property
    def seed(self) -> int:
        """The seed of random draws in `fit`."""

    @property
    def parameters(self) -> int | None:
        """How many numbers were fitted; None if unknown."""

    @property
    def macs_per_pair(self) -> int | None:
        """Multiply-accumulates to score one pair, 0 for a look-up; None if unknown."""

    def fit(self, split: LinkSplit, pairs: LabelledPairs) -> None:
        """Learn from the training edges of the split, or from training pairs with negatives."""

    def score(self, edge_label_index: Tensor) -> NDArray[Any]:
        """Scores of pairs, (2, num_pairs) -> (num_pairs,)."""

    def score_all(self, tf_index: Tensor, gene_index: Tensor) -> NDArray[Any]:
        """Scores of every pair of these TFs (n,) and genes (m,), (n, m); equal to `score` on the pairs."""


class TrainedModel:
    """A trained predictor on the graph that it scores on, as a `Scorer`.

    The graph is encoded once, at the first score. A message edge is scored out of fold, see `KnownEdges`,
    if the model reads message edges. Make a new object after the weights change.

    Args:
        model: the predictor, with its final weights.
        graph: the message graph.
        seed: of the training.
        folds: into which the message edges are divided.
        output: the name of one of the model's outputs; None: the score of them all.
    """

    gives_logits = True

    def __init__(
        self,
        model: PairModel,
        graph: HeteroData,
        seed: int = 0,
        folds: int = FOLDS,
        output: str | None = None,
    ) -> None:
        self.model, self.graph, self.seed = model, graph, seed
        self._output = None if output is None else model.outputs.index(output)
        self._known = KnownEdges(graph, folds, seed, self._score_without) if model.reads_messages else None

    @classmethod
    def of(
        cls, model: PairModel, graph: HeteroData, config: ExperimentConfig, output: str | None = None
    ) -> Self:
        """The model of a training, with the folds of the training if it had any."""
        ratio = config.training.disjoint_train_ratio
        return cls(model, graph, config.seed, FOLDS if ratio is None else num_folds(ratio), output)

    def without_known_edges(self) -> Self:
        """The same for pairs that are no message edges: of those it gives scores that mean nothing."""
        result = copy.copy(self)
        result._known = None
        return result

    @cached_property
    def _z(self) -> dict[str, Tensor]:
        return self.model.encode(self.graph)

    def _score_without(self, left_out: Tensor, pairs: Tensor) -> NDArray[np.float32]:
        rest = with_messages(self.graph, self.graph[REGULATES].edge_index[:, ~left_out])
        logits: NDArray[np.float32] = self.model.score(rest, pairs, output=self._output).numpy()
        return logits

    def fit(self, split: LinkSplit, pairs: LabelledPairs) -> None:
        """Do nothing: the model is already trained."""

    def score(self, edge_label_index: Tensor) -> NDArray[np.float32]:
        """Logits of pairs, see `Scorer.score`."""
        scores = self.model.score(self.graph, edge_label_index, z=self._z, output=self._output)
        logits: NDArray[np.float32] = scores.numpy()
        return logits if self._known is None else self._known.put(logits, edge_label_index)

    def score_all(self, tf_index: Tensor, gene_index: Tensor) -> NDArray[np.float32]:
        """Logits of every pair of these TFs and genes, see `Scorer.score_all`."""
        blocks = self.model.score_blocks(
            self.graph, tf_index, z=self._z, output=self._output, tfs_per_block=TFS_PER_BLOCK
        )
        logits: NDArray[np.float32] = torch.cat([block for _, block in blocks])[:, gene_index].numpy()
        return logits if self._known is None else self._known.put_all(logits, tf_index, gene_index)

    @property
    def parameters(self) -> int:
        """Trainable parameters of encoder, head and structure term."""
        return self.model.num_parameters()["total"]

    @property
    def macs_per_pair(self) -> int:
        """See `grnpyg.models.cost.macs_per_pair`."""
        return macs_per_pair(self.model, self.graph)
