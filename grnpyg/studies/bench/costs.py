"""What the runs of a bench cost: `runs/.bench/<hash>.json`, beside the run directories."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from grnpyg.core.files import write_text
from grnpyg.studies.trial import Trial


@dataclass(frozen=True)
class Cost:
    """What a trial cost in a process of its own.

    Attributes:
        wall_seconds: of the whole process: start, reading the data, fit, degree and additive scores, every
            evaluation with the full ranking.
        peak_memory_mb: peak resident memory of that process, libraries and data included, 2^20 bytes.
    """

    wall_seconds: float
    peak_memory_mb: float


class Costs:
    """The costs that are kept in a folder of runs.

    Args:
        runs: the folder; it may be missing.
    """

    def __init__(self, runs: Path) -> None:
        self.folder = runs / ".bench"

    def read(self, trial: Trial) -> Cost | None:
        """What the trial cost; None if it was not measured, or the record cannot be read."""
        try:
            content: dict[str, Any] = json.loads(self._path(trial).read_text())
            return Cost(**content)
        except (OSError, ValueError, TypeError):
            return None

    def write(self, trial: Trial, cost: Cost) -> None:
        """Keep what the trial cost, whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        write_text(self._path(trial), f"{json.dumps(asdict(cost), indent=2)}\n")

    def _path(self, trial: Trial) -> Path:
        return self.folder / f"{trial.hash}.json"
