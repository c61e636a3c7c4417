"""GIN encoder: the sum of a node's neighbours and itself, through a small network."""

from __future__ import annotations

from typing import ClassVar

from torch import nn
from torch_geometric.nn import GINConv

from grnpyg.models.encoders.base import encoders
from grnpyg.models.encoders.message_passing import HIDDEN, MessagePassingEncoder, Units
from grnpyg.models.encoders.per_edge_type import PerEdgeType
from grnpyg.models.width_groups import Group, mlp_group


@encoders.register("gin")
class GINEncoder(MessagePassingEncoder):
    """Graph isomorphism network: h_i = sum over edge types of MLP((1 + eps) h_i + sum_j h_j), eps learned.

    Xu et al., arXiv 1810.00826. A sum distinguishes degrees, which a mean does not, and grows with them:
    consider `norm` for a graph with hubs. Options: see `MessagePassingEncoder`; `hidden_channels` is also the
    width inside the MLP.
    """

    units: ClassVar[Units] = {
        "nn.0.weight": (None, 1),
        "nn.2.weight": (0, None),
        "nn.2.bias": (0, None),
    }

    def convolution(self) -> nn.Module:
        """See `MessagePassingEncoder.convolution`."""

        def gin() -> GINConv:
            first, second = (nn.Linear(self.channels, self.channels) for _ in range(2))
            return GINConv(nn.Sequential(first, nn.ReLU(), second), train_eps=True)

        return PerEdgeType(self.edge_types, gin)

    def groups(self) -> tuple[Group, ...]:
        """The hidden layers inside the MLPs beside those of `MessagePassingEncoder.groups`."""
        inside = [name for name, module in self.named_modules() if isinstance(module, nn.Sequential)]
        hidden = () if self.norm == "layer" else tuple(mlp_group(name, HIDDEN, 0, 2) for name in inside)
        return (*hidden, *super().groups())
