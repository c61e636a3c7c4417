"""How far a study is."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from grnpyg.studies.estimate import seconds_left
from grnpyg.studies.store import State, Store
from grnpyg.studies.study import Cell, Study

STATES: tuple[State, ...] = ("done", "running", "failed", "interrupted", "pending")


@dataclass(frozen=True)
class Status:
    """The cells of a study and where they stand.

    Attributes:
        cells: every cell with its state; two cells with one config have one run and are both here.
        errors: the failed cells with their errors.
        seconds_left: an estimate for what is not done, failed cells included; None if nothing is done.
    """

    cells: tuple[tuple[Cell, State], ...]
    errors: tuple[tuple[Cell, str], ...]
    seconds_left: float | None

    @property
    def counts(self) -> dict[str, int]:
        """State -> number of cells."""
        counted = Counter(state for _, state in self.cells)
        return {state: counted[state] for state in STATES}


def study_status(study: Study, runs: Path, jobs: int | None = None) -> Status:
    """Look at the folder of the runs.

    Args:
        study: from `read_study`.
        runs: the folder; it may be missing.
        jobs: for the estimate; by default as many as are running, at least one.
    """
    store = Store(runs)
    cells = tuple((cell, store.state(cell)) for cell in study.cells)
    todo = [cell for cell, state in cells if state != "done"]
    running = {cell.hash for cell, state in cells if state == "running"}
    seconds = {
        cell.hash: float(manifest["seconds"])
        for cell in study.cells
        if (manifest := store.manifest(cell)) is not None
    }
    return Status(
        cells,
        tuple((cell, store.error(cell)) for cell, state in cells if state == "failed"),
        seconds_left(todo, study.cells, seconds, jobs or max(1, len(running))),
    )
