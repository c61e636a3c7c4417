"""A batch that several processes share: what depends on all its pairs sees all of them in every process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Share:
    """The rows of a batch that belong to this process: `rank`, `rank + processes`, ...

    Attributes:
        rows: of the whole batch.
        rank: number of this process.
        processes: how many share the batch.
    """

    rows: int
    rank: int
    processes: int

    @property
    def own(self) -> slice:
        """The rows of this process."""
        return slice(self.rank, self.rows, self.processes)

    @property
    def size(self) -> int:
        """How many rows this process has: 0 where a batch has fewer rows than there are processes."""
        return len(range(self.rank, self.rows, self.processes))


_share: ContextVar[Share | None] = ContextVar("_share", default=None)


@contextmanager
def sharing(share: Share) -> Iterator[None]:
    """Inside the block `whole` gathers the rows of this batch. Every process enters it with the same one."""
    token = _share.set(share if share.processes > 1 else None)
    try:
        yield
    finally:
        _share.reset(token)


def whole(values: Tensor) -> Tensor:
    """The rows of all processes, without gradients, in the batch's order; outside `sharing` the own rows.

    Args:
        values: (own rows, ...); what stands beyond the own rows is left out.

    Returns:
        (rows of the batch, ...)
    """
    share = _share.get()
    if share is None:
        return values
    most = -(-share.rows // share.processes)
    own = values.new_zeros(most, *values.shape[1:])
    own[: share.size] = values.detach()[: share.size]
    parts = [torch.empty_like(own) for _ in range(share.processes)]
    torch.distributed.all_gather(parts, own)
    return torch.stack(parts, dim=1).flatten(0, 1)[: share.rows]
