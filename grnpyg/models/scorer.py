"""The interface that an evaluation needs; baselines and trained models implement it."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from functools import cached_property
from typing import Any, Protocol, Self, runtime_checkable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch_geometric.data import HeteroData

from grnpyg.core.config import ExperimentConfig
from grnpyg.core.files import sha256_of
from grnpyg.core.precision import Precision
from grnpyg.data.graph import REGULATES, num_nodes
from grnpyg.models.cost import macs_per_pair
from grnpyg.models.explain import base, contributions, head_means
from grnpyg.models.known_edges import FOLDS, KnownEdges
from grnpyg.models.predictor import PairModel
from grnpyg.splits.folds import num_folds
from grnpyg.splits.link_split import LabelledPairs, LinkSplit
from grnpyg.splits.messages import with_messages

TFS_PER_BLOCK = 64
REMEMBERED = 100_000_000
MANY = 4  # pairs a node from which on it pays to prepare every node once


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


class EveryOutput:
    """A trained predictor on the graph that it scores on, by all its outputs at once.

    The graph is encoded once, at the first score, and message edges are scored out of fold, see `KnownEdges`,
    if the model reads them. With `remembers` what was asked for is kept, up to `REMEMBERED` numbers, for the
    outputs of a model that are asked for the same pairs one after another.

    Args:
        model: the predictor, with its final weights.
        graph: the message graph.
        seed: of the training.
        folds: into which the message edges are divided.

    Attributes:
        precision: of both methods; message edges are scored in float32 always.
    """

    precision: Precision = "fp32"

    def __init__(self, model: PairModel, graph: HeteroData, seed: int, folds: int) -> None:
        self.model, self.graph, self.seed = model, graph, seed
        self._known = KnownEdges(graph, folds, seed, self._score_without) if model.reads_messages else None
        self.remembers, self._seen = False, dict[str, NDArray[np.float32]]()

    def without_known_edges(self) -> Self:
        """The same for pairs that are no message edges: of those it gives scores that mean nothing."""
        result = copy(self)
        result._known, result._seen = None, {}
        result.__dict__.pop("_known_explained", None)
        return result

    def in_precision(self, precision: Precision) -> Self:
        """The same with another `precision`."""
        result = copy(self)
        result.precision, result._seen = precision, {}
        for prepared in ("_of_head", "_of_pairs"):
            result.__dict__.pop(prepared, None)
        return result

    @cached_property
    def _z(self) -> dict[str, Tensor]:
        return self.model.encode(self.graph)

    @cached_property
    def _of_head(self) -> Callable[[Tensor], Tensor]:
        return self.model.all_pairs(self._z, self.precision)

    @cached_property
    def _of_pairs(self) -> Callable[[Tensor], Tensor]:
        return self.model.many_pairs(self._z, self.precision)

    def _score_without(self, left_out: Tensor, pairs: Tensor) -> NDArray[np.float32]:
        rest = with_messages(self.graph, self.graph[REGULATES].edge_index[:, ~left_out])
        logits: NDArray[np.float32] = self.model.scores(rest, pairs).numpy()
        return logits

    def retrieval_vectors(self) -> tuple[Tensor, Tensor] | None:
        """(num_tfs, d) and (num_genes, d) whose inner products are the scores; None: some are something else.

        They are where the head has vectors, there is no structure term, and no message edge is scored apart.
        """
        if self.model.structure is not None or self._known is not None:
            return None
        return self.model.retrieval_vectors(self._z)

    def score(self, edge_label_index: Tensor) -> NDArray[np.float32]:
        """(2, num_pairs) -> (num_pairs, 1 + outputs): the score, then the logit of every output."""

        def compute() -> NDArray[np.float32]:
            many = edge_label_index.size(1) >= MANY * sum(num_nodes(self.graph))
            of_head = self._of_pairs if many or self.precision == "bf16" else None
            scores = self.model.scores(self.graph, edge_label_index, z=self._z, of_head=of_head)
            logits: NDArray[np.float32] = scores.numpy()
            return logits if self._known is None else self._known.put(logits, edge_label_index)

        return self._remembered((edge_label_index,), compute)

    def score_all(self, tf_index: Tensor, gene_index: Tensor) -> NDArray[np.float32]:
        """Of every pair of these TFs (n,) and genes (m,): (n, m, 1 + outputs), see `score`."""

        def compute() -> NDArray[np.float32]:
            blocks = self.model.score_blocks(
                self.graph, tf_index, z=self._z, of_head=self._of_head, tfs_per_block=TFS_PER_BLOCK
            )
            every = torch.equal(gene_index, torch.arange(num_nodes(self.graph)[1]))  # need not be chosen
            parts = [block if every else block[:, gene_index] for _, block in blocks]
            whole = parts[0] if len(parts) == 1 else torch.cat(parts)
            logits: NDArray[np.float32] = whole.numpy()
            return logits if self._known is None else self._known.put_all(logits, tf_index, gene_index)

        return self._remembered((tf_index, gene_index), compute)

    @cached_property
    def _head_means(self) -> dict[str, float]:
        return head_means(self.model, self.graph, self.seed, z=self._z)

    @property
    def base(self) -> float:
        """See `TrainedModel.base`."""
        return base(self.model, self._head_means)

    def _explain_without(self, left_out: Tensor, pairs: Tensor) -> NDArray[np.float64]:
        rest = with_messages(self.graph, self.graph[REGULATES].edge_index[:, ~left_out])
        values: NDArray[np.float64] = contributions(self.model, rest, pairs, self._head_means).numpy()
        return values

    @cached_property
    def _known_explained(self) -> KnownEdges | None:
        known = self._known
        if known is None:
            return None
        return KnownEdges(self.graph, known.folds, self.seed, self._explain_without)

    def explain(self, edge_label_index: Tensor, graph: HeteroData | None = None) -> NDArray[np.float64]:
        """See `TrainedModel.explain`."""
        found: NDArray[np.float64]
        if graph is not None:
            found = contributions(self.model, graph, edge_label_index, self._head_means).numpy()
            return found
        found = contributions(self.model, self.graph, edge_label_index, self._head_means, z=self._z).numpy()
        known = self._known_explained
        return found if known is None else known.put(found, edge_label_index)

    def _remembered(
        self, asked: tuple[Tensor, ...], compute: Callable[[], NDArray[np.float32]]
    ) -> NDArray[np.float32]:
        if not self.remembers:
            return compute()
        key = sha256_of(part.numpy().tobytes() + bytes([part.dim()]) for part in asked)
        if key not in self._seen:
            scores = compute()
            while self._seen and scores.size + sum(map(np.size, self._seen.values())) > REMEMBERED:
                del self._seen[next(iter(self._seen))]
            self._seen[key] = scores
        return self._seen[key]


class TrainedModel:
    """A trained predictor on the graph that it scores on, as a `Scorer`; see `EveryOutput`.

    Make a new object after the weights change.

    Args:
        model: the predictor, with its final weights.
        graph: the message graph.
        seed: of the training.
        folds: into which the message edges are divided.
    """

    gives_logits = True

    def __init__(self, model: PairModel, graph: HeteroData, seed: int = 0, folds: int = FOLDS) -> None:
        self._every, self._column = EveryOutput(model, graph, seed, folds), 0

    @classmethod
    def of(cls, model: PairModel, graph: HeteroData, config: ExperimentConfig) -> Self:
        """The model of a training, with the folds of the training if it had any."""
        ratio = config.training.disjoint_train_ratio
        return cls(model, graph, config.seed, FOLDS if ratio is None else num_folds(ratio))

    def outputs(self) -> dict[str, TrainedModel]:
        """Each output of the model as a scorer, by name, which shares this one's work; none if it has one."""
        found, self._every.remembers = {}, bool(self.model.outputs)
        for at, name in enumerate(self.model.outputs):
            found[name] = copy(self)
            found[name]._column = 1 + at
        return found

    def without_known_edges(self) -> Self:
        """The same for pairs that are no message edges: of those it gives scores that mean nothing."""
        result = copy(self)
        result._every = self._every.without_known_edges()
        return result

    def in_precision(self, precision: Precision) -> Self:
        """The same in this precision; see `Head.all_pairs_bf16`."""
        result = copy(self)
        result._every = self._every.in_precision(precision)
        return result

    @property
    def model(self) -> PairModel:
        """The predictor."""
        return self._every.model

    @property
    def graph(self) -> HeteroData:
        """The message graph."""
        return self._every.graph

    @property
    def seed(self) -> int:
        """The seed of the training."""
        return self._every.seed

    def retrieval_vectors(self) -> tuple[Tensor, Tensor] | None:
        """Vectors of all TFs and genes whose inner products are the scores, see `EveryOutput`."""
        return self._every.retrieval_vectors()

    def fit(self, split: LinkSplit, pairs: LabelledPairs) -> None:
        """Do nothing: the model is already trained."""

    def score(self, edge_label_index: Tensor) -> NDArray[np.float32]:
        """Logits of pairs, see `Scorer.score`."""
        return np.ascontiguousarray(self._every.score(edge_label_index)[:, self._column])

    def score_all(self, tf_index: Tensor, gene_index: Tensor) -> NDArray[np.float32]:
        """Logits of every pair of these TFs and genes, see `Scorer.score_all`."""
        return np.ascontiguousarray(self._every.score_all(tf_index, gene_index)[..., self._column])

    def explain(self, edge_label_index: Tensor, graph: HeteroData | None = None) -> NDArray[np.float64]:
        """What each group adds to `score`, see `grnpyg.models.explain.contributions`.

        A known edge is explained as it is scored: out of fold.

        Args:
            edge_label_index: (2, num_pairs).
            graph: another one with the same message edges, to explain pairs that are none; None: the model's.

        Returns:
            (num_pairs, number of `grnpyg.models.groups.GROUPS`); with `base` they add up to `score` but for
            rounding.
        """
        return self._every.explain(edge_label_index, graph)

    @property
    def base(self) -> float:
        """The score of an average pair, to which `explain` adds."""
        return self._every.base

    @property
    def parameters(self) -> int:
        """Trainable parameters of encoder, head and structure term."""
        return self.model.num_parameters()["total"]

    @property
    def macs_per_pair(self) -> int:
        """See `grnpyg.models.cost.macs_per_pair`."""
        return macs_per_pair(self.model, self.graph)
