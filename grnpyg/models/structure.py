"""The structure term of a predictor: pair features of the message edges -> a term of the logit."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 (PyTorch's own convention)
from torch import Tensor, nn
from torch.utils.weak import WeakTensorKeyDictionary
from torch_geometric.data import HeteroData

from grnpyg.data.graph import REGULATES, TF
from grnpyg.models.layers import he_linear
from grnpyg.models.pair_features import Messages, pair_features

BLOCK = 1 << 17  # pairs whose features are held in full precision at a time


class StructureTerm(nn.Module):
    """MLP of the pair features, added to the logit of any head.

    The features are a function of the message edges of the graph that is passed in. A training pair's edge
    is not among these edges (`splits.messages.fold`), so its features do not contain the answer. The tables
    of a graph are kept in half precision as long as its edges are in memory: 2 bytes x TFs x genes x number
    of features.

    Args:
        features: names of pair features.
        hidden_channels: width of the two hidden layers.
        dropout: probability of dropping a unit of the first one in training.
    """

    def __init__(self, features: tuple[str, ...], *, hidden_channels: int = 64, dropout: float = 0.1) -> None:
        super().__init__()
        self.features = [pair_features.build(name) for name in features]
        self._tables: Any = WeakTensorKeyDictionary()
        width = sum(feature.num_tables for feature in self.features)
        self.mlp = nn.Sequential(
            Standardise(width, affine=False),
            he_linear(width, hidden_channels),
            nn.ReLU(),
            nn.Dropout(dropout),
            he_linear(hidden_channels, hidden_channels),
            nn.ReLU(),
            he_linear(hidden_channels, 1),
        )

    def __getstate__(self) -> dict[str, Any]:
        """State without the tables, which every process and copy computes for its own graphs."""
        return {key: value for key, value in self.__dict__.items() if key != "_tables"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self._tables = WeakTensorKeyDictionary()

    def tables(self, data: HeteroData) -> Tensor:
        """(num_tfs, num_genes, num_features) float16 of the graph's message edges."""
        edges = data[REGULATES].edge_index
        sources = [data[TF][kind] for feature in self.features for kind in feature.needs]
        kept = self._tables.get(edges)
        if kept is not None and all(a is b for a, b in zip(kept[0], sources, strict=True)):
            found: Tensor = kept[1]
            return found
        messages = Messages(data)
        table = np.stack(
            [column.astype(np.float16) for feature in self.features for column in feature.checked(messages)],
            axis=-1,
        )
        result = torch.from_numpy(table).to(edges.device)
        self._tables[edges] = (sources, result)
        return result

    def forward(self, data: HeteroData, edge_label_index: Tensor) -> Tensor:
        """The term of the logits, (2, num_pairs) -> (num_pairs,)."""
        tables = self.tables(data)
        at = edge_label_index[0] * tables.size(1) + edge_label_index[1]
        features = tables.view(-1, tables.size(2)).index_select(0, at).float()
        share: Tensor = self.mlp(features).squeeze(-1)
        return share

    def score_all(self, data: HeteroData, tf_index: Tensor) -> Tensor:
        """The terms of some TFs (n,) with every gene, (n, num_genes); equal to `forward` on the pairs."""
        tables = self.tables(data)
        flat = tables[tf_index].view(-1, tables.size(2))
        shares = [self.mlp(block.float()).squeeze(-1) for block in flat.split(BLOCK)]
        return torch.cat(shares).view(tf_index.numel(), tables.size(1))


class Standardise(nn.BatchNorm1d):
    """Batch normalisation that uses the running statistics for a batch of a single pair."""

    def forward(self, features: Tensor) -> Tensor:
        """(num_pairs, num_features) -> the same, of mean 0 and variance 1."""
        if len(features) == 1 and self.training:
            return F.batch_norm(features, self.running_mean, self.running_var, eps=self.eps)
        return super().forward(features)
