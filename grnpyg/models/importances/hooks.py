"""Record the outputs of a model's modules without changing it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from torch import Tensor, nn

from grnpyg.core.errors import InputError, unknown


@contextmanager
def outputs_of(model: nn.Module, layers: Sequence[str]) -> Iterator[dict[str, list[Tensor]]]:
    """Record each layer's output in every call inside the block, each (rows, channels).

    Raises:
        InputError: the model has no such module (lists the known ones), or an output is not a tensor.
    """
    modules = dict(model.named_modules())
    found: dict[str, list[Tensor]] = {layer: [] for layer in layers}
    for layer in layers:
        if layer not in modules or not layer:
            raise unknown("layer", layer, [name for name in modules if name])

    def keep(layer: str, output: object) -> None:
        if not isinstance(output, Tensor):
            raise InputError(f"returns a {type(output).__name__}, not a tensor", where=f"layer {layer}")
        rows = output.detach()
        found[layer].append(rows.unsqueeze(1) if rows.dim() == 1 else rows.flatten(0, -2))

    hooks = [
        modules[layer].register_forward_hook(lambda module, args, output, layer=layer: keep(layer, output))
        for layer in layers
    ]
    try:
        yield found
    finally:
        for hook in hooks:
            hook.remove()
