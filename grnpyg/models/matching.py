"""Parameter matching: find widths at which a model has a given number of parameters."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import torch
from torch_geometric.data import HeteroData

from grnpyg.core.errors import InputError
from grnpyg.models.encoders import encoders
from grnpyg.models.heads import heads
from grnpyg.models.predictor import assemble, build_model, is_lazy

TOLERANCE = 1e-3  # largest relative difference of counts that are matched
LARGEST_WIDTH = 1 << 14

Spec = dict[str, Any]


def count_parameters(data: HeteroData, encoder: Spec, head: Spec) -> int:
    """Number of trainable parameters of a model for this graph, including lazy modules."""
    try:
        with torch.device("meta"):  # shapes only: nothing is allocated or drawn
            model = assemble(data, encoder, head, 0)
    except (RuntimeError, NotImplementedError, TypeError):  # a plug-in that computes during construction
        model = build_model(data, encoder, head, 0)
    if is_lazy(model):
        model = build_model(data, encoder, head, 0)
    return model.num_parameters()["total"]


def match(data: HeteroData, encoder: Spec, head: Spec, budget: int) -> tuple[Spec, Spec, int]:
    """Choose widths of the head, and if necessary of the encoder, to match a parameter count.

    The head's finest width is tried first, then its other widths. Compared models share the encoder, so it
    is changed only if no head width comes close enough.

    Args:
        data: the graph.
        encoder: resolved component spec.
        head: resolved component spec.
        budget: parameters wanted.

    Returns:
        encoder spec, head spec, their exact count.

    Raises:
        InputError: no count within 0.1 %; gives the nearest reachable one.
    """
    best = (encoder, head, count_parameters(data, encoder, head))
    for start in _starts(data, encoder, head, budget):
        found = (start[0], *_match_head(data, *start, budget))
        if abs(found[2] - budget) < abs(best[2] - budget):
            best = found
        if abs(best[2] - budget) <= TOLERANCE * budget:
            return best
    widths = {
        **{f"encoder.{name}": best[0][name] for name in encoders.get(encoder["name"]).widths},
        **{f"head.{name}": best[1][name] for name in heads.get(head["name"]).widths},
    }
    reached = ", ".join(f"{name}={value}" for name, value in widths.items()) or "it declares no widths"
    raise InputError(
        f"no widths of {encoder['name']} + {head['name']} give {budget:,} parameters within "
        f"{100 * TOLERANCE:g} %",
        fix=f"the nearest reachable count is {best[2]:,} ({reached})",
    )


def _starts(data: HeteroData, encoder: Spec, head: Spec, budget: int) -> Iterator[tuple[Spec, Spec]]:
    """Starting points of the search: the given widths, then all of them scaled to about the budget."""
    yield encoder, head
    declared = {"encoder": encoders.get(encoder["name"]).widths, "head": heads.get(head["name"]).widths}
    if not declared["encoder"]:
        return

    def scaled(permille: int) -> tuple[Spec, Spec]:
        encoder_, head_ = (
            {**spec, **{name: max(1, round(spec[name] * permille / 1000)) for name in declared[part]}}
            for part, spec in (("encoder", encoder), ("head", head))
        )
        return encoder_, head_

    middle, _ = nearest_width(lambda permille: count_parameters(data, *scaled(permille)), budget, 100_000)
    for step in range(8):
        yield scaled(max(1, middle - 10 * step))


def _match_head(data: HeteroData, encoder: Spec, head: Spec, budget: int) -> tuple[Spec, int]:
    """The head widths nearest to the budget for this encoder."""
    declared = heads.get(head["name"]).widths
    best = (head, count_parameters(data, encoder, head))
    if not declared:
        return best
    finest, *others = declared
    for shift in sorted(range(-16, 17), key=abs) if others else (0,):
        trial = {**head, **{name: max(1, head[name] + shift) for name in others}}

        def count(width: int, trial: Spec = trial) -> int:
            return count_parameters(data, encoder, {**trial, finest: width})

        width, reached = nearest_width(count, budget, LARGEST_WIDTH)
        if abs(reached - budget) < abs(best[1] - budget):
            best = ({**trial, finest: width}, reached)
        # stop if one step of the finest width brackets the budget, or if other widths cannot help
        if abs(best[1] - budget) <= TOLERANCE * budget or width in (1, LARGEST_WIDTH):
            break
    return best


def nearest_width(count: Callable[[int], int], budget: int, largest: int) -> tuple[int, int]:
    """The width from 1 to `largest` whose count is nearest to the budget, and that count.

    A count must not fall as the width grows. Most are quadratic in a width, so the first three tell where to
    look, and two more confirm it. If they do not, the rest of the range is halved until one width is left.
    """
    count = cache(count)  # each one builds a model
    one, two, three = count(1), count(2), count(3)

    def quadratic(width: int) -> int:
        steps = width - 1
        return one + steps * (two - one) + steps * (steps - 1) // 2 * (three - 2 * two + one)

    low, high = 1, largest
    guess = 1 + bisect_left(range(low, high), budget, key=quadratic)
    if count(guess) < budget:
        low = min(guess + 1, high)
    elif guess > 1 and count(guess - 1) < budget:
        low = high = guess
    else:
        high = guess
    width = low + bisect_left(range(low, high), budget, key=count)
    if width > 1 and abs(count(width - 1) - budget) < abs(count(width) - budget):
        width -= 1
    return width, count(width)
