"""Adam for embedding tables at the cost of the rows that a batch reads."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from grnpyg.training.optim import row_kernels


class RowAdam(Optimizer):
    """Adam over tables with sparse gradients, equal to dense Adam; not PyTorch's `SparseAdam`.

    Dense Adam moves every row at every step, because the moments of a row without gradient go on decaying.
    Here a row is left alone until it is read, and then moved by all the steps that it missed. For a row with
    moments m, v after step s, steps t = s + j without gradient add up to

        sum_j lr m a_j / (c_j sqrt(v) + eps)        (Kingma and Ba 2015, arXiv 1412.6980, algorithm 1)
        a_j = b1^j / (1 - b1^t),    c_j = b2^(j/2) / sqrt(1 - b2^t)
          ~ lr m G / (sqrt(v) + eps H / G),    G = sum_j a_j / c_j,    H = sum_j a_j / c_j^2,

    exact for eps = 0; the weighted mean of eps / c_j stands for its values, which hardly differ over the
    steps that still count: the moves of a row agree to 1e-6 where gradients are above 1e-4, to a hundredth
    where they are as small as eps. G and H need no gradient: a few numbers are kept per row.

    A table is brought up to date when its `nn.Embedding` is called, by a hook, and as a whole by `flush`.
    Read `weight` itself only after `flush`.

    Args:
        tables: embeddings made with `sparse=True`.
        lr: learning rate.
        betas: decay of the two moments.
        eps: added to the root of the second moment.
    """

    def __init__(
        self,
        tables: Iterable[nn.Embedding],
        *,
        lr: float,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
    ) -> None:
        self.tables = list(tables)
        for table in self.tables:
            if not table.weight.is_contiguous() or table.weight.dtype not in (torch.float, torch.double):
                raise ValueError("RowAdam takes contiguous tables of float32 or float64")
        super().__init__([table.weight for table in self.tables], {"lr": lr, "betas": betas, "eps": eps})
        self._missed: dict[Tensor, _Missed] = {}
        for table in self.tables:
            weight = table.weight
            self.state[weight] = {
                "step": torch.tensor(0.0),
                "exp_avg": torch.zeros_like(weight, requires_grad=False),
                "exp_avg_sq": torch.zeros_like(weight, requires_grad=False),
            }
        self._hooks = [table.register_forward_pre_hook(self._before_read) for table in self.tables]

    def release(self) -> None:
        """Let go of the tables as they are: steps that rows have missed are forgotten."""
        self._missed.clear()
        for hook in self._hooks:
            hook.remove()

    def _before_read(self, table: nn.Module, args: tuple[Any, ...]) -> None:
        assert isinstance(table, nn.Embedding)
        if table.weight in self._missed:
            self._catch_up(table.weight, args[0].reshape(-1).unique())

    @torch.no_grad()
    def flush(self) -> None:
        """Bring every row up to date."""
        for table in self.tables:
            missed = self._missed.pop(table.weight, None)
            if missed is not None:
                rows = missed.behind()
                self._missed[table.weight] = missed
                self._catch_up(table.weight, rows)
                del self._missed[table.weight]

    @torch.no_grad()
    def _catch_up(self, weight: Tensor, rows: Tensor) -> None:
        missed, state, group = self._missed[weight], self.state[weight], self.param_groups[0]
        rows = rows[missed.gain[rows] > 0]
        if not rows.numel():
            return
        terms = missed.take(rows, group["eps"]).to(weight.dtype)
        row_kernels.catch_up(weight, state["exp_avg"], state["exp_avg_sq"], rows, terms)

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """One step; a table without gradient misses it like a row without."""
        assert closure is None
        group = self.param_groups[0]
        for table in self.tables:
            weight, state = table.weight, self.state[table.weight]
            missed = self._missed.get(weight)
            if missed is None:
                missed = self._missed[weight] = _Missed(weight.size(0), group["betas"], weight.device)
            rows = None
            state["step"] += 1
            step = int(state["step"])
            if weight.grad is not None:
                gradient = weight.grad.coalesce()
                rows = gradient.indices()[0]
                self._catch_up(weight, rows)  # nothing to do for rows that came through the hook
                row_kernels.step(
                    weight,
                    state["exp_avg"],
                    state["exp_avg_sq"],
                    rows,
                    gradient.values(),
                    lr=group["lr"],
                    betas=group["betas"],
                    eps=group["eps"],
                    count=step,
                )
            missed.advance(step, group["lr"], rows)

    def state_dict(self) -> dict[str, Any]:
        """The moments, with no row behind."""
        self.flush()
        return super().state_dict()


class _Missed:
    """What the steps that a row missed add up to, for each row of a table.

    Attributes:
        gain: (num_rows,) lr G.
        eps: (num_rows,) lr H.
        decay1: (num_rows,) b1^j.
        decay2: (num_rows,) b2^j.
    """

    def __init__(self, num_rows: int, betas: tuple[float, float], device: torch.device) -> None:
        self.betas = betas
        # float64: up to thousands of factors are multiplied
        self.gain, self.eps = (torch.zeros(num_rows, dtype=torch.double, device=device) for _ in "ab")
        self.decay1, self.decay2 = (torch.ones(num_rows, dtype=torch.double, device=device) for _ in "ab")

    def advance(self, step: int, lr: float, rows: Tensor | None) -> None:
        """A step went by that all rows missed but `rows`."""
        beta1, beta2 = self.betas
        scale = math.sqrt(1 - beta2**step)
        self.decay1 *= beta1
        self.decay2 *= beta2
        share = self.decay1 / self.decay2.sqrt()
        self.gain.add_(share, alpha=lr * scale / (1 - beta1**step))
        self.eps.add_(share.div_(self.decay2.sqrt()), alpha=lr * scale**2 / (1 - beta1**step))
        if rows is not None:
            self._reset(rows)

    def behind(self) -> Tensor:
        """Rows that missed a step."""
        return self.gain.nonzero().squeeze(1)

    def take(self, rows: Tensor, eps: float) -> Tensor:
        """(n, 4) float64: lr G, eps H / G, b1^j and b2^j of some rows, which count as up to date from now."""
        gain = self.gain[rows]
        terms = [gain, eps * self.eps[rows] / gain, self.decay1[rows], self.decay2[rows]]
        self._reset(rows)
        return torch.stack(terms, dim=1)

    def _reset(self, rows: Tensor) -> None:
        self.gain[rows] = self.eps[rows] = 0.0
        self.decay1[rows] = self.decay2[rows] = 1.0


@torch.no_grad()
def clip_gradients(parameters: Iterable[Tensor], max_norm: float) -> None:
    """`torch.nn.utils.clip_grad_norm_` for dense and sparse gradients together, in place.

    Args:
        parameters: whose gradients are clipped by their global norm.
        max_norm: the largest norm left.
    """
    values = []
    for parameter in parameters:
        if parameter.grad is not None:
            if parameter.grad.is_sparse:
                parameter.grad = parameter.grad.coalesce()
                values.append(parameter.grad.values())
            else:
                values.append(parameter.grad)
    if not values:
        return
    norm = torch.stack([torch.linalg.vector_norm(value) for value in values]).norm()
    scale = float(max_norm / (norm + 1e-6))
    if scale < 1:
        torch._foreach_mul_(values, scale)
