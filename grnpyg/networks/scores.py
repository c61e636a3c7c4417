"""The scores of all pairs, on disk: written and read a few TFs at a time, so that memory stays flat."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from grnpyg.core.errors import InputError
from grnpyg.models.scorer import Scorer

PAIRS = 1 << 20  # in memory at a time


def blocks(num_tfs: int, num_genes: int) -> list[tuple[int, int]]:
    """Ranges of TFs with about `PAIRS` pairs each, in order."""
    step = max(1, PAIRS // max(1, num_genes))
    return [(start, min(start + step, num_tfs)) for start in range(0, num_tfs, step)]


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

    def append(self, scores: NDArray[Any]) -> None:
        """Add the next rows, (n, num_genes).

        Raises:
            InputError: a score is nan, or the disk is full.
        """
        if np.isnan(scores).any():
            what = f"{int(np.isnan(scores).sum()):,} of {scores.size:,} scores are nan, and have no place"
            raise InputError(what, where="predict", fix="train again; a model that diverged gives no network")
        if self._file.tell() == 0:
            self.dtype = scores.dtype
        try:
            self._file.write(np.ascontiguousarray(scores, self.dtype).data)
        except OSError as error:
            need = self.shape[0] * self.shape[1] * self.dtype.itemsize / 1e9
            what = f"no room for {need:.1f} GB of scores ({error.strerror})"
            raise InputError(what, where=tempfile.gettempdir(), fix="name another folder in TMPDIR") from None

    def rows(self, start: int, stop: int) -> NDArray[Any]:
        """(stop - start, num_genes) scores of some TFs."""
        size = self.shape[1]
        self._file.flush()
        self._file.seek(start * size * self.dtype.itemsize)
        return np.fromfile(self._file, self.dtype, (stop - start) * size).reshape(stop - start, size)


def scored(model: Scorer, shape: tuple[int, int], *, progress: bool = False, what: str = "") -> Scores:
    """The scores of every pair by a method.

    Args:
        model: fitted.
        shape: (num_tfs, num_genes) of its graph.
        progress: show a bar on stderr.
        what: said beside the bar, such as the number of the run.

    Raises:
        InputError: a score is nan, or the disk is full.
    """
    scores, genes = Scores(shape), torch.arange(shape[1])
    for start, stop in tracked(blocks(*shape), f"scoring pairs{what}", progress):
        scores.append(model.score_all(torch.arange(start, stop), genes))
    return scores


def tracked(parts: Sequence[tuple[int, int]], what: str, progress: bool) -> Iterator[tuple[int, int]]:
    """The parts, with a bar on stderr if one is wanted."""
    yield from track(parts, what, console=Console(stderr=True), disable=not progress)
