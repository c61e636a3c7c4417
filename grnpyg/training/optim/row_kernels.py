"""Adam's arithmetic on some rows of a table: one pass per row on the CPU (numba), plain PyTorch elsewhere.

Both ways change `weight`, `first` and `second` in place and agree but for rounding. A dozen operations
on a few hundred kilobytes each are one pass over a row that stays in the cache.
"""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np
from torch import Tensor


def catch_up(weight: Tensor, first: Tensor, second: Tensor, rows: Tensor, terms: Tensor) -> None:
    """Move rows by the steps that they missed.

    Args:
        weight: (num_rows, channels) the table.
        first: (num_rows, channels) first moment.
        second: (num_rows, channels) second moment.
        rows: (n,) distinct row ids.
        terms: (n, 4) lr G, eps H / G, b1^j and b2^j of each row, see `RowAdam`.
    """
    if weight.device.type == "cpu":
        _catch_up(*_arrays(weight, first, second, rows, terms))
    else:
        catch_up_plain(weight, first, second, rows, terms)


def catch_up_plain(weight: Tensor, first: Tensor, second: Tensor, rows: Tensor, terms: Tensor) -> None:
    """`catch_up` in PyTorch."""
    gain, eps, decay1, decay2 = terms.unsqueeze(2).unbind(1)
    m, v = first[rows], second[rows]
    weight.index_add_(0, rows, m * gain / (v.sqrt() + eps), alpha=-1)
    first[rows], second[rows] = m * decay1, v * decay2


def step(
    weight: Tensor,
    first: Tensor,
    second: Tensor,
    rows: Tensor,
    gradient: Tensor,
    *,
    lr: float,
    betas: tuple[float, float],
    eps: float,
    count: int,
) -> None:
    """One step of Adam on rows that missed none.

    Args:
        weight: (num_rows, channels) the table.
        first: (num_rows, channels) first moment.
        second: (num_rows, channels) second moment.
        rows: (n,) distinct row ids.
        gradient: (n, channels) of these rows.
        lr: learning rate.
        betas: decay of the two moments.
        eps: added to the root of the second moment.
        count: steps done, this one included.
    """
    size = lr / (1 - betas[0] ** count)
    scale = 1 / math.sqrt(1 - betas[1] ** count)
    numbers = (size, scale, eps, *betas, 1 - betas[0], 1 - betas[1])
    if weight.device.type == "cpu":
        arrays = _arrays(weight, first, second, rows, gradient)
        _step(*arrays, np.array(numbers, dtype=arrays[0].dtype))
    else:
        step_plain(weight, first, second, rows, gradient, numbers)


def step_plain(
    weight: Tensor,
    first: Tensor,
    second: Tensor,
    rows: Tensor,
    gradient: Tensor,
    numbers: tuple[float, ...],
) -> None:
    """`step` in PyTorch; `numbers`: step size, bias correction of the root, eps, b1, b2, 1 - b1, 1 - b2."""
    size, scale, eps, beta1, beta2, rest1, rest2 = numbers
    m = first[rows].mul_(beta1).add_(gradient, alpha=rest1)
    v = second[rows].mul_(beta2).addcmul_(gradient, gradient, value=rest2)
    first[rows], second[rows] = m, v
    weight.index_add_(0, rows, m / v.sqrt().mul_(scale).add_(eps), alpha=-size)


def _arrays(*tensors: Tensor) -> list[Any]:
    return [tensor.detach().contiguous().numpy() for tensor in tensors]


@numba.njit(cache=True, error_model="numpy", fastmath={"contract"})  # type: ignore[untyped-decorator]
def _catch_up(weight: Any, first: Any, second: Any, rows: Any, terms: Any) -> None:
    for i in range(rows.size):
        gain, eps, decay1, decay2 = terms[i, 0], terms[i, 1], terms[i, 2], terms[i, 3]
        w, m, v = weight[rows[i]], first[rows[i]], second[rows[i]]
        for k in range(w.size):
            w[k] -= m[k] * gain / (np.sqrt(v[k]) + eps)
            m[k] *= decay1
            v[k] *= decay2


@numba.njit(cache=True, error_model="numpy", fastmath={"contract"})  # type: ignore[untyped-decorator]
def _step(weight: Any, first: Any, second: Any, rows: Any, gradient: Any, numbers: Any) -> None:
    size, scale, eps, beta1, beta2, rest1, rest2 = numbers
    for i in range(rows.size):
        w, m, v, g = weight[rows[i]], first[rows[i]], second[rows[i]], gradient[i]
        for k in range(w.size):
            m[k] = beta1 * m[k] + rest1 * g[k]
            v[k] = beta2 * v[k] + rest2 * g[k] * g[k]
            w[k] -= size * m[k] / (np.sqrt(v[k]) * scale + eps)
