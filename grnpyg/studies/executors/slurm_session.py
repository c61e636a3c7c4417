"""One call of the SLURM executor: submit trials, and follow them through the queue."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grnpyg.core.errors import warn
from grnpyg.studies.estimate import expected_seconds
from grnpyg.studies.executors.base import Event, OnEvent, Task
from grnpyg.studies.executors.groups import ENOUGH, groups
from grnpyg.studies.jobs import JobFolder, Jobs, LiveTask, Resources, SlurmError
from grnpyg.studies.plan import planned_trials
from grnpyg.studies.queued import last_events, queued, why_gone
from grnpyg.studies.store import Store
from grnpyg.studies.trial import Trial, line_of

TASK = "grnpyg.studies.executors.slurm_task"
POLL, SLOWEST = 1.0, 15.0  # seconds between two looks at the queue, at first and after a while
SETTLE = 20.0  # seconds until the files of a task that is over are seen here
FIGURES = ("seconds", "validation_ap", "peak_memory_mb", "wall_seconds")  # that a task tells of a trial


@dataclass
class _Out:
    """A config that is in the queue: its trials, its task, and since when the task is not there any more."""

    trials: list[Trial]
    job: JobFolder
    index: int
    id: str
    started: bool = False
    gone: float | None = None


class SlurmSession:
    """Trials that wait or run in the queue.

    A task whose time was over is submitted again, as long as each time gets its trials further.

    Args:
        store: where the trials stand.
        on_event: see `Executor.run`.
        resources: of a task.
        group: trials of a task; None: by the time that they take.
        worker: `threads`, `device` and `fresh_process` of the workers.
    """

    def __init__(
        self,
        store: Store,
        on_event: OnEvent,
        resources: Resources,
        *,
        group: int | None,
        worker: Mapping[str, Any],
    ) -> None:
        self.store, self.on_event, self.resources = store, on_event, resources
        self.group, self.worker = group, dict(worker)
        self.jobs = Jobs(store.runs)
        self.out: dict[str, _Out] = {}
        self.drawn: list[Trial] = []  # that `on_event` returned

    def take(self, trials: Iterable[Trial]) -> None:
        """Submit the trials that are not in the queue; the others are attached to."""
        new: dict[str, list[Trial]] = {}
        for trial in trials:
            if trial.hash in self.out:
                self.out[trial.hash].trials.append(trial)
            else:
                new.setdefault(trial.hash, []).append(trial)
        if not new:
            return
        with self.jobs.alone():
            there = queued(self.jobs, self.jobs.live())
            for hash_ in [h for h in new if h not in there and self.store.manifest(new[h][0])]:
                for trial in new.pop(hash_):  # it was done in the meantime
                    self._tell(Event("done", trial))
            for hash_ in [hash_ for hash_ in new if hash_ in there]:
                job, task = there[hash_]
                self.out[hash_] = _Out(new.pop(hash_), job, task.index, task.id)
                self._tell_all(self.out[hash_], "queued")
            if new:
                self._submit([trials[0] for trials in new.values()], new)

    def _submit(self, trials: Sequence[Trial], all_of: Mapping[str, list[Trial]]) -> None:
        """Make jobs of the trials and say of each where it is."""
        for trial in trials:
            self.store.forget(trial)
        studies = sorted({trial.study for trial in trials})
        tasks = groups(trials, self.group, self._seconds(trials), ENOUGH)
        lines = [[{"hash": trial.hash, **line_of(trial)} for trial in task] for task in tasks]
        facts = {"studies": studies, "worker": self.worker}
        for job in self.jobs.submit(TASK, lines, self.resources, facts):
            number = job.facts["job"]
            for line in job.work:
                out = _Out(all_of[line["hash"]], job, line["task"], f"{number}_{line['task']}")
                self.out[line["hash"]] = out
                self._tell_all(out, "queued")

    def _seconds(self, trials: Sequence[Trial]) -> dict[str, float]:
        """What the trials will take, as far as finished trials of their studies tell."""
        studies = {trial.study for trial in trials}
        known = [planned for study in studies for planned in planned_trials(study, self.store.runs)]
        done = {
            trial.hash: manifest.seconds
            for trial in known
            if trial.hash and (manifest := self.store.manifest(trial)) is not None
        }
        return dict(zip((t.hash for t in trials), expected_seconds(trials, known, done) or (), strict=False))

    def wait(self) -> None:
        """Follow the trials until each is done, failed or interrupted."""
        pause = POLL
        while self.out or self.drawn:
            if self.drawn:
                drawn, self.drawn = self.drawn, []
                self.take(drawn)
                pause = POLL
            time.sleep(pause)
            pause = min(SLOWEST, pause * 1.2)
            if self._look():
                pause = POLL

    def _look(self) -> bool:
        """Ask SLURM, then the store, in this order: what was over before is in the store. True if news."""
        jobs = list({out.job.name: out.job for out in self.out.values()}.values())
        try:
            live = {(task.job, task.index): task for task in self.jobs.live(jobs)}
        except SlurmError as error:  # a controller that is restarted; the jobs do not need it meanwhile
            warn(f"{error.what}; asking again")
            return False
        said = {(out.job.name, out.index): out.job for out in self.out.values()}
        events = {key: last_events(job.events(key[1])) for key, job in said.items()}
        news = False
        for hash_, out in list(self.out.items()):
            key = (out.job.name, out.index)
            news |= self._follow(hash_, out, live.get(key), events[key].get(hash_, {}))
        return news

    def _follow(self, hash_: str, out: _Out, task: LiveTask | None, event: Mapping[str, Any]) -> bool:
        """Tell what has happened to a config; True if something has."""
        kind, first = event.get("kind"), out.trials[0]
        if task is not None and kind not in ("done", "failed"):
            if kind == "started" and not out.started:
                out.started, out.id = True, f"{task.id} on {task.node}"
                self._tell_all(out, "started")
                return True
            return False
        if (manifest := self.store.manifest(first)) is not None:
            figures = {name: event[name] for name in FIGURES if name in event}
            figures["seconds"] = manifest.seconds
            for line in event.get("warnings", ()):
                warn(str(line))
            self._end(hash_, "done", **figures)
        elif (state := self.store.state(first)) == "failed":
            self._end(hash_, "failed", error=self.store.error(first))
        elif task is not None or state == "running":  # its files are on their way; or another process has it
            return False
        else:
            out.gone = out.gone or time.monotonic()
            if time.monotonic() - out.gone < SETTLE:
                return False
            last = [*out.job.events(out.index)[-1:], {}][0]
            if last.get("time_is_over") and last.get("progress"):
                self.drawn += self.out.pop(hash_).trials
            else:
                self._end(hash_, "interrupted", error=why_gone(out.job, out.index))
        return True

    def _end(self, hash_: str, kind: Any, **what: Any) -> None:
        out = self.out.pop(hash_)
        for trial in out.trials:
            self._tell(Event(kind, trial, where=out.id, **what))

    def _tell_all(self, out: _Out, kind: Any) -> None:
        for trial in out.trials:
            self._tell(Event(kind, trial, where=out.id))

    def _tell(self, event: Event) -> None:
        self.drawn += self.on_event(event) or ()


def wait_for(jobs: Jobs, tasks: Sequence[Task]) -> None:
    """Return when no task waits or runs any more, and what they say is seen here."""
    made, pause = list({task.job.name: task.job for task in tasks}.values()), POLL
    gone: float | None = None
    while gone is None or (time.monotonic() - gone < SETTLE and not all(task.done for task in tasks)):
        time.sleep(pause)
        pause = min(SLOWEST, pause * 1.2)
        try:
            if gone is None and not jobs.live(made):
                gone, pause = time.monotonic(), POLL
        except SlurmError as error:  # a controller that is restarted
            warn(f"{error.what}; asking again")
