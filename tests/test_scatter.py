"""torch-scatter is optional: PyG picks it up by itself, and results do not depend on it."""

from __future__ import annotations

import pytest
import torch
import torch_geometric.typing
from torch_geometric.data import HeteroData
from torch_geometric.nn import GATConv, SAGEConv

from grnpyg.data.graph import GENE, REGULATED_BY, REGULATES, TF
from grnpyg.models.encoders import NodeEncoder
from grnpyg.models.predictor import build_model
from grnpyg.splits import LinkSplit


class AttentionEncoder(NodeEncoder):
    """Uses the reductions that PyG hands to torch-scatter: maximum, and softmax over neighbours."""

    def __init__(self, data: HeteroData, *, hidden_channels: int = 8) -> None:
        super().__init__(hidden_channels)
        width = (data[TF].num_features, data[GENE].num_features)
        self.down = SAGEConv(width, hidden_channels, aggr="max")
        self.up = GATConv(width[::-1], hidden_channels, add_self_loops=False)

    def forward(self, data: HeteroData) -> dict[str, torch.Tensor]:
        x = data.x_dict
        down = self.down((x[TF], x[GENE]), data[REGULATES].edge_index)
        return {GENE: down, TF: self.up((x[GENE], x[TF]), data[REGULATED_BY].edge_index)}


@pytest.mark.skipif(not torch_geometric.typing.WITH_TORCH_SCATTER, reason="torch-scatter is not installed")
def test_equal_results_with_and_without(split: LinkSplit, monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = split.positives["train"]
    results = []
    for active in (True, False):
        monkeypatch.setattr(torch_geometric.typing, "WITH_TORCH_SCATTER", active)
        model = build_model(split.graph, {"name": AttentionEncoder}, {"name": "cross"}, seed=0)
        logits = model(split.graph, pairs)
        logits.sum().backward()
        gradients = [p.grad for p in model.parameters() if p.grad is not None]
        results.append([logits, *gradients])
    assert len(results[0]) > 5
    for with_scatter, without in zip(*results, strict=True):
        torch.testing.assert_close(with_scatter, without)
