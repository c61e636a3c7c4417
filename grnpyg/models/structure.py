"""The structure term of a predictor: pair features of the message edges -> a term of the logit."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 (PyTorch's own convention)
from torch import Tensor, nn
from torch.utils.weak import WeakTensorKeyDictionary
from torch_geometric.data import HeteroData

from grnpyg.core.errors import InputError
from grnpyg.core.sharing import whole
from grnpyg.data.graph import GENE, REGULATES, TF
from grnpyg.models.groups import require_groups
from grnpyg.models.pair_features import Messages, PairNumber, pair_features, table
from grnpyg.models.structure_layers import ByGroup, joint

BLOCK = 1 << 17  # pairs whose features are held at a time
ROWS = 1 << 12  # pairs that go through the layers at a time, so that their units stay in a core's cache
TOP = "top"  # the output that orders the pairs which all others are sure of


class StructureTerm(nn.Module):
    """MLP of the pair features, added to the logit of any head.

    The features are a function of the message edges of the graph that is passed in. A scored pair's edge
    is not among these edges (`splits.messages.fold`), so its features do not contain the answer. They are
    computed at the pairs that are asked for, from what each feature keeps of a graph: at most a few matrices
    TFs x TFs (see `PairFeature.numbers`), for as long as the graph's edges are in memory.

    Args:
        data: a graph with the nodes of those to be scored; decides how many numbers a feature gives.
        features: names of pair features.
        hidden_channels: width of the two hidden layers.
        dropout: probability of dropping a unit of the first one in training.
        outputs: kinds of negatives with an output each, see `combined`; none: a single output.
        top_features: those of the features that a second MLP reads, whose only output, `top`, orders the
            pairs that the outputs are sure of; none: `uniform` does.
        additive: an MLP for each group of features, whose terms are added; else one reads all of them.

    Attributes:
        names: of the numbers of a pair.
        groups: the group of each number, see `grnpyg.models.groups`.

    Raises:
        InputError: the features give no number, as those of knowledge for a graph without any; or one is of
            an unknown group.
    """

    top_columns: Tensor

    def __init__(
        self,
        data: HeteroData,
        features: tuple[str, ...],
        *,
        hidden_channels: int = 64,
        dropout: float = 0.1,
        outputs: tuple[str, ...] = (),
        top_features: tuple[str, ...] = (),
        additive: bool = False,
    ) -> None:
        super().__init__()
        self.outputs = (*outputs, TOP) if top_features else outputs
        self.features = [pair_features.build(name) for name in features]
        for name, feature in zip(features, self.features, strict=True):
            require_groups([feature.group], f"pair feature {name}")
        widths = [feature.width(data) for feature in self.features]
        self.names = [
            f"{name}, number {number} of {width}"
            for name, width in zip(features, widths, strict=True)
            for number in range(1, width + 1)
        ]
        self.groups = [
            feature.group for feature, width in zip(self.features, widths, strict=True) for _ in range(width)
        ]
        self.additive = additive
        if not self.names:
            raise InputError(
                f"{', '.join(features)} give no number for this graph: it holds no knowledge",
                where="structure.features",
                fix="name a source (`--knowledge go`), or another pair feature",
            )
        self._kept: Any = WeakTensorKeyDictionary()

        def reader(groups: list[str], num_outputs: int) -> nn.Sequential:
            if additive:
                by_group = ByGroup(groups, hidden_channels, num_outputs, dropout)
                return nn.Sequential(Standardise(len(groups)), by_group)
            return nn.Sequential(
                Standardise(len(groups)), *joint(len(groups), hidden_channels, num_outputs, dropout)
            )

        self.mlp = reader(self.groups, max(1, len(outputs)))
        if top_features:
            of_top = [name.partition(",")[0] in top_features for name in self.names]
            self.register_buffer("top_columns", torch.tensor(of_top).nonzero().squeeze(1), persistent=False)
            self.top = reader([g for g, read in zip(self.groups, of_top, strict=True) if read], 1)

    def __getstate__(self) -> dict[str, Any]:
        """State without the numbers, which every process and copy computes for its own graphs."""
        return {key: value for key, value in self.__dict__.items() if key != "_kept"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self._kept = WeakTensorKeyDictionary()

    def numbers(self, data: HeteroData) -> list[PairNumber]:
        """The pair numbers of the graph's message edges, in the order of `names`."""
        edges = data[REGULATES].edge_index
        sources = [data[TF][kind] for feature in self.features for kind in feature.needs]
        kept = self._kept.get(edges)
        if kept is not None and all(a is b for a, b in zip(kept[0], sources, strict=True)):
            found: list[PairNumber] = kept[1]
            return found
        messages = Messages(data)
        numbers = [number for feature in self.features for number in feature.checked(messages)]
        self._kept[edges] = (sources, numbers)
        return numbers

    def values(self, data: HeteroData, edge_label_index: Tensor) -> Tensor:
        """The features of pairs, (2, num_pairs) -> (num_pairs, num_features) float32.

        Raises:
            InputError: a feature is not finite; the message names it.
        """
        tf, gene = edge_label_index.cpu().numpy()
        numbers = self.numbers(data)
        if (tf[1:] >= tf[:-1]).all():
            result = table(numbers, tf, gene)
        else:  # sorted by TF it is faster, see `PairNumber.at`
            order = np.argsort(tf, kind="stable")
            result = np.empty((tf.size, len(numbers)), np.float32)
            result[order] = table(numbers, tf[order], gene[order])
        finite = np.isfinite(result).all(axis=0)
        if not finite.all():
            name = self.names[int(finite.argmin())]
            raise InputError("gives values that are not finite", where=f"pair feature {name}")
        return torch.from_numpy(result).to(edge_label_index.device)

    def forward(self, data: HeteroData, edge_label_index: Tensor) -> Tensor:
        """The term of every output, (2, num_pairs) -> (num_pairs, num_outputs)."""
        values = self.values(data, edge_label_index)
        return self._terms(values) if self.training else torch.cat([*map(self._terms, values.split(ROWS))])

    def _terms(self, values: Tensor, mask: Tensor | None = None) -> Tensor:
        """(num_pairs, num_features) -> (num_pairs, num_outputs); `mask` (num_features,): see `of_groups`."""
        terms = _read(self.mlp, values, mask)
        if TOP in self.outputs:
            columns = self.top_columns
            own = None if mask is None else mask[columns]
            terms = torch.cat([terms, _read(self.top, values.index_select(1, columns), own)], dim=1)
        return terms

    def of_groups(self, values: Tensor, present: Collection[str]) -> Tensor:
        """The term of every output where some groups of features are known alone.

        The others are at their mean over the training pairs.

        Args:
            values: (num_pairs, num_features) from `values`.
            present: the groups that are known.

        Returns:
            (num_pairs, num_outputs)
        """
        mask = torch.tensor([group in present for group in self.groups], device=values.device)
        return torch.cat([self._terms(rows, mask) for rows in values.split(ROWS)])

    def score_all(self, data: HeteroData, tf_index: Tensor) -> Tensor:
        """`forward` for some TFs (n,) with every gene, (n, num_genes, num_outputs)."""
        num_genes = int(data[GENE].num_nodes)
        genes = torch.arange(num_genes, device=tf_index.device)
        terms = [
            self(data, torch.cartesian_prod(some, genes).t())
            for some in tf_index.split(max(1, BLOCK // num_genes))
        ]
        return torch.cat(terms).view(tf_index.numel(), num_genes, -1)

    def constant(self) -> list[str]:
        """The features that were the same for every pair of the training, so that they were left out."""
        standardise = self.mlp[0]
        assert isinstance(standardise, Standardise)
        flags = standardise.constant.tolist()
        return [name for name, flag in zip(self.names, flags, strict=True) if flag]


def _read(reader: nn.Sequential, values: Tensor, mask: Tensor | None) -> Tensor:
    """What a reader makes of features, of which those that the mask leaves out are at their training mean."""
    if mask is None:
        term: Tensor = reader(values)
    else:
        term = reader[1:](reader[0](values) * mask)  # a standardised feature has mean 0
    return term


def combined(logits: Tensor, outputs: tuple[str, ...]) -> Tensor:
    """The score of pairs from the logits of all outputs: log 2 sigmoid(m) + u / 10.

    Output k tells positives from its own kind of negatives, so its odds are the density of positives over
    that of these negatives. Against a mixture of all kinds in equal shares the odds are 1 / mean(1 / odds_k)
    (Bayes), whose logarithm is m. Where m is large, no kind of negatives is a likely explanation, and the
    score stops growing with m. Pairs that all these outputs are sure of are ordered by u, the output `top`
    or else the first one, which learned from negatives as frequent as they are in a whole network.

    Args:
        logits: (..., num_outputs).
        outputs: their names; empty: the single output is the score.

    Returns:
        (...,)

    Example:
        >>> combined(torch.tensor([[0.0, 0.0]]), ("uniform", "same_tf"))  # m = u = 0
        tensor([0.])
    """
    if not outputs:
        return logits.squeeze(-1)
    last = logits.size(-1) - (TOP in outputs)
    balanced = math.log(last) - torch.logsumexp(-logits[..., :last], dim=-1)
    return F.logsigmoid(balanced) + math.log(2) + logits[..., last % logits.size(-1)] / 10


class Standardise(nn.BatchNorm1d):
    """Scales features by the mean and variance of all training pairs so far, in training as in scoring.

    Batch normalisation would scale a batch by its own statistics. Epochs that practise on unseen nodes
    have other features than those of seen ones, so the same pair would look different in each. After the
    training, values are clipped one standard deviation beyond the range of the training pairs, `low` to
    `high`, and a feature that was constant in training is 0, so that the layers above get nothing that is
    far from what they have seen.

    Args:
        num_features: columns.
    """

    low: Tensor
    high: Tensor
    running_mean: Tensor
    running_var: Tensor
    num_batches_tracked: Tensor

    def __init__(self, num_features: int) -> None:
        super().__init__(num_features, affine=False, momentum=None)  # the mean over all batches
        self.register_buffer("low", torch.zeros(num_features))
        self.register_buffer("high", torch.zeros(num_features))

    @property
    def constant(self) -> Tensor:
        """(num_features,) whether a column had one value in training; all False before a training."""
        one_value = self.high - self.low <= 1e-6 * self.high.abs().clamp(min=1.0)
        return one_value & (self.num_batches_tracked > 0)

    def forward(self, features: Tensor) -> Tensor:
        """(num_pairs, num_features) -> the same, of mean 0 and variance 1 over the training pairs."""
        begun = int(self.num_batches_tracked) > 0
        if self.training:
            with torch.no_grad():
                batch = whole(features)
                low, high = batch.amin(dim=0), batch.amax(dim=0)
                self.low.copy_(torch.minimum(self.low, low) if begun else low)
                self.high.copy_(torch.maximum(self.high, high) if begun else high)
                if len(batch) > 1:
                    super().forward(batch)  # counts it
        elif begun:
            margin = self.running_var.sqrt()
            features = features.clamp(self.low - margin, self.high + margin)
        scaled = F.batch_norm(features, self.running_mean, self.running_var, eps=self.eps)
        constant = self.constant
        return scaled.masked_fill(constant, 0.0) if constant.any() else scaled

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *args: Any) -> None:
        """Read weights that were stored without a range, before there was one, as of an unlimited range."""
        most = torch.finfo(torch.float32).max
        for name, end in (("low", -most), ("high", most)):
            state_dict.setdefault(f"{prefix}{name}", torch.full((self.num_features,), end))
        super()._load_from_state_dict(state_dict, prefix, *args)
