"""Random numbers: every draw comes from a generator derived from (seed, purpose)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

from grnpyg.core.files import sha256_of


def derive(seed: int, *purpose: object) -> int:
    """Derive a 63-bit seed from the run's seed and a purpose.

    Args:
        seed: the run's seed.
        purpose: words and counters, for example `("train_negatives", epoch)`.
    """
    text = "\x1f".join(str(part) for part in (seed, *purpose))
    return int(sha256_of(text)[:16], 16) >> 1


def torch_generator(seed: int, *purpose: object) -> torch.Generator:
    """A CPU generator for `purpose`."""
    return torch.Generator().manual_seed(derive(seed, *purpose))


def numpy_generator(seed: int, *purpose: object) -> np.random.Generator:
    """A NumPy generator for `purpose`."""
    return np.random.default_rng(derive(seed, *purpose))


@contextmanager
def forked(seed: int, *purpose: object) -> Iterator[None]:
    """Seed the global generators inside the block and put their states back after it.

    For library code that takes no generator: PyG's `RandomLinkSplit` and `negative_sampling`, layer
    initialisation, dropout.
    """
    value = derive(seed, *purpose)
    cuda = torch.cuda.is_available()
    python_state, numpy_state = random.getstate(), np.random.get_state()  # noqa: NPY002 (saved, not drawn from)
    with torch.random.fork_rng(devices=None if cuda else []):
        if cuda:
            torch.manual_seed(value)
        else:  # the same draws on the CPU, without the call stack that torch notes for every missing device
            torch.default_generator.manual_seed(value)
        random.seed(value)
        np.random.seed(value % 2**32)  # noqa: NPY002 (PyG draws from the global state)
        try:
            yield
        finally:
            random.setstate(python_state)
            np.random.set_state(numpy_state)  # noqa: NPY002
