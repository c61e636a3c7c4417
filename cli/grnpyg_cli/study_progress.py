"""Progress of a study on stderr: a bar in a terminal, otherwise a line per finished trial."""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType
from typing import TYPE_CHECKING

from grnpyg_cli.output import number

if TYPE_CHECKING:
    from grnpyg.studies import Trial
    from grnpyg.studies.executors import Event


ENDED = ("reused", "done", "failed", "interrupted")


class StudyProgress:
    """Receives and shows every event of `run_trials`.

    Args:
        trials: the trials known at the start.
        jobs: how many trials train at a time.
        bar: show a bar, with the lines above it.
        total: number of trials, if more are drawn later.
    """

    def __init__(self, trials: Iterable[Trial], jobs: int, *, bar: bool, total: int = 0) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        self._trials, self._jobs, self._total = {trial.hash: trial for trial in trials}, jobs, total
        self._seconds: dict[str, float] = {}
        self._last: dict[str, Event] = {}
        self._progress = Progress(
            TextColumn("trials"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[state]}"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            disable=not bar,
        )
        self._task = self._progress.add_task("trials", total=None, state="")

    def __enter__(self) -> StudyProgress:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def note(self, event: Event, line: str = "") -> None:
        """Show an event, as `line` if it is given."""
        self._trials.setdefault(event.trial.hash, event.trial)
        self._last[event.trial.hash] = event
        if event.seconds is not None:
            self._seconds[event.trial.hash] = event.seconds
        if line := line or _line(event):
            self._progress.console.print(line, markup=False, highlight=False, soft_wrap=True)
        self._advance()

    def _advance(self) -> None:
        from grnpyg.studies import duration, seconds_left

        kinds = [event.kind for event in self._last.values()]
        waiting = f"{kinds.count('queued')} queued, " if "queued" in kinds else ""
        ended = {key for key, event in self._last.items() if event.kind in ENDED}
        todo = [trial for config_hash, trial in self._trials.items() if config_hash not in ended]
        total = max(self._total, len(self._trials))
        undrawn = total - len(self._trials)
        left = seconds_left(todo, self._trials.values(), self._seconds, self._jobs, undrawn)
        running, failed = kinds.count("started"), kinds.count("failed")
        state = f"{waiting}{running} running, {failed} failed, {duration(left)} left"
        self._progress.update(self._task, total=total, completed=len(ended), state=state)


def _line(event: Event) -> str:
    name = f"{event.trial.study}: {event.trial.name}"
    if event.kind == "done":
        score = "" if event.validation_ap is None else f", validation AP {number(event.validation_ap)}"
        return f"done: {name}: {number(event.seconds, 1)} s{score}"
    if event.kind == "failed":
        return f"failed: {name}: {event.error}"
    if event.kind == "interrupted":
        return f"interrupted: {name}: {event.error}"
    if event.kind == "started" and event.where:
        return f"running: {name}: job {event.where}"
    return f"running elsewhere: {name}" if event.kind == "elsewhere" else ""
