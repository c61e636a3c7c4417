"""Layers and types of options that several components share."""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import Field
from torch import nn

Width = Annotated[int, Field(ge=1)]
Probability = Annotated[float, Field(ge=0, lt=1)]


def he_linear(in_channels: int, out_channels: int) -> nn.Linear:
    """A linear layer, weights uniform in +-sqrt(2 / in_channels), biases 0 (the paper's initialisation)."""
    layer = nn.Linear(in_channels, out_channels)
    nn.init.kaiming_uniform_(layer.weight, a=math.sqrt(2))  # gain^2 * 3 / fan_in = 2 / fan_in
    nn.init.zeros_(layer.bias)
    return layer
