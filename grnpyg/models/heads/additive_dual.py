"""Additive dual head: what each end adds by itself, and beside it what only the pair adds."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor, nn

from grnpyg.data.graph import GENE, TF
from grnpyg.models.heads.base import PairShape, heads
from grnpyg.models.heads.dual import DualHead
from grnpyg.models.heads.factorising import Similarity, Temperature
from grnpyg.models.layers import Probability, Width, he_linear
from grnpyg.models.width_groups import Cut, Group, mlp_group


@heads.register("additive_dual")
class AdditiveDualHead(DualHead):
    """logit = a_tf + b_gene + sim(f(z_tf), g(z_gene)) / tau.

    a and b are the degree part: a number of each node, and beside it a linear read-out of its tower's hidden
    layer, so that a node without a training edge has a degree part, too. The dual encoder has the rest of the
    logit to itself.

    Args:
        shape: the sizes of the inputs.
        hidden_channels: width of each tower's hidden layer.
        out_channels: width of each tower's output.
        similarity: `cosine` or `dot`.
        temperature: tau.
        dropout: probability of dropping a hidden unit in training.
    """

    widths: ClassVar[tuple[str, ...]] = ("hidden_channels", "out_channels")

    def __init__(
        self,
        shape: PairShape,
        *,
        hidden_channels: Width = 512,
        out_channels: Width = 512,
        similarity: Similarity = "cosine",
        temperature: Temperature = 0.05,
        dropout: Probability = 0.0,
    ) -> None:
        super().__init__(
            shape,
            hidden_channels=hidden_channels,
            out_channels=out_channels,
            similarity=similarity,
            temperature=temperature,
            bias="per_node",
            dropout=dropout,
        )
        self.read_out = nn.ModuleDict({kind: he_linear(hidden_channels, 1) for kind in (TF, GENE)})

    def node_bias(self, kind: str, z: Tensor, index: Tensor) -> Tensor:
        """The degree part of one end."""
        own = super().node_bias(kind, z, index)
        assert own is not None
        *hidden, _ = self.tower[kind].children()
        read: Tensor = self.read_out[kind](nn.Sequential(*hidden)(z))
        return own + read.float().squeeze(-1)

    def hidden_groups(self) -> tuple[Group, ...]:
        """The hidden layers of the two towers, which the read-outs read as well."""
        groups = []
        for kind in (TF, GENE):
            group = mlp_group(f"tower.{kind}", "hidden_channels", 0, 3)
            reads = (*group.reads, Cut(f"read_out.{kind}.weight", 1))
            groups.append(Group(group.width, group.makes, reads, group.layers))
        return tuple(groups)
