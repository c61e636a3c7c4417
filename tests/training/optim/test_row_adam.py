"""RowAdam moves a table as dense Adam does, at the cost of the rows that are read."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from grnpyg.core.seeding import torch_generator
from grnpyg.training.optim import row_kernels
from grnpyg.training.optim.row_adam import RowAdam, clip_gradients

ROWS, CHANNELS = 40, 6


def _table(sparse: bool) -> nn.Embedding:
    weight = 0.01 * torch.randn(ROWS, CHANNELS, generator=torch_generator(0, "table"))
    return nn.Embedding.from_pretrained(weight, freeze=False, sparse=sparse)


def _train(
    table: nn.Embedding, optimizer: Any, batches: list[list[int]], clip: float | None = None
) -> Tensor:
    """Losses of fitting random targets, one batch of rows after the other."""
    targets = torch.randn(ROWS, CHANNELS, generator=torch_generator(0, "targets"))
    losses = []
    for batch in batches:
        rows = torch.tensor(batch, dtype=torch.long)
        optimizer.zero_grad()
        loss = (table(rows) - targets[rows]).square().sum() / 8
        loss.backward()
        if clip is not None:
            clip_gradients([table.weight], clip)
        optimizer.step()
        losses.append(loss.detach())
    return torch.stack(losses)


def _both(batches: list[list[int]], clip: float | None = None) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    dense, sparse = _table(False), _table(True)
    dense_losses = _train(dense, torch.optim.Adam(dense.parameters(), lr=0.01), batches, clip)
    optimizer = RowAdam([sparse], lr=0.01)
    sparse_losses = _train(sparse, optimizer, batches, clip)
    optimizer.flush()
    optimizer.release()
    return dense.weight.detach(), sparse.weight.detach(), dense_losses, sparse_losses


@settings(deadline=None, max_examples=30)
@given(st.lists(st.lists(st.integers(0, ROWS - 1), max_size=5), min_size=1, max_size=60))
def test_any_reading_order_ends_where_dense_adam_ends(batches: list[list[int]]) -> None:
    """Rows are read rarely, often, twice in a batch, or never; some batches are empty."""
    dense, sparse, dense_losses, sparse_losses = _both(batches)
    assert torch.allclose(dense, sparse, rtol=1e-4, atol=1e-6)
    assert torch.allclose(dense_losses, sparse_losses, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("clip", [None, 0.05])
@pytest.mark.slow
def test_hundreds_of_missed_steps(clip: float | None) -> None:
    """A row is read again after its moments have all but gone; clipping sees the same norm."""
    batches = [[0, 1, 2], *([[3, 4]] * 400), [0, 5], *([[6]] * 300), [0, 1]]
    dense, sparse, dense_losses, sparse_losses = _both(batches, clip)
    assert torch.allclose(dense, sparse, rtol=1e-3, atol=1e-5)
    assert torch.allclose(dense_losses, sparse_losses, rtol=1e-4, atol=1e-6)


def test_a_row_that_is_not_read_is_left_alone_until_flush() -> None:
    table = _table(True)
    optimizer = RowAdam([table], lr=0.01)
    _train(table, optimizer, [[0, 1], [2]])
    after_first = table.weight[0].detach().clone()
    _train(table, optimizer, [[2]])
    assert torch.equal(table.weight[0], after_first)
    optimizer.flush()
    assert not torch.equal(table.weight[0], after_first)
    flushed = table.weight.detach().clone()
    optimizer.flush()
    assert torch.equal(table.weight, flushed)


def test_reading_a_row_brings_it_up_to_date() -> None:
    read, flushed = _table(True), _table(True)
    optimizers = [RowAdam([table], lr=0.01) for table in (read, flushed)]
    for table, optimizer in zip((read, flushed), optimizers, strict=True):
        _train(table, optimizer, [[0, 1], [2], [3]])
    optimizers[1].flush()
    assert torch.equal(read(torch.tensor([0, 1, 2])), flushed.weight[:3])


def test_the_state_goes_through_a_checkpoint() -> None:
    batches = [[i % ROWS, (7 * i) % ROWS] for i in range(80)]
    whole, halves = _table(True), _table(True)
    optimizer = RowAdam([whole], lr=0.01)
    _train(whole, optimizer, batches[:40])
    optimizer.flush()  # where the other one is saved
    _train(whole, optimizer, batches[40:])
    first = RowAdam([halves], lr=0.01)
    _train(halves, first, batches[:40])
    saved = first.state_dict()
    first.release()
    second = RowAdam([halves], lr=0.5)
    second.load_state_dict(saved)
    _train(halves, second, batches[40:])
    for each in (optimizer, second):
        each.flush()
    assert torch.equal(whole.weight, halves.weight)


def test_clipping_equals_pytorch_over_dense_and_sparse_gradients() -> None:
    gradients = []
    for sparse in (False, True):
        table, layer = _table(sparse), nn.Linear(CHANNELS, 1, bias=False)
        nn.init.ones_(layer.weight)
        layer(table(torch.tensor([3, 3, 5]))).sum().backward()
        parameters = [table.weight, layer.weight]
        (clip_gradients if sparse else torch.nn.utils.clip_grad_norm_)(parameters, 0.1)
        gradients.append([p.grad.to_dense() for p in parameters if p.grad is not None])
    assert all(torch.allclose(a, b) for a, b in zip(*gradients, strict=True))
    clip_gradients([nn.Parameter(torch.zeros(2))], 1.0)  # no gradient at all


@pytest.mark.parametrize("count", [1, 5, 4000])
def test_one_pass_equals_plain_pytorch(count: int) -> None:
    generator = torch_generator(0, "kernels", count)
    weight, first, gradient = (torch.randn(ROWS, CHANNELS, generator=generator) for _ in range(3))
    second = torch.rand(ROWS, CHANNELS, generator=generator)
    rows = torch.tensor([7, 0, 31])
    terms = torch.rand(3, 4, generator=generator)
    fast, plain = ([tensor.clone() for tensor in (weight, first, second)] for _ in range(2))
    row_kernels.catch_up(*fast, rows, terms)
    row_kernels.catch_up_plain(*plain, rows, terms)
    assert all(map(torch.allclose, fast, plain))
    options: dict[str, Any] = {"lr": 0.01, "betas": (0.9, 0.999), "eps": 1e-8, "count": count}
    row_kernels.step(*fast, rows, gradient[:3], **options)
    scale = (1 - 0.999**count) ** -0.5
    numbers = (0.01 / (1 - 0.9**count), scale, 1e-8, 0.9, 0.999, 1 - 0.9, 1 - 0.999)
    row_kernels.step_plain(*plain, rows, gradient[:3], numbers)
    assert all(map(torch.allclose, fast, plain))
    untouched = [row for row in range(ROWS) if row not in rows.tolist()]
    assert all(
        torch.equal(now[untouched], before[untouched])
        for now, before in itertools.chain(zip(fast, (weight, first, second), strict=True))
    )


def test_what_a_table_is_owed_is_forgotten_when_it_is_released() -> None:
    """A model whose training was interrupted is given other weights: nothing may move them afterwards."""
    table = _table(True)
    optimizer = RowAdam([table], lr=0.01)
    _train(table, optimizer, [[0, 1], [2], [3]])
    optimizer.release()
    with torch.no_grad():
        table.weight.zero_()
    assert not table(torch.arange(ROWS)).any()


@pytest.mark.parametrize("scale", [1e-4, 1e-7, 1e-9])
def test_gradients_as_small_as_eps(scale: float) -> None:
    """Where eps counts the moves still agree to a hundredth."""
    gradient = scale * torch.randn(300, 8, CHANNELS, generator=torch_generator(0, "small"))
    rows = torch.randint(0, ROWS, (300, 8), generator=torch_generator(0, "rows"))
    tables = _table(False), _table(True)
    start = tables[0].weight.detach().clone()
    optimizers: list[Any] = [torch.optim.Adam(tables[0].parameters(), lr=0.01), RowAdam([tables[1]], lr=0.01)]
    for table, optimizer in zip(tables, optimizers, strict=True):
        for step in range(300):
            optimizer.zero_grad()
            (table(rows[step]) * gradient[step]).sum().backward()
            optimizer.step()
    optimizers[1].flush()
    moves = [table.weight.detach() - start for table in tables]
    difference = (moves[0] - moves[1]).norm() / moves[0].norm()
    assert difference < {1e-4: 1e-5, 1e-7: 3e-3, 1e-9: 2e-2}[scale]


def test_a_table_that_cannot_be_moved_in_place_is_refused() -> None:
    weight = torch.zeros(CHANNELS, ROWS).t()
    with pytest.raises(ValueError, match="contiguous"):
        RowAdam([nn.Embedding.from_pretrained(weight, freeze=False, sparse=True)], lr=0.1)
