"""Skip-gram over random walks that alternate between TFs and genes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import torch
from pydantic import Field
from torch import Tensor
from torch_geometric import nn as pyg

from grnpyg.data.graph import GENE, REGULATED_BY, REGULATES, TF
from grnpyg.models.baselines.base import baselines
from grnpyg.models.baselines.pyg_model import DotProduct
from grnpyg.models.baselines.training_graph import TrainingGraph


@baselines.register("metapath2vec")
class MetaPath2Vec(DotProduct):
    """metapath2vec (Dong et al. 2017): nodes that are near on walks TF -> gene -> TF get similar vectors.

    `torch_geometric.nn.MetaPath2Vec`, whose walks need nothing but torch (its `Node2Vec` needs pyg-lib); on a
    graph of two kinds of nodes the walks are those of node2vec with p = q = 1. Walks start at the TFs. A
    negative walk draws each node from all nodes of the type at that step.

    Args:
        embedding_dim: of the vectors.
        walk_length: steps of a walk.
        context_size: nodes of a window, the first of which predicts the others.
        walks_per_node: walks from each TF in an epoch.
        num_negative_samples: random walks for each walk.
        epochs: passes over the TFs.
        lr: learning rate of Adam.
        batch_size: TFs in a batch.
    """

    def __init__(
        self,
        *,
        embedding_dim: Annotated[int, Field(ge=1)] = 16,
        walk_length: Annotated[int, Field(ge=1)] = 10,
        context_size: Annotated[int, Field(ge=2)] = 3,
        walks_per_node: Annotated[int, Field(ge=1)] = 20,
        num_negative_samples: Annotated[int, Field(ge=1)] = 1,
        epochs: Annotated[int, Field(ge=0)] = 100,
        lr: Annotated[float, Field(gt=0)] = 0.01,
        batch_size: Annotated[int, Field(ge=1)] = 128,
    ) -> None:
        super().__init__(epochs, lr, weight_decay=0.0)
        self.embedding_dim, self.batch_size = embedding_dim, batch_size
        self.walk_length, self.context_size = walk_length, min(context_size, walk_length + 1)
        self.walks_per_node, self.num_negative_samples = walks_per_node, num_negative_samples

    def build(self, graph: TrainingGraph) -> Any:
        """See `PyGModel.build`."""
        return pyg.MetaPath2Vec(
            {REGULATES: graph.edges, REGULATED_BY: graph.edges.flip(0)},
            self.embedding_dim,
            [REGULATES, REGULATED_BY],
            self.walk_length,
            self.context_size,
            self.walks_per_node,
            self.num_negative_samples,
            dict(zip((TF, GENE), graph.sizes, strict=True)),
        )

    def losses(self, model: Any, graph: TrainingGraph, generator: torch.Generator) -> Iterator[Tensor]:
        """See `PyGModel.losses`: the walks come from the global generator, which `fit` has seeded."""
        for walks, random_walks in model.loader(
            batch_size=self.batch_size, shuffle=True, generator=generator
        ):
            yield model.loss(walks, random_walks)

    def vectors(self, model: Any, graph: TrainingGraph) -> Tensor:
        """See `DotProduct.vectors`."""
        return graph.with_means(torch.cat([model(TF), model(GENE)]), graph.edge_index())
