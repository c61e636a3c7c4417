"""Checks shared by several kinds of component."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 (PyTorch's own convention)
from torch import Tensor, nn

from grnpyg.core.registry import Registry
from grnpyg.core.seeding import forked, torch_generator

M = TypeVar("M", bound=nn.Module)


def ensure(holds: bool, broken: str) -> None:
    """Raise `AssertionError(broken)` unless the rule holds (`assert` is switched off by `python -O`)."""
    if not holds:
        raise AssertionError(broken)


def equal(first: Any, second: Any) -> bool:
    """Whether nested dictionaries, lists and tensors are equal to the bit; NaN equals NaN."""
    if isinstance(first, Tensor):
        if not isinstance(second, Tensor) or first.shape != second.shape:
            return False
        return bool(((first == second) | (first.isnan() & second.isnan())).all())
    if isinstance(first, Mapping):
        return first.keys() == second.keys() and all(equal(first[key], second[key]) for key in first)
    if isinstance(first, (list, tuple)):
        return len(first) == len(second) and all(map(equal, first, second))
    return bool(first == second)


def close(first: Tensor, second: Tensor) -> bool:
    """Whether two tensors are equal up to rounding."""
    if first.shape != second.shape:
        return False
    scale = max(1.0, float(second.detach().abs().max())) if second.numel() else 1.0
    return torch.allclose(first, second, rtol=1e-3, atol=1e-4 * scale)


def count(module: nn.Module) -> int:
    """Trainable parameters."""
    return sum(parameter.numel() for parameter in module.parameters() if parameter.requires_grad)


@torch.no_grad()
def perturbed(module: M) -> M:
    """The module in evaluation mode with shifted parameters: a zero start value could hide a missing term."""
    generator = torch_generator(0, "perturbed")
    for parameter in module.parameters():
        parameter.add_(0.1 * torch.randn(parameter.shape, generator=generator))
    return module.eval()


@contextmanager
def generators_untouched(what: str) -> Iterator[None]:
    """Check that the block neither draws from nor seeds Python's, NumPy's or PyTorch's global generator."""
    before = _states()
    yield
    for name, state in _states().items():
        ensure(state == before[name], f"{what} moves the global generator of {name}; use grnpyg.core.seeding")


def _states() -> dict[str, Any]:
    numpy_state: Any = np.random.get_state()  # noqa: NPY002 (looked at, not drawn from)
    return {
        "python": random.getstate(),
        "numpy": (numpy_state[1].tobytes(), *numpy_state[2:]),
        "torch": torch.get_rng_state().numpy().tobytes(),
    }


def check_start(build: Callable[[int], nn.Module]) -> None:
    """Check that start values depend on the seed and on nothing else."""
    with generators_untouched("building"):
        first, again, other = (build(seed).state_dict() for seed in (0, 0, 1))
    ensure(equal(first, again), "the same seed gives other start values")
    ensure(not first or not equal(first, other), "another seed gives the same start values")


def check_widths(
    registry: Registry[Any], spec: Any, options: dict[str, Any], size: Callable[[dict[str, Any]], int]
) -> None:
    """Check that every declared width is an integer option, works from 1 up, and grows the model."""
    resolved = registry.options(spec, options)
    for name in registry.get(spec).widths:
        ensure(type(resolved.get(name)) is int, f"widths names {name!r}, which is not an option of type int")
        width = int(resolved[name])
        sizes = {value: size({name: value}) for value in sorted({1, width, width + 1})}
        grows = all(a < b for a, b in pairwise(sizes.values()))
        ensure(grows, f"the number of parameters does not grow with {name}: {sizes}")


def check_repeatable(module: nn.Module, run: Callable[[], Any]) -> Any:
    """Check that a call keeps the mode and, in evaluation, all state; return the output."""
    state = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    for training in (True, False):
        modes = [subset.training for subset in module.train(training).modules()]
        with forked(0, "check_repeatable"):
            run()
        kept = modes == [subset.training for subset in module.modules()]
        ensure(kept, f"forward switches between training and evaluation (training={training})")
        if training:
            module.load_state_dict(state)  # running statistics may move in training
    with generators_untouched("forward in evaluation mode"):
        first, second = run(), run()
    ensure(equal(first, second), "two calls in evaluation mode differ")
    ensure(equal(state, module.state_dict()), "forward in evaluation mode changes the state")
    return first


def check_same(fast: Sequence[Tensor], plain: Sequence[Tensor], leaves: Iterable[Tensor], what: str) -> None:
    """Check that `fast` equals `plain` in value and in the gradient of every leaf."""
    named = [leaf for leaf in leaves if leaf.requires_grad]
    for mine, theirs in zip(fast, plain, strict=True):
        ensure(mine.shape == theirs.shape, f"{what}: shape {tuple(mine.shape)}, not {tuple(theirs.shape)}")
        ensure(close(mine, theirs), f"{what}: other values")
        ensure(mine.requires_grad == theirs.requires_grad, f"{what}: one of the two is cut off the gradient")
        if theirs.requires_grad:
            weight = torch.randn(theirs.shape, generator=torch_generator(0, "check_same"))
            gradients = [
                [
                    gradient.to_dense()  # embedding tables may have sparse ones
                    for gradient in torch.autograd.grad(
                        (out * weight).sum(), named, retain_graph=True, materialize_grads=True
                    )
                ]
                for out in (mine, theirs)
            ]
            ensure(all(map(close, *gradients)), f"{what}: other gradients")


def check_trains(module: nn.Module, score: Callable[[], Tensor]) -> None:
    """Check that every parameter gets a finite gradient, in float32 and under bf16 autocast."""
    if not any(parameter.requires_grad for parameter in module.parameters()):
        return
    for bf16 in (False, True):
        module.zero_grad()
        with forked(0, "check_trains"), torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            logits = score()
        label = (torch.arange(logits.numel()) % 2).float()
        F.binary_cross_entropy_with_logits(logits.float(), label).backward()
        where = " under bf16 autocast" if bf16 else ""
        for name, parameter in module.named_parameters():
            if parameter.requires_grad:
                ensure(parameter.grad is not None, f"{name} gets no gradient{where}")
                finite = parameter.grad is not None and bool(parameter.grad.to_dense().isfinite().all())
                ensure(finite, f"the gradient of {name} is not finite{where}")
