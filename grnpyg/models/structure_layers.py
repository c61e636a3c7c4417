"""The layers of a structure term: one network that reads all numbers of a pair, or one for each group."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from grnpyg.models.layers import he_linear


def joint(num_features: int, hidden_channels: int, num_outputs: int, dropout: float) -> nn.Sequential:
    """MLP with two hidden layers, (num_pairs, num_features) -> (num_pairs, num_outputs)."""
    return nn.Sequential(
        he_linear(num_features, hidden_channels),
        nn.ReLU(),
        nn.Dropout(dropout),
        he_linear(hidden_channels, hidden_channels),
        nn.ReLU(),
        he_linear(hidden_channels, num_outputs),
    )


class ByGroup(nn.Module):
    """The sum of one `joint` for each group of features: no group changes what another one is worth.

    All groups have the same width, the one at which there are about as many parameters as `joint` has.

    Args:
        groups: (num_features,) the group of each.
        hidden_channels: of the `joint` whose number of parameters is met.
        num_outputs: numbers that come out.
        dropout: see `joint`.

    Example:
        >>> term = ByGroup(["degree", "degree", "knowledge"], 8, 1, dropout=0.0)
        >>> term(torch.zeros(5, 3)).shape
        torch.Size([5, 1])
    """

    def __init__(self, groups: Sequence[str], hidden_channels: int, num_outputs: int, dropout: float) -> None:
        super().__init__()
        self.columns = {
            name: [place for place, group in enumerate(groups) if group == name]
            for name in dict.fromkeys(groups)
        }
        width = self.width(len(groups), len(self.columns), hidden_channels, num_outputs)
        self.of = nn.ModuleDict(
            {name: joint(len(places), width, num_outputs, dropout) for name, places in self.columns.items()}
        )

    @staticmethod
    def width(num_features: int, num_groups: int, hidden_channels: int, num_outputs: int) -> int:
        """Units of each hidden layer of each group, see the class."""

        def parameters(width: int, groups: int) -> int:
            return num_features * width + groups * (width**2 + (2 + num_outputs) * width + num_outputs)

        wanted = parameters(hidden_channels, 1)
        widths = range(1, hidden_channels + 1)
        return min(widths, key=lambda width: abs(parameters(width, num_groups) - wanted))

    def forward(self, features: Tensor) -> Tensor:
        """(num_pairs, num_features) -> (num_pairs, num_outputs)."""
        terms = [self.of[name](features[:, places]) for name, places in self.columns.items()]
        return torch.stack(terms).sum(dim=0)
