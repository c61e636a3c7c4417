"""The time of a pass of one model relative to another."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor
from torch_geometric.data import HeteroData

from grnpyg.models.predictor import PairModel, evaluating

PAIRS = 4096  # of a timed pass
ROUNDS = 30


@torch.no_grad()
def latency_ratio(small: PairModel, large: PairModel, data: HeteroData, pairs: Tensor) -> float:
    """Time of a pass of `small` over that of `large`: the same pairs, one thread, turn by turn.

    The shortest of many passes of each counts, because whatever else the machine does only adds to one.

    Args:
        small: a predictor.
        large: another for the same graph.
        data: the graph.
        pairs: (2, n); the first 4,096 are scored.
    """
    some = pairs[:, :PAIRS]
    seconds: dict[int, list[float]] = {0: [], 1: []}
    with one_thread(), evaluating(small), evaluating(large):
        for _ in range(ROUNDS + 1):  # the first round warms up
            for which, model in enumerate((small, large)):
                start = time.perf_counter()
                model(data, some)
                seconds[which].append(time.perf_counter() - start)
    first, second = (min(times[1:]) for times in seconds.values())
    return first / second


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread inside the block, as many as before after it."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
