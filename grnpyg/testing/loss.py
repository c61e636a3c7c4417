"""Contract checks for losses."""

from __future__ import annotations

from typing import Any

import torch

from grnpyg.core.seeding import torch_generator
from grnpyg.models.losses import EpochPairs, Loss, losses
from grnpyg.testing.rules import close, ensure


def check_loss(spec: str | type[Loss], **options: Any) -> None:
    """Check a loss.

    It gives one finite number, independent of the order of the pairs. The number falls when positives rise
    and negatives fall. The gradient is finite even for logits of thousands and for one class alone, and never
    pulls a positive down or a negative up.

    Args:
        spec: name, `module:Class` or class.
        options: of the loss.

    Raises:
        AssertionError: the broken rule.
        InputError: unknown name or option.
    """
    loss = losses.build(spec, **options)
    generator = torch_generator(0, "check_loss")
    logits = torch.randn(64, generator=generator)
    label = (torch.rand(64, generator=generator) < 0.4).float()
    sign = 2 * label - 1
    pairs = torch.stack([torch.randint(high, (64,), generator=generator) for high in (3, 5)])
    loss.begin(EpochPairs(pairs[:, label > 0.5], pairs, label, 3, 5))

    value = loss(logits, label, pairs)
    ensure(value.shape == (), f"the loss has shape {tuple(value.shape)}, not ()")
    order = torch.randperm(64, generator=generator)
    ensure(
        close(loss(logits[order], label[order], pairs[:, order]), value),
        "the loss depends on the order of the pairs",
    )
    ensure(bool(loss(logits + 0.1 * sign, label, pairs) < value), "better logits do not lower the loss")
    cases = {
        "moderate": (logits, label),
        "right and extreme": (5e3 * sign, label),
        "wrong and extreme": (-5e3 * sign, label),
        "positive": (logits, torch.ones(64)),
        "negative": (logits, torch.zeros(64)),
    }
    for name, (case, labels) in cases.items():
        leaf = case.clone().requires_grad_()
        value = loss(leaf, labels, pairs)
        (gradient,) = torch.autograd.grad(value, leaf)
        ensure(bool(value.isfinite()), f"the loss of {name} logits is {value.detach()}")
        ensure(bool(gradient.isfinite().all()), f"the gradient of {name} logits is not finite")
        pulls = gradient * (2 * labels - 1)
        ensure(bool((pulls <= 1e-6).all()), f"the gradient of {name} logits points the wrong way")
