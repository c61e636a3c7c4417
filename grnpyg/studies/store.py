"""Where the trials stand: read from the folder of the runs each time, there is no second record.

runs/<hash>                 a run directory; complete = the trial is done. A complete one under the hash of
                            0.1.0 counts, too
runs/.partial/<hash>        checkpoints; held by a lock = the trial is being trained
runs/.failed/<hash>.json    trial, error (one line), diverged, traceback, time; removed when it is tried again
"""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any, Literal

from grnpyg.core.errors import InputError
from grnpyg.core.files import unlinked, write_text
from grnpyg.core.locks import held
from grnpyg.runs import Manifest
from grnpyg.runs.place import find_run, is_damaged
from grnpyg.studies.trial import AnyTrial
from grnpyg.training.scratch import LAST

LIMIT = 1 << 24  # bytes of a record of a failure

State = Literal["done", "running", "failed", "interrupted", "queued", "pending"]


class Store:
    """The trials of any number of studies in one folder of runs.

    Args:
        runs: the folder; it may be missing.
    """

    def __init__(self, runs: Path) -> None:
        self.runs = runs
        self._complete: dict[str, Manifest] = {}

    def state(self, trial: AnyTrial) -> State:
        """Where the trial stands now, as this folder tells; `queued` is for those who ask the cluster."""
        if self.manifest(trial) is not None:
            return "done"
        if self.held(trial):
            return "running"
        if self._failure(trial).exists():
            return "failed"
        return "interrupted" if (self._partial(trial) / LAST).exists() else "pending"

    def manifest(self, trial: AnyTrial) -> Manifest | None:
        """The manifest of the trial's run; None as long as it is not complete."""
        if trial.hash not in self._complete:
            manifest = Manifest.glance(self.path(trial))
            if manifest is None or manifest.status != "complete" or is_damaged(self.path(trial)):
                return None
            self._complete[trial.hash] = manifest
        return self._complete[trial.hash]

    def refuse_damage(self, trial: AnyTrial) -> None:
        """Check that a run that was complete still is.

        Raises:
            InputError: one of its files is missing or was changed.
        """
        from grnpyg.runs.tables import require_unchanged

        manifest = Manifest.glance(self.path(trial))
        if manifest is not None and manifest.status == "complete":
            for name in manifest.files:
                try:
                    require_unchanged(self.path(trial), name, manifest)
                except InputError as error:
                    fix = "`grnpyg study run` makes it again"
                    raise InputError(error.what, where=error.where, fix=fix) from None

    def path(self, trial: AnyTrial) -> Path:
        """Where the trial's run directory is, or belongs as long as there is none."""
        return find_run(self.runs, trial.hashes)

    def held(self, trial: AnyTrial) -> bool:
        """Whether some process is training the trial. Leaves nothing behind."""
        return held(self._partial(trial))

    def checkpointed(self, trial: AnyTrial) -> float | None:
        """When the checkpoint of the trial was written; None if there is none."""
        try:
            return (self._partial(trial) / LAST).stat().st_mtime
        except FileNotFoundError:
            return None

    def error(self, trial: AnyTrial) -> str:
        """Why the trial failed, in one line."""
        return str(_read(self._failure(trial)).get("error", "the record of the failure cannot be read"))

    def diverged(self, trial: AnyTrial) -> bool:
        """Whether the trial failed because its training diverged, as it would again."""
        return _read(self._failure(trial)).get("diverged") is True

    def fail(self, trial: AnyTrial, error: str, trace: str = "", *, diverged: bool = False) -> None:
        """Record a failure, whole or not at all."""
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        line = " ".join(error.split())
        content: dict[str, Any] = {"study": trial.study, "trial": trial.name, "hash": trial.hash}
        content |= {"error": line, "diverged": diverged, "traceback": trace, "time": now}
        file = self._failure(trial)
        file.parent.mkdir(parents=True, exist_ok=True)
        write_text(file, f"{json.dumps(content, indent=2)}\n")

    def forget(self, trial: AnyTrial) -> None:
        """Remove the record of a failure, because the trial is tried again."""
        self._failure(trial).unlink(missing_ok=True)

    def _partial(self, trial: AnyTrial) -> Path:
        return unlinked(self.runs, ".partial", trial.hash)

    def _failure(self, trial: AnyTrial) -> Path:
        return unlinked(self.runs, ".failed", f"{trial.hash}.json")


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text()) if path.stat().st_size <= LIMIT else None
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
