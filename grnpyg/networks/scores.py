"""The scores of all pairs, a few TFs at a time: computed when they are asked for, or kept on disk."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from grnpyg.core.errors import InputError
from grnpyg.models.scorer import TFS_PER_BLOCK, Scorer

PAIRS = 1 << 20  # that are worked on at a time
COMPUTED = 1 << 22  # that are computed at a time, at most


def blocks(num_tfs: int, num_genes: int) -> list[tuple[int, int]]:
    """Ranges of TFs with about `PAIRS` pairs each, in order."""
    step = max(1, PAIRS // max(1, num_genes))
    return [(start, min(start + step, num_tfs)) for start in range(0, num_tfs, step)]


class Rows(Protocol):
    """(num_tfs, num_genes) scores of one method that are read by TFs."""

    @property
    def shape(self) -> tuple[int, int]:
        """(num_tfs, num_genes)."""

    def rows(self, start: int, stop: int) -> NDArray[Any]:
        """(stop - start, num_genes) scores of some TFs."""


class StoredRows(Rows, Protocol):
    """Scores that can be read more than once without new work."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the scores."""


class Computed:
    """Scores that are computed where they are asked for.

    A product of matrices gives a pair other last bits when other pairs are beside it. So whole blocks of
    `TFS_PER_BLOCK` TFs are computed, always the same ones, and cut; the last one is kept. They are larger
    than `blocks`: each reads the vectors of all genes, which is most of the time where it has few TFs.

    Args:
        shape: (num_tfs, num_genes).
        compute: (start, stop) of a block -> (stop - start, num_genes) scores.
    """

    def __init__(self, shape: tuple[int, int], compute: Callable[[int, int], NDArray[Any]]) -> None:
        self.shape, self._compute = shape, compute
        self._last: tuple[tuple[int, int], NDArray[Any]] | None = None

    def rows(self, start: int, stop: int) -> NDArray[Any]:
        """See `Rows`.

        Raises:
            InputError: a score is nan.
        """
        num_tfs, num_genes = self.shape
        step = max(1, min(TFS_PER_BLOCK, COMPUTED // max(1, num_genes)))
        touched = [(a, min(a + step, num_tfs)) for a in range(start - start % step, stop, step)]
        parts = [self._block(a, b)[max(start, a) - a : min(stop, b) - a] for a, b in touched]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _block(self, start: int, stop: int) -> NDArray[Any]:
        if self._last is None or self._last[0] != (start, stop):
            self._last = None  # before another one takes its memory
            scores = require_numbers(self._compute(start, stop))
            scores.flags.writeable = False  # parts of it are given out
            self._last = (start, stop), scores
        return self._last[1]


class Scores:
    """(num_tfs, num_genes) scores of one method in a temporary file.

    The file has no name and is gone with the object, or with the process. It lies where temporary files do
    (`TMPDIR`), and has 4 bytes a pair, or 8 where a method gives them.

    Args:
        shape: (num_tfs, num_genes).
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        self.shape, self.dtype = shape, np.dtype(np.float32)
        self._file = tempfile.TemporaryFile(prefix="grnpyg-")  # noqa: SIM115 (open as long as the object)
        weakref.finalize(self, self._file.close)

    def append(self, scores: NDArray[Any]) -> None:
        """Add the next rows, (n, num_genes).

        Raises:
            InputError: a score is nan, or the disk is full.
        """
        require_numbers(scores)
        if self._file.tell() == 0:
            self.dtype = scores.dtype
        with disk(self.shape[0] * self.shape[1] * self.dtype.itemsize):
            self._file.write(np.ascontiguousarray(scores, self.dtype).data)

    def rows(self, start: int, stop: int) -> NDArray[Any]:
        """See `Rows`."""
        size = self.shape[1]
        self._file.flush()
        self._file.seek(start * size * self.dtype.itemsize)
        return np.fromfile(self._file, self.dtype, (stop - start) * size).reshape(stop - start, size)


@contextmanager
def disk(need: int) -> Iterator[None]:
    """A block that writes a temporary file of so many bytes; a full disk becomes one line."""
    try:
        yield
    except OSError as error:
        what = f"no room for {need / 1e9:.1f} GB of scores ({error.strerror or error})"
        raise InputError(what, where=tempfile.gettempdir(), fix="name another folder in TMPDIR") from None


def require_numbers(scores: NDArray[Any]) -> NDArray[Any]:
    """The scores, none of which is nan.

    Raises:
        InputError: some are.
    """
    if scores.size and np.isnan(scores.min()):
        what = f"{int(np.isnan(scores).sum()):,} of {scores.size:,} scores are nan, and have no place"
        raise InputError(what, where="predict", fix="train again; a model that diverged gives no network")
    return scores


def computed(model: Scorer, shape: tuple[int, int]) -> Computed:
    """The scores of every pair by a fitted method, computed where they are asked for.

    Args:
        model: fitted.
        shape: (num_tfs, num_genes) of its graph.
    """
    genes = torch.arange(shape[1])
    return Computed(shape, lambda start, stop: model.score_all(torch.arange(start, stop), genes))


def stored(source: Rows, *, progress: bool = False, what: str = "scoring pairs") -> Scores:
    """All scores on disk.

    Args:
        source: gives them.
        progress: show a bar on stderr.
        what: said beside the bar.

    Raises:
        InputError: a score is nan, or the disk is full.
    """
    scores = Scores(source.shape)
    for start, stop in tracked(blocks(*source.shape), what, progress):
        scores.append(source.rows(start, stop))
    return scores


def tracked(parts: Sequence[tuple[int, int]], what: str, progress: bool) -> Iterator[tuple[int, int]]:
    """The parts, with a bar on stderr if one is wanted."""
    yield from track(parts, what, console=Console(stderr=True), disable=not progress)
