"""LightGCN and matrix factorisation (LightGCN without layers), trained by Bayesian personalised ranking."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import Annotated, Any

import torch
from pydantic import Field
from torch import Tensor
from torch_geometric import nn as pyg
from torch_geometric.nn.models.lightgcn import BPRLoss

from grnpyg.models.baselines.base import baselines
from grnpyg.models.baselines.pyg_model import DotProduct, inner_products
from grnpyg.models.baselines.training_graph import TrainingGraph


class Recommender(DotProduct):
    """`torch_geometric.nn.LightGCN` with its BPR loss: TFs are users, genes are items.

    -ln sigma(score(tf, gene) - score(tf, other gene)) over the training edges, plus an L2 penalty on the
    initial vectors of the nodes of a batch (He et al. 2020, arXiv 2002.02126, equation 15).
    PyG's `recommendation_loss` computes the same with `embedding[node]`, whose gradient is not deterministic
    on several threads.
    """

    def __init__(
        self, embedding_dim: int, lambda_reg: float, epochs: int, lr: float, batch_size: int
    ) -> None:
        super().__init__(epochs, lr, weight_decay=0.0)
        self.embedding_dim, self.lambda_reg, self.batch_size = embedding_dim, lambda_reg, batch_size

    @abstractmethod
    def build(self, graph: TrainingGraph) -> Any:
        """See `PyGModel.build`."""

    def losses(self, model: Any, graph: TrainingGraph, generator: torch.Generator) -> Iterator[Tensor]:
        """See `PyGModel.losses`: one negative gene per edge."""
        edge_index, bpr = graph.edge_index(), BPRLoss(self.lambda_reg)
        for pairs in graph.batches(self.batch_size, generator):
            z = model.get_embedding(edge_index)
            positive, negative = (
                graph.homogeneous(some) for some in (pairs, graph.corrupt(pairs, 1, generator))
            )
            nodes = torch.cat([*positive, negative[1]])
            initial = model.embedding.weight.index_select(0, nodes)
            yield bpr(inner_products(z, positive), inner_products(z, negative), initial)

    def vectors(self, model: Any, graph: TrainingGraph) -> Tensor:
        """See `DotProduct.vectors`."""
        edge_index = graph.edge_index()
        return graph.with_means(model.get_embedding(edge_index), edge_index)


@baselines.register("lightgcn")
class LightGCN(Recommender):
    """LightGCN: vectors averaged over the hops of the training graph, ranked by BPR.

    The edge that is being scored is among the messages, as in the paper.

    Args:
        embedding_dim: of the vectors.
        num_layers: hops.
        lambda_reg: of the L2 penalty.
        epochs: passes over the training edges.
        lr: learning rate of Adam.
        batch_size: edges in a batch.
    """

    def __init__(
        self,
        *,
        embedding_dim: Annotated[int, Field(ge=1)] = 64,
        num_layers: Annotated[int, Field(ge=1)] = 3,
        lambda_reg: Annotated[float, Field(ge=0)] = 0.01,
        epochs: Annotated[int, Field(ge=0)] = 60,
        lr: Annotated[float, Field(gt=0)] = 0.01,
        batch_size: Annotated[int, Field(ge=1)] = 2048,
    ) -> None:
        super().__init__(embedding_dim, lambda_reg, epochs, lr, batch_size)
        self.num_layers = num_layers

    def build(self, graph: TrainingGraph) -> Any:
        """See `PyGModel.build`."""
        return pyg.LightGCN(graph.num_nodes, self.embedding_dim, self.num_layers)


@baselines.register("bpr")
class BPR(Recommender):
    """Matrix factorisation by BPR with a strong L2 penalty (Rendle et al. 2009): LightGCN without a layer.

    Args:
        embedding_dim: of the vectors.
        lambda_reg: of the L2 penalty.
        epochs: passes over the training edges.
        lr: learning rate of Adam.
        batch_size: edges in a batch.
    """

    def __init__(
        self,
        *,
        embedding_dim: Annotated[int, Field(ge=1)] = 64,
        lambda_reg: Annotated[float, Field(ge=0)] = 0.05,
        epochs: Annotated[int, Field(ge=0)] = 60,
        lr: Annotated[float, Field(gt=0)] = 0.01,
        batch_size: Annotated[int, Field(ge=1)] = 2048,
    ) -> None:
        super().__init__(embedding_dim, lambda_reg, epochs, lr, batch_size)

    def build(self, graph: TrainingGraph) -> Any:
        """See `PyGModel.build`."""
        return pyg.LightGCN(graph.num_nodes, self.embedding_dim, num_layers=0)
