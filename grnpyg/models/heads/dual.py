"""Dual encoder (bi-encoder, two-tower): the similarity of two independent encodings."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch
from torch import Tensor, nn

from grnpyg.data.graph import GENE, TF
from grnpyg.models.heads.base import PairShape, heads
from grnpyg.models.heads.factorising import FactorisingHead, Similarity, Temperature
from grnpyg.models.layers import Probability, Width, he_linear
from grnpyg.models.width_groups import Group, ReadOfZ, linear_cuts, mlp_group, reads_of_ends


@heads.register("dual")
class DualHead(FactorisingHead):
    """logit = sim(f(z_tf), g(z_gene)) / tau + bias, with f and g two-layer towers.

    Each tower's output is one vector per node, so all pairs are scored by one matrix product.

    Args:
        shape: the sizes of the inputs.
        hidden_channels: width of each tower's hidden layer.
        out_channels: width of each tower's output.
        similarity: `cosine` or `dot`.
        temperature: tau; the start value if it is learned.
        learn_temperature: learn log tau.
        bias: `none`; `global`, one number; or `per_node`, one per TF and per gene, which adds an additive
            degree model to the similarity.
        dropout: probability of dropping a hidden unit in training.
    """

    widths: ClassVar[tuple[str, ...]] = ("hidden_channels", "out_channels")
    representation: ClassVar[tuple[str, ...]] = ("tower.tf", "tower.gene")

    def __init__(
        self,
        shape: PairShape,
        *,
        hidden_channels: Width = 512,
        out_channels: Width = 512,
        similarity: Similarity = "cosine",
        temperature: Temperature = 0.05,
        learn_temperature: bool = False,
        bias: Literal["none", "global", "per_node"] = "none",
        dropout: Probability = 0.0,
    ) -> None:
        super().__init__(temperature, learn_temperature=learn_temperature)
        self.z_channels = {TF: shape.tf_channels, GENE: shape.gene_channels}
        self.similarity = similarity
        self.tower = nn.ModuleDict(
            {
                kind: nn.Sequential(
                    he_linear(in_channels, hidden_channels),
                    nn.ReLU(),
                    nn.Dropout(dropout),
                    he_linear(hidden_channels, out_channels),
                )
                for kind, in_channels in self.z_channels.items()
            }
        )
        sizes = {"none": (), "global": (1,), "per_node": (shape.num_tfs, shape.num_genes)}[bias]
        self.bias = nn.ParameterList([nn.Parameter(torch.zeros(size)) for size in sizes])

    def embed(self, kind: str, z: Tensor) -> Tensor:
        """The vectors whose product is the similarity, (n, channels) -> (n, out_channels)."""
        return self.normalise(self.tower[kind](z), self.similarity)

    def node_bias(self, kind: str, z: Tensor, index: Tensor) -> Tensor | None:
        """The number of each node; a global bias counts as one of the TFs."""
        bias: list[Tensor] = list(self.bias)
        if len(bias) == 2:
            return bias[0 if kind == TF else 1][index]
        return bias[0].expand(len(index)) if bias and kind == TF else None

    def groups(self) -> tuple[Group, ...]:
        """A hidden layer for each tower; output i of one tower meets output i of the other."""
        makes = tuple(cut for kind in (TF, GENE) for cut in linear_cuts(f"tower.{kind}.3"))
        layers = tuple(f"tower.{kind}.3" for kind in (TF, GENE))
        return (*self.hidden_groups(), Group("out_channels", makes, layers=layers))

    def hidden_groups(self) -> tuple[Group, ...]:
        """The hidden layers of the two towers."""
        return tuple(mlp_group(f"tower.{kind}", "hidden_channels", 0, 3) for kind in (TF, GENE))

    def reads_of_z(self) -> tuple[ReadOfZ, ...]:
        """The first layer of each tower."""
        return reads_of_ends(self.z_channels, "tower.{}.0")
