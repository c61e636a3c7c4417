"""Adam's moments, by the names of the parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from grnpyg.training.optim.row_adam import RowAdam

KEYS = ("step", "exp_avg", "exp_avg_sq")


@dataclass(frozen=True)
class Start:
    """How an optimisation begins.

    Attributes:
        moments: `key/parameter` -> tensor, from `moments_of`; None starts from zero.
        warm_up: the learning rate rises linearly over the first epoch.
    """

    moments: Mapping[str, Tensor] | None = None
    warm_up: bool = False


def moments_of(model: nn.Module, optimizers: Iterable[Optimizer]) -> dict[str, Tensor]:
    """Copies of all moments and step counts on the CPU, with every row of a table up to date."""
    found = {}
    names: dict[Tensor, str] = {parameter: name for name, parameter in model.named_parameters()}
    for optimizer in optimizers:
        if isinstance(optimizer, RowAdam):
            optimizer.flush()
        for parameter, state in optimizer.state.items():
            for key in KEYS:
                found[f"{key}/{names[parameter]}"] = state[key].detach().cpu().clone()
    return found


def set_moments(model: nn.Module, optimizers: Iterable[Optimizer], moments: Mapping[str, Tensor]) -> None:
    """Give optimisers the moments that `moments_of` returned; a parameter without any starts from zero."""
    names = {parameter: name for name, parameter in model.named_parameters()}
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                own = {key: moments.get(f"{key}/{names[parameter]}") for key in KEYS}
                if all(tensor is not None for tensor in own.values()):
                    optimizer.state[parameter] = {
                        key: torch.as_tensor(tensor).to(parameter.device).clone()
                        for key, tensor in own.items()
                    }
