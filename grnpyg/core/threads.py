"""Run independent pieces of work side by side, on as many threads as torch may use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch

Result = TypeVar("Result")


def in_threads(pieces: Sequence[Callable[[], Result]]) -> list[Result]:
    """The results of some functions, in their order; each must not depend on the others.

    It pays for work that releases Python's lock, such as compiled kernels (`nogil`) and large numpy calls.
    With one thread (`OMP_NUM_THREADS=1`, a study's jobs) they run one after the other.
    """
    threads = min(torch.get_num_threads(), len(pieces))
    if threads < 2:
        return [piece() for piece in pieces]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(lambda piece: piece(), pieces))
