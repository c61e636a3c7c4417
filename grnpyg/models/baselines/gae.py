"""Graph auto-encoders, plain and variational."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import torch
from pydantic import Field
from torch import Tensor, nn
from torch_geometric import nn as pyg

from grnpyg.models.baselines.base import baselines
from grnpyg.models.baselines.pyg_model import DotProduct, inner_products
from grnpyg.models.baselines.training_graph import TrainingGraph


class Encoder(nn.Module):
    """id embedding -> GCN -> ReLU -> one GCN per output: `z`, or mu and log sigma."""

    def __init__(self, num_nodes: int, hidden_channels: int, out_channels: int, num_outputs: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(num_nodes, hidden_channels)
        nn.init.xavier_uniform_(self.embedding.weight)
        self.first = pyg.GCNConv(hidden_channels, hidden_channels)
        self.outputs = nn.ModuleList(pyg.GCNConv(hidden_channels, out_channels) for _ in range(num_outputs))

    def forward(self, edge_index: Tensor) -> Any:
        """(num_nodes, out_channels), or a tuple with one per output."""
        x = self.first(self.embedding.weight, edge_index).relu()
        outputs = tuple(conv(x, edge_index) for conv in self.outputs)
        return outputs if len(outputs) > 1 else outputs[0]


class Decoder(nn.Module):
    """The inner product of PyG's `InnerProductDecoder`, with a deterministic gradient."""

    def forward(self, z: Tensor, edge_index: Tensor, sigmoid: bool = True) -> Tensor:
        """(num_pairs,) probabilities, or logits."""
        logits = inner_products(z, edge_index)
        return logits.sigmoid() if sigmoid else logits


class AutoEncoder(DotProduct):
    """Encode the training graph, decode its edges, in one full batch an epoch (Kipf & Welling 2016).

    The standard recipe: TF -> gene edges in both directions and the ties of TFs to their own genes are the
    messages, and every training edge is decoded while it is among them (unlike for grnpyg's own encoders, the
    edges being scored are not removed). Each edge gets one negative, a TF and a gene without an edge.
    """

    def __init__(
        self, hidden_channels: int, out_channels: int, epochs: int, lr: float, weight_decay: float
    ) -> None:
        super().__init__(epochs, lr, weight_decay)
        self.hidden_channels, self.out_channels = hidden_channels, out_channels

    def losses(self, model: Any, graph: TrainingGraph, generator: torch.Generator) -> Iterator[Tensor]:
        """See `PyGModel.losses`."""
        negatives = graph.negatives(graph.edges.size(1), generator)
        z = model.encode(graph.edge_index(own=True))
        yield model.recon_loss(z, graph.homogeneous(graph.edges), graph.homogeneous(negatives))

    def vectors(self, model: Any, graph: TrainingGraph) -> Tensor:
        """See `DotProduct.vectors`."""
        edge_index = graph.edge_index(own=True)
        return graph.with_means(model.encode(edge_index), edge_index)


@baselines.register("gae")
class GAE(AutoEncoder):
    """Graph auto-encoder: two GCN layers over id embeddings, inner product (`torch_geometric.nn.GAE`).

    Args:
        hidden_channels: of the id embedding and the first layer.
        out_channels: of the vectors.
        epochs: full batches.
        lr: learning rate of Adam.
        weight_decay: L2 penalty of Adam.
    """

    def __init__(
        self,
        *,
        hidden_channels: Annotated[int, Field(ge=1)] = 64,
        out_channels: Annotated[int, Field(ge=1)] = 32,
        epochs: Annotated[int, Field(ge=0)] = 200,
        lr: Annotated[float, Field(gt=0)] = 0.01,
        weight_decay: Annotated[float, Field(ge=0)] = 3e-4,
    ) -> None:
        super().__init__(hidden_channels, out_channels, epochs, lr, weight_decay)

    def build(self, graph: TrainingGraph) -> Any:
        """See `PyGModel.build`."""
        return pyg.GAE(Encoder(graph.num_nodes, self.hidden_channels, self.out_channels, 1), Decoder())


@baselines.register("vgae")
class VGAE(AutoEncoder):
    """Variational graph auto-encoder: mean and variance from the graph, scored by the means.

    `torch_geometric.nn.VGAE`; the loss is reconstruction plus the divergence from a standard normal over the
    number of nodes.

    Args:
        hidden_channels: of the id embedding and the first layer.
        out_channels: of the vectors.
        epochs: full batches.
        lr: learning rate of Adam.
        weight_decay: L2 penalty of Adam.
    """

    def __init__(
        self,
        *,
        hidden_channels: Annotated[int, Field(ge=1)] = 64,
        out_channels: Annotated[int, Field(ge=1)] = 32,
        epochs: Annotated[int, Field(ge=0)] = 200,
        lr: Annotated[float, Field(gt=0)] = 0.01,
        weight_decay: Annotated[float, Field(ge=0)] = 1e-4,
    ) -> None:
        super().__init__(hidden_channels, out_channels, epochs, lr, weight_decay)

    def build(self, graph: TrainingGraph) -> Any:
        """See `PyGModel.build`."""
        return pyg.VGAE(Encoder(graph.num_nodes, self.hidden_channels, self.out_channels, 2), Decoder())

    def losses(self, model: Any, graph: TrainingGraph, generator: torch.Generator) -> Iterator[Tensor]:
        """See `PyGModel.losses`."""
        for reconstruction in super().losses(model, graph, generator):
            yield reconstruction + model.kl_loss() / graph.num_nodes
