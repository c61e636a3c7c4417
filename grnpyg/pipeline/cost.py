"""What a network takes: memory and time, from the sizes of the data."""

from __future__ import annotations

import os
from dataclasses import dataclass

from grnpyg.core.errors import InputError

# By hand, with the recipe best on DoRothEA A to C (429 TFs x 9,228 genes): 155 s of processor time, 1.7 GB.
BASE, PER_PAIR, PER_EDGE = 1.3e9, 90.0, 9e3  # bytes
SECONDS, SECONDS_PER_PAIR, SECONDS_PER_EDGE = 30.0, 8e-6, 3e-3  # of one processor


@dataclass(frozen=True)
class Cost:
    """An estimate for one training.

    Attributes:
        memory: bytes at its peak.
        seconds: of one processor.
    """

    memory: float
    seconds: float

    @classmethod
    def of(cls, pairs: int, edges: int) -> Cost:
        """The estimate for so many candidate pairs and known edges."""
        return cls(
            BASE + PER_PAIR * pairs + PER_EDGE * edges,
            SECONDS + SECONDS_PER_PAIR * pairs + SECONDS_PER_EDGE * edges,
        )


def require_fits(cost: Cost, jobs: int) -> None:
    """Refuse what this machine has not the memory for.

    Raises:
        InputError: says what it would take.
    """
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if cost.memory * jobs > total:
        each = f"{cost.memory / 1e9:.0f} GB for each of {jobs} trainings at a time"
        fix = "train fewer at a time (--jobs 1)" if jobs > 1 else "use --universe labels, or fewer TFs"
        raise InputError(f"it would take about {each}, and there are {total / 1e9:.0f} GB", fix=fix)
