"""A baseline that scores the edges it was fitted on out of fold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

from grnpyg.core.seeding import torch_generator
from grnpyg.models.baselines.base import Baseline
from grnpyg.models.known_edges import FOLDS, KnownEdges
from grnpyg.splits.link_split import LabelledPairs, LinkSplit
from grnpyg.splits.messages import with_messages


class OutOfFold:
    """A fitted baseline, as a `Scorer` that scores a training edge without having read it.

    When the first training edge is asked for, the baseline is fitted again for each of 8 folds of them,
    without this fold.

    Args:
        baseline: fitted.
        split: what it was fitted on.
        pairs: the training pairs with negatives that it was fitted on.
        fitted: a split and training pairs -> the same baseline, fitted on them.
    """

    def __init__(
        self,
        baseline: Baseline,
        split: LinkSplit,
        pairs: LabelledPairs,
        fitted: Callable[[LinkSplit, LabelledPairs], Baseline],
    ) -> None:
        self.baseline, self.split, self.pairs, self.fitted = baseline, split, pairs, fitted
        graph = with_messages(split.graph, split.positives["train"])
        self._known = KnownEdges(graph, FOLDS, baseline.seed, self._score_without)

    @property
    def gives_logits(self) -> bool:
        """Whether the scores are logits."""
        return self.baseline.gives_logits

    @property
    def seed(self) -> int:
        """The seed of random draws in `fit`."""
        return self.baseline.seed

    @property
    def parameters(self) -> int | None:
        """See `Baseline.parameters`."""
        return self.baseline.parameters

    @property
    def macs_per_pair(self) -> int | None:
        """See `Baseline.macs_per_pair`."""
        return self.baseline.macs_per_pair

    def fit(self, split: LinkSplit, pairs: LabelledPairs) -> None:
        """Do nothing: the baseline is already fitted."""

    def score(self, edge_label_index: Tensor) -> NDArray[Any]:
        """See `Scorer.score`."""
        return self._known.put(self.baseline.score(edge_label_index), edge_label_index)

    def score_all(self, tf_index: Tensor, gene_index: Tensor) -> NDArray[Any]:
        """See `Scorer.score_all`."""
        scores = self.baseline.score_all(tf_index, gene_index)
        return self._known.put_all(scores, tf_index, gene_index)

    def _score_without(self, left_out: Tensor, edges: Tensor) -> NDArray[Any]:
        train = self.split.positives["train"]
        rest = train[:, ~left_out]
        split = replace(
            self.split,
            graph=with_messages(self.split.graph, rest),
            positives={**self.split.positives, "train": rest},
            set_aside=torch.cat([self.split.set_aside, edges], dim=1),
        )
        negatives = self.pairs.negatives
        generator = torch_generator(self.seed, "known edges", int(left_out.nonzero()[0]))
        order = torch.randperm(negatives.size(1), generator=generator)
        kept = order[: round(negatives.size(1) * rest.size(1) / train.size(1))].sort().values
        return self.fitted(split, LabelledPairs.join(rest, negatives[:, kept])).score(edges)
