"""Base of the heads whose logit is an inner product of one vector for each end."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Annotated, Literal

import torch
import torch.nn.functional as F  # noqa: N812 (PyTorch's own convention)
from pydantic import Field
from torch import Tensor, nn

from grnpyg.data.graph import GENE, TF
from grnpyg.models.groups import DEGREE, VECTORS
from grnpyg.models.heads.base import Head

Similarity = Literal["cosine", "dot"]
Temperature = Annotated[float, Field(gt=0)]


class FactorisingHead(Head):
    """logit = <embed(z_tf), embed(z_gene)> / tau + bias, so that one matrix product scores all pairs.

    A subclass writes `embed`, and `node_bias` if it has a bias.

    Args:
        temperature: tau; the start value if it is learned.
        learn_temperature: learn log tau.
    """

    def __init__(self, temperature: float, *, learn_temperature: bool = False) -> None:
        super().__init__()
        log_temperature = torch.tensor(temperature).log()
        self.log_temperature: Tensor
        if learn_temperature:
            self.log_temperature = nn.Parameter(log_temperature)
        else:
            self.register_buffer("log_temperature", log_temperature, persistent=False)

    @abstractmethod
    def embed(self, kind: str, z: Tensor) -> Tensor:
        """The vectors whose product is the similarity, (n, channels) -> (n, d) float32."""

    def node_bias(self, kind: str, z: Tensor, index: Tensor) -> Tensor | None:
        """What one end adds to a logit whatever the other end is; None: nothing.

        Args:
            kind: node type of the end.
            z: (n, channels).
            index: (n,) ids of the nodes.

        Returns:
            (n,).
        """
        return None

    @staticmethod
    def normalise(u: Tensor, similarity: str) -> Tensor:
        """The factors of the product: unit vectors for `cosine`, unscaled vectors for `dot`."""
        u = u.float()  # under bf16 the temperature would magnify the rounding of the similarity
        return F.normalize(u, dim=-1) if similarity == "cosine" else u

    def forward(self, z_tf: Tensor, z_gene: Tensor, edge_label_index: Tensor) -> Tensor:
        """See `Head.forward`."""
        tf, gene = edge_label_index
        bias = _sum(self.node_bias(TF, z_tf, tf), self.node_bias(GENE, z_gene, gene))
        return self._logits((self.embed(TF, z_tf) * self.embed(GENE, z_gene)).sum(-1), bias)

    def terms(self, z_tf: Tensor, z_gene: Tensor, edge_label_index: Tensor) -> dict[str, Tensor]:
        """What each end adds by itself is degree; see `Head.terms`."""
        logits, (tf, gene) = self(z_tf, z_gene, edge_label_index), edge_label_index
        of_tf, of_gene = self.node_bias(TF, z_tf, tf), self.node_bias(GENE, z_gene, gene)
        if of_tf is None or of_gene is None:  # one number for all pairs says nothing of degree
            return {VECTORS: logits}
        return {DEGREE: of_tf + of_gene, VECTORS: logits - (of_tf + of_gene)}

    def many_pairs(self, z_tf: Tensor, z_gene: Tensor) -> Callable[[Tensor], Tensor]:
        """Every node is embedded once; see `Head.many_pairs`."""
        (u_tf, of_tf), (u_gene, of_gene) = self._nodes(TF, z_tf), self._nodes(GENE, z_gene)

        def scored(pairs: Tensor) -> Tensor:
            tf, gene = pairs
            bias = _sum(None if of_tf is None else of_tf[tf], None if of_gene is None else of_gene[gene])
            return self._logits((u_tf[tf] * u_gene[gene]).sum(-1), bias)

        return scored

    def score_all(self, z_tf: Tensor, z_gene: Tensor, tf_index: Tensor, *, block: int = 1 << 15) -> Tensor:
        """One matrix product; see `Head.score_all`."""
        return FactorisingHead.all_pairs(self, z_tf, z_gene)(tf_index)

    def all_pairs(self, z_tf: Tensor, z_gene: Tensor) -> Callable[[Tensor], Tensor]:
        """Every gene is embedded once; see `Head.all_pairs`."""
        u_gene, of_gene = self._nodes(GENE, z_gene)

        def scored(tf_index: Tensor) -> Tensor:
            z = z_tf[tf_index]
            of_tf = self.node_bias(TF, z, tf_index)
            bias = _sum(None if of_tf is None else of_tf.unsqueeze(1), of_gene)
            return self._logits(self.embed(TF, z) @ u_gene.t(), bias)  # (n, num_genes)

        return scored

    def retrieval_vectors(self, z_tf: Tensor, z_gene: Tensor) -> tuple[Tensor, Tensor]:
        """The embedded nodes, with two more columns where there are biases; see `Head.retrieval_vectors`."""
        (u_tf, of_tf), (u_gene, of_gene) = self._nodes(TF, z_tf), self._nodes(GENE, z_gene)
        u_tf = u_tf / self.log_temperature.exp()
        if of_tf is None and of_gene is None:
            return u_tf, u_gene
        tf, gene = u_tf.new_ones(len(u_tf), 2), u_gene.new_ones(len(u_gene), 2)
        tf[:, 0], gene[:, 1] = 0.0 if of_tf is None else of_tf, 0.0 if of_gene is None else of_gene
        return torch.cat([u_tf, tf], dim=1), torch.cat([u_gene, gene], dim=1)

    def _nodes(self, kind: str, z: Tensor) -> tuple[Tensor, Tensor | None]:
        """Vectors and biases of all nodes of a type."""
        return self.embed(kind, z), self.node_bias(kind, z, torch.arange(z.size(0), device=z.device))

    def _logits(self, similarity: Tensor, bias: Tensor | None) -> Tensor:
        logits = similarity.div_(self.log_temperature.exp())  # in place: a block is larger than the cache
        return logits if bias is None else logits + bias


def _sum(first: Tensor | None, second: Tensor | None) -> Tensor | None:
    return second if first is None else first if second is None else first + second
