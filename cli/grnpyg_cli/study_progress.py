"""How far a study is, on stderr: a bar in a terminal, else a line for every trial that ends."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from grnpyg_cli.output import number

if TYPE_CHECKING:
    from grnpyg.studies import Study
    from grnpyg.studies.executors import Event


class StudyProgress:
    """Told of every event of `run_studies`.

    Args:
        studies: what is run.
        jobs: how many trials at a time.
        bar: show a bar, with the lines above it.
    """

    def __init__(self, studies: Sequence[Study], jobs: int, *, bar: bool) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        self._studies, self._jobs = studies, jobs
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

    def note(self, event: Event) -> None:
        """Show what happened."""
        self._last[event.trial.hash] = event
        if event.seconds is not None:
            self._seconds[event.trial.hash] = event.seconds
        if line := _line(event):
            self._progress.console.print(line, markup=False, highlight=False, soft_wrap=True)
        self._advance()

    def _advance(self) -> None:
        from grnpyg.studies.estimate import duration, seconds_left

        trials = {trial.hash: trial for study in self._studies for trial in study.trials}
        kinds = [event.kind for event in self._last.values()]
        ended = {key for key, event in self._last.items() if event.kind in ("reused", "done", "failed")}
        todo = [trial for config_hash, trial in trials.items() if config_hash not in ended]
        left = seconds_left(todo, trials.values(), self._seconds, self._jobs)
        state = f"{kinds.count('started')} running, {kinds.count('failed')} failed, {duration(left)} left"
        self._progress.update(self._task, total=len(trials), completed=len(ended), state=state)


def _line(event: Event) -> str:
    name = f"{event.trial.study}: {event.trial.name}"
    if event.kind == "done":
        score = "" if event.validation_ap is None else f", validation AP {number(event.validation_ap)}"
        return f"done: {name}: {number(event.seconds, 1)} s{score}"
    if event.kind == "failed":
        return f"failed: {name}: {event.error}"
    return f"running elsewhere: {name}" if event.kind == "elsewhere" else ""
