"""What the runs of a bench cost: `runs/.bench/<hash>.json`, beside the run directories."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from grnpyg.studies.trial import Trial


@dataclass(frozen=True)
class Cost:
    """What one entry cost with one seed.

    Attributes:
        fit_seconds: of its own fit: a model's epochs with their validation, a baseline's `fit`.
        wall_seconds: of the whole process: start, reading the data, fit, degree and additive rows, every
            evaluation with the full ranking.
        peak_memory_mb: peak resident memory of that process, libraries and data included, 2^20 bytes.
        parameters: of the model; numbers that the fit of a baseline has left.
        macs_per_pair: multiply-accumulates that score one pair; a score that is looked up costs none.
        threads: of the process.
    """

    fit_seconds: float | None
    wall_seconds: float
    peak_memory_mb: float
    parameters: int | None
    macs_per_pair: int | None
    threads: int


FIGURES = ("fit_seconds", "wall_seconds", "peak_memory_mb", "parameters", "macs_per_pair")


class Costs:
    """The costs that are kept in a folder of runs.

    Args:
        runs: the folder; it may be missing.
    """

    def __init__(self, runs: Path) -> None:
        self.folder = runs / ".bench"

    def read(self, trial: Trial) -> Cost | None:
        """What the trial cost; None where it was not measured, or the record cannot be read."""
        try:
            paths = [self.folder / f"{hash_}.json" for hash_ in trial.hashes]
            path = next((path for path in paths if path.exists()), paths[0])
            content: dict[str, Any] = json.loads(path.read_text())
            return Cost(**content)
        except (OSError, ValueError, TypeError):
            return None

    def write(self, trial: Trial, cost: Cost) -> None:
        """Keep what the trial cost, whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        temporary = self._path(trial).with_suffix(".tmp")
        temporary.write_text(f"{json.dumps(asdict(cost), indent=2)}\n")
        temporary.replace(self._path(trial))

    def _path(self, trial: Trial) -> Path:
        return self.folder / f"{trial.hash}.json"
