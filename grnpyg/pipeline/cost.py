"""What a network takes: memory and time, from the sizes of the data."""

from __future__ import annotations

from dataclasses import dataclass

from grnpyg.core.errors import InputError, counted
from grnpyg.core.memory import free_memory

# By hand, with the recipe best on DoRothEA A to C (429 TFs x 9,228 genes): 155 s of processor time, 1.7 GB.
BASE, PER_PAIR, PER_EDGE = 1.3e9, 90.0, 9e3  # bytes
SECONDS, SECONDS_PER_PAIR, SECONDS_PER_EDGE = 30.0, 8e-6, 3e-3  # of one processor
EPOCHS = 64  # of that measurement


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
    def of(cls, pairs: int, edges: int, epochs: int = EPOCHS) -> Cost:
        """The estimate for so many candidate pairs, known edges and epochs."""
        return cls(
            BASE + PER_PAIR * pairs + PER_EDGE * edges,
            SECONDS + SECONDS_PER_PAIR * pairs + SECONDS_PER_EDGE * edges * epochs / EPOCHS,
        )


def require_fits(cost: Cost, jobs: int) -> None:
    """Refuse what this machine does not have the memory for.

    Raises:
        InputError: says what it would take.
    """
    there = free_memory()
    if there is None or cost.memory * jobs <= there:
        return
    what = (
        f"{counted(jobs, 'training')} at a time would take about {cost.memory * jobs / 1e9:.0f} GB of memory"
    )
    fix = (
        "train fewer at a time (--jobs 1)" if jobs > 1 else "name fewer known edges (--labels, --min-weight)"
    )
    raise InputError(f"{what}, and {there / 1e9:.0f} GB are free", where="grnpyg network", fix=fix)
