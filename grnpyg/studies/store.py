"""What became of the cells: read off the folder of the runs each time, there is no second record.

runs/<hash>                 a run directory; complete = the cell is done
runs/.partial/<hash>        checkpoints; held by a lock = the cell is being trained
runs/.failed/<hash>.json    cell, error (one line), traceback, time; gone when the cell is tried again
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from grnpyg.studies.study import Cell
from grnpyg.training.scratch import LAST, held

State = Literal["done", "running", "failed", "interrupted", "pending"]


class Store:
    """The cells of any number of studies in one folder of runs.

    Args:
        runs: the folder; it may be missing.
    """

    def __init__(self, runs: Path) -> None:
        self.runs = runs
        self._complete: dict[str, Mapping[str, Any]] = {}

    def state(self, cell: Cell) -> State:
        """Where the cell stands now."""
        if self.manifest(cell) is not None:
            return "done"
        if self.held(cell):
            return "running"
        if self._failure(cell).exists():
            return "failed"
        return "interrupted" if (self._partial(cell) / LAST).exists() else "pending"

    def manifest(self, cell: Cell) -> Mapping[str, Any] | None:
        """The manifest of the cell's run; None as long as it is not complete."""
        if cell.hash not in self._complete:
            content = _read(self.path(cell) / "manifest.json")
            if content.get("status") != "complete":
                return None
            self._complete[cell.hash] = content
        return self._complete[cell.hash]

    def path(self, cell: Cell) -> Path:
        """Where the cell's run directory belongs."""
        return self.runs / cell.hash

    def held(self, cell: Cell) -> bool:
        """Whether some process is training the cell. Leaves nothing behind."""
        return held(self._partial(cell))

    def error(self, cell: Cell) -> str:
        """Why the cell failed, in one line."""
        return str(_read(self._failure(cell)).get("error", "the record of the failure cannot be read"))

    def fail(self, cell: Cell, error: str, trace: str = "") -> None:
        """Record a failure, whole or not at all."""
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        line = " ".join(error.split())
        content = {"study": cell.study, "cell": cell.name, "hash": cell.hash}
        content |= {"error": line, "traceback": trace, "time": now}
        file = self._failure(cell)
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary = file.with_suffix(".tmp")
        temporary.write_text(f"{json.dumps(content, indent=2)}\n")
        temporary.replace(file)

    def forget(self, cell: Cell) -> None:
        """Remove the record of a failure, because the cell is tried again."""
        self._failure(cell).unlink(missing_ok=True)

    def _partial(self, cell: Cell) -> Path:
        return self.runs / ".partial" / cell.hash

    def _failure(self, cell: Cell) -> Path:
        return self.runs / ".failed" / f"{cell.hash}.json"


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
