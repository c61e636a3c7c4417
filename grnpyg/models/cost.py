"""What a model costs: parameters in tables, and multiplications per pair."""

from __future__ import annotations

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode
from torch_geometric.data import HeteroData

from grnpyg.data.graph import GENE, TF
from grnpyg.models.predictor import PairModel, evaluating


def embedding_parameters(model: nn.Module) -> int:
    """Number of parameters in embedding tables."""
    return sum(module.weight.numel() for module in model.modules() if isinstance(module, nn.Embedding))


@torch.no_grad()
def macs_per_pair(model: PairModel, data: HeteroData) -> int:
    """Multiply-accumulates of the matrix products that score one pair.

    An encoder that reads no edges encodes the two ends of each pair. An encoder that passes messages encodes
    the graph once for all pairs, so only the head counts. The latency ratio of a pruned run covers both.

    Args:
        model: the predictor.
        data: the graph.
    """
    edge_label_index = torch.zeros(2, 64, dtype=torch.long)  # the count is the same for each pair
    counter = FlopCounterMode(display=False)
    with evaluating(model):
        if model.encoder.uses_messages:
            z = model.encoder(data)
            ends = z[TF][edge_label_index[0]], z[GENE][edge_label_index[1]]
            with counter:
                model.logits(model.head(*ends, edge_label_index), data, edge_label_index)
        else:
            with counter:
                model(data, edge_label_index)
    return int(counter.get_total_flops()) // 2 // edge_label_index.size(1)
