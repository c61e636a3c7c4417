"""Base of the heads that give a node several vectors."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import ClassVar

import torch
import torch.nn.functional as F  # noqa: N812 (PyTorch's own convention)
from torch import Tensor, nn

from grnpyg.data.graph import GENE, TF
from grnpyg.models.heads.base import Head, PairShape
from grnpyg.models.layers import he_linear
from grnpyg.models.width_groups import Cut, Group, ReadOfZ, linear_cuts, reads_of_ends


class SeveralVectorsHead(Head):
    """Towers that give k vectors of a node; a pair's logit comes from two small sets of vectors.

    A subclass writes `interact`. Where many pairs are scored, what `nodes` gives is computed once a node.

    Args:
        shape: the sizes of the inputs.
        hidden_channels: width of each tower's hidden layer.
        out_channels: width of each vector.
        vectors: how many, by node type.
        temperature: tau.
        dropout: probability of dropping a hidden unit in training.
    """

    widths: ClassVar[tuple[str, ...]] = ("hidden_channels", "out_channels")
    representation: ClassVar[tuple[str, ...]] = ("tower.tf", "tower.gene")

    def __init__(
        self,
        shape: PairShape,
        hidden_channels: int,
        out_channels: int,
        vectors: Mapping[str, int],
        temperature: float,
        dropout: float,
    ) -> None:
        super().__init__()
        self.z_channels = {TF: shape.tf_channels, GENE: shape.gene_channels}
        self.vectors, self.temperature = dict(vectors), temperature
        self.tower = nn.ModuleDict(
            {
                kind: _Tower(channels, hidden_channels, out_channels, vectors[kind], dropout)
                for kind, channels in self.z_channels.items()
            }
        )

    @abstractmethod
    def interact(self, tf: Tensor, gene: Tensor) -> Tensor:
        """Logits from what `nodes` gives of both ends.

        Args:
            tf: (n, k, d) of each pair's TF, or (k, d) of one TF for all.
            gene: (n, m, d) of each pair's gene.

        Returns:
            (n,).
        """

    def nodes(self, kind: str, z: Tensor) -> Tensor:
        """The vectors of nodes, (n, channels) -> (n, k, out_channels), each of length 1, float32."""
        vectors = self.tower[kind](z).unflatten(-1, (self.vectors[kind], -1))
        return F.normalize(vectors.float(), dim=-1)  # under bf16 tau would magnify the rounding

    def forward(self, z_tf: Tensor, z_gene: Tensor, edge_label_index: Tensor) -> Tensor:
        """See `Head.forward`."""
        return self.interact(self.nodes(TF, z_tf), self.nodes(GENE, z_gene))

    def many_pairs(self, z_tf: Tensor, z_gene: Tensor) -> Callable[[Tensor], Tensor]:
        """Every node goes through its tower once; see `Head.many_pairs`."""
        tf, gene = self.nodes(TF, z_tf), self.nodes(GENE, z_gene)
        return lambda pairs: self.interact(tf[pairs[0]], gene[pairs[1]])

    def score_all(self, z_tf: Tensor, z_gene: Tensor, tf_index: Tensor, *, block: int = 1 << 15) -> Tensor:
        """Every node goes through its tower once; see `Head.score_all`."""
        tfs, blocks = self.nodes(TF, z_tf[tf_index]), self.nodes(GENE, z_gene).split(block)
        rows = [torch.cat([self.interact(tf, genes) for genes in blocks]) for tf in tfs]
        return torch.stack(rows) if rows else z_gene.new_empty(0, z_gene.size(0))

    def all_pairs(self, z_tf: Tensor, z_gene: Tensor) -> Callable[[Tensor], Tensor]:
        """Every gene goes through its tower once; see `Head.all_pairs`."""
        genes = self.nodes(GENE, z_gene)
        return lambda tf_index: torch.stack(
            [self.interact(tf, genes) for tf in self.nodes(TF, z_tf[tf_index])]
        )

    def groups(self) -> tuple[Group, ...]:
        """The hidden layer of each tower; column i of all vectors of both ends."""
        layers = [f"tower.{kind}.vectors.{i}" for kind, k in self.vectors.items() for i in range(k)]
        makes = tuple(cut for layer in layers for cut in linear_cuts(layer))
        hidden = tuple(
            Group(
                "hidden_channels",
                linear_cuts(f"tower.{kind}.hidden.0"),
                tuple(Cut(f"tower.{kind}.vectors.{i}.weight", 1) for i in range(k)),
                (f"tower.{kind}.hidden.1",),
            )
            for kind, k in self.vectors.items()
        )
        return (*hidden, Group("out_channels", makes, layers=tuple(layers)))

    def reads_of_z(self) -> tuple[ReadOfZ, ...]:
        """The first layer of each tower."""
        return reads_of_ends(self.z_channels, "tower.{}.hidden.0")


class _Tower(nn.Module):
    """A hidden layer, then one linear layer for each of k vectors."""

    def __init__(self, channels: int, hidden: int, out: int, vectors: int, dropout: float) -> None:
        super().__init__()
        self.hidden = nn.Sequential(he_linear(channels, hidden), nn.ReLU(), nn.Dropout(dropout))
        self.vectors = nn.ModuleList(he_linear(hidden, out) for _ in range(vectors))

    def forward(self, z: Tensor) -> Tensor:
        """(n, channels) -> (n, k * out)."""
        hidden = self.hidden(z)
        return torch.cat([layer(hidden) for layer in self.vectors], dim=-1)
