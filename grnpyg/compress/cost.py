"""What a model costs: parameters, multiplications per pair, and the time of a pass relative to another."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode
from torch_geometric.data import HeteroData

from grnpyg.data.graph import GENE, TF
from grnpyg.models.predictor import LinkPredictor, evaluating

PAIRS = 4096  # of a timed pass
ROUNDS = 30


def embedding_parameters(model: nn.Module) -> int:
    """Parameters that lie in embedding tables."""
    return sum(module.weight.numel() for module in model.modules() if isinstance(module, nn.Embedding))


@torch.no_grad()
def macs_per_pair(model: LinkPredictor, data: HeteroData, edge_label_index: Tensor) -> int:
    """Multiply-accumulates of the matrix products that score one pair.

    An encoder that reads no edge encodes the two ends of a pair with it; one that passes messages encodes the
    graph once for all pairs, so that only the head counts (`latency_ratio` times both).

    Args:
        model: the predictor.
        data: the graph.
        edge_label_index: (2, n) some pairs, n above 0.
    """
    edge_label_index = edge_label_index[:, :64]  # the count is the same for each
    counter = FlopCounterMode(display=False)
    with evaluating(model):
        if model.encoder.uses_messages:
            z = model.encoder(data)
            ends = z[TF][edge_label_index[0]], z[GENE][edge_label_index[1]]
            with counter:
                model.pair_logits(data, *ends, edge_label_index)
        else:
            with counter:
                model(data, edge_label_index)
    return int(counter.get_total_flops()) // 2 // edge_label_index.size(1)


@torch.no_grad()
def latency_ratio(small: LinkPredictor, large: LinkPredictor, data: HeteroData, pairs: Tensor) -> float:
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
