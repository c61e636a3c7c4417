"""Look at what a model's modules put out, without changing it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from torch import Tensor, nn

from grnpyg.errors import unknown


@contextmanager
def outputs_of(model: nn.Module, layers: Sequence[str]) -> Iterator[dict[str, list[Tensor]]]:
    """Layer -> its output in every call inside the block, each (rows, channels).

    Raises:
        InputError: the model has no such module; lists those that have parameters or an activation.
    """
    modules = dict(model.named_modules())
    found: dict[str, list[Tensor]] = {layer: [] for layer in layers}
    for layer in layers:
        if layer not in modules or not layer:
            raise unknown("layer", layer, [name for name in modules if name])
    hooks = [
        modules[layer].register_forward_hook(
            lambda module, args, output, layer=layer: found[layer].append(output.detach().flatten(0, -2))
        )
        for layer in layers
    ]
    try:
        yield found
    finally:
        for hook in hooks:
            hook.remove()
