"""One call of the Ray executor: connect, hand out groups of trials, and hear what became of them."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grnpyg.core.errors import GrnpygError, InputError, warn
from grnpyg.core.stopping import Stopped
from grnpyg.studies.executors.base import Event, OnEvent
from grnpyg.studies.executors.groups import groups
from grnpyg.studies.executors.local import GRACE
from grnpyg.studies.executors.ray_task import Answer, run_task, train_group
from grnpyg.studies.store import Store
from grnpyg.studies.trial import Trial, line_of

try:
    import ray
    from ray.exceptions import RayError, RayTaskError, TaskCancelledError
except ImportError:  # `connected` says so
    ray, RayError, RayTaskError, TaskCancelledError = None, Exception, Exception, Exception

ANSWER = 30.0  # seconds that the head of a cluster has to answer
POLL = 1.0  # seconds between two looks at what has started
ROOM = (  # need of a task, name in Ray, in words, option
    ("num_cpus", "CPU", "processors", "threads"),
    ("num_gpus", "GPU", "GPUs", "gpus"),
    ("memory", "memory", "bytes of memory", "memory"),
)
RETRIES = 3  # times that Ray starts a task again whose node or worker died


@contextmanager
def connected(address: str | None) -> Iterator[None]:
    """Inside the block there is a Ray cluster; one that this process was connected to already is kept.

    Raises:
        InputError: Ray is not installed.
        GrnpygError: there is none at the address, or none can be started.
    """
    if ray is None:
        fix = "install it: pip install 'grnpyg[ray]'"
        raise InputError("the executor ray needs the package ray", where="--executor", fix=fix)
    if ray.is_initialized():
        yield
        return
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent anywhere
    where = address or os.environ.get("RAY_ADDRESS") or "local"
    main = threading.current_thread() is threading.main_thread()
    before = signal.getsignal(signal.SIGTERM)
    quiet = {"log_to_driver": False, "configure_logging": False, "logging_level": "ERROR"}
    here = {"include_dashboard": False} if where == "local" else {}
    _require_answer(where)
    try:
        ray.init(address=where, **quiet, **here)
    except (ConnectionError, RayError, OSError, ValueError, RuntimeError) as error:
        why = str(error).strip().partition("\n")[0]
        raise GrnpygError(f"no Ray cluster at {where}: {why}") from None
    if main:
        signal.signal(signal.SIGTERM, before)  # Ray takes it
    try:
        yield
    finally:
        ray.shutdown()


def _require_answer(address: str) -> None:
    """Refuse `host:port` where nobody listens; Ray would ask for ever.

    Raises:
        GrnpygError: there is no answer.
    """
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if not colon or not port.isdecimal():
        return
    try:
        socket.create_connection((host, int(port)), timeout=ANSWER).close()
    except (OSError, OverflowError) as error:
        raise GrnpygError(f"no Ray cluster at {address}: {error}") from None


@dataclass
class _Out:
    """A task: its trials, and which of them are known to have started."""

    trials: list[Trial]
    started: set[str] = field(default_factory=set)


class RaySession:
    """Groups of trials that wait here, and those that Ray has.

    Args:
        store: where the trials stand.
        on_event: see `Executor.run`.
        needs: of a task: `num_cpus`, `num_gpus` and `memory` (bytes).
        worker: `threads`, `device` and `fresh_process` of the workers.
        jobs: tasks at a time; None: what the cluster has room for.
        group: trials of a task.
    """

    def __init__(
        self,
        store: Store,
        on_event: OnEvent,
        *,
        needs: Mapping[str, float],
        worker: Mapping[str, Any],
        jobs: int | None,
        group: int,
    ) -> None:
        self.store, self.on_event, self.worker = store, on_event, dict(worker)
        self.jobs, self.group = jobs, group
        self.waiting = deque[list[Trial]]()
        self.out: dict[Any, _Out] = {}
        _require_room(needs)
        self.task = ray.remote(**dict(needs), max_retries=RETRIES, max_calls=1)(train_group)

    def run(self, trials: Iterable[Trial]) -> None:
        """Train the trials, and those that `on_event` returns; on any exception end what runs."""
        try:
            self.take(trials)
            while self.waiting or self.out:
                self.submit()
                over, _ = ray.wait(list(self.out), timeout=POLL)
                for task in over:
                    self.hear(task)
                self.look()
        except BaseException as error:
            self.end(gently=isinstance(error, Stopped))
            raise

    def take(self, trials: Iterable[Trial]) -> None:
        """Put trials at the end of the queue."""
        new = list(trials)
        for trial in new:
            self.store.forget(trial)
        self.waiting.extend(groups(new, self.group))

    def submit(self) -> None:
        """Give Ray what it has room for."""
        while self.waiting and (self.jobs is None or len(self.out) < self.jobs):
            group = self.waiting.popleft()
            lines = [{**line_of(trial), "hash": trial.hash} for trial in group]
            task = self.task.remote(lines, str(self.store.runs.absolute()), str(Path.cwd()), self.worker)
            self.out[task] = _Out(group)
            for trial in group:
                self.tell(Event("queued", trial))

    def look(self) -> None:
        """Say which trials have started: the store is the record."""
        for out in list(self.out.values()):
            for trial in out.trials:
                if trial.hash not in out.started and self.store.state(trial) == "running":
                    out.started.add(trial.hash)
                    self.tell(Event("started", trial))

    def hear(self, task: Any) -> None:
        """Tell what became of the trials of a task."""
        out, answers, error = self.out.pop(task), list[Answer](), ""
        try:
            answers = ray.get(task)
        except TaskCancelledError:
            error = "its task was cancelled"
        except RayTaskError as problem:  # of our own making: a trial that fails is an answer
            error = f"the task failed: {str(problem).strip().rpartition(chr(10))[2]}"
            for trial in out.trials:
                if self.store.state(trial) != "done":
                    self.store.fail(trial, error, str(problem))
        except RayError as problem:
            error = f"its worker died {RETRIES + 1} times: {str(problem).strip().partition(chr(10))[0]}"
        for trial, answer in zip(out.trials, answers, strict=False):
            for line in answer.pop("warnings", ()):
                warn(line)
            if answer.pop("refused", False):
                self.store.fail(trial, answer["error"])
            self.tell(Event(trial=trial, **answer))
        for trial in out.trials[len(answers) :]:
            self.missing(trial, error or "its task was cancelled")

    def missing(self, trial: Trial, error: str) -> None:
        """Tell of a trial that its task says nothing of."""
        state = self.store.state(trial)
        if state == "done":
            manifest = self.store.manifest(trial)
            self.tell(Event("done", trial, None if manifest is None else manifest.seconds))
        elif state == "failed":
            self.tell(Event("failed", trial, error=self.store.error(trial)))
        else:
            self.tell(Event("interrupted", trial, error=error))

    def tell(self, event: Event) -> None:
        """Report an event; what it leads to waits behind the others."""
        if more := self.on_event(event):
            self.take(more)

    def end(self, *, gently: bool) -> None:
        """Cancel what runs; gently: a trial may write its checkpoint first."""
        for task in self.out:
            ray.cancel(task, force=not gently)
        if gently and self.out:
            until = time.monotonic() + GRACE
            ray.wait(list(self.out), num_returns=len(self.out), timeout=max(0.0, until - time.monotonic()))


def run_calls(calls: Sequence[tuple[Any, ...]], *, needs: Mapping[str, float], at_once: int | None) -> None:
    """Call `run_task` with each of these arguments on some node; on any exception end what runs.

    A call whose node died four times is left undone: what it was to do says so.
    """
    _require_room(needs)
    remote = ray.remote(**dict(needs), max_retries=RETRIES, max_calls=1)(run_task)
    waiting, out = deque(calls), list[Any]()
    try:
        while waiting or out:
            while waiting and (at_once is None or len(out) < at_once):
                out.append(remote.remote(*waiting.popleft()))
            over, out = ray.wait(out, timeout=POLL)
            for task in over:
                with suppress(RayError):
                    ray.get(task)
    except BaseException:
        for task in out:
            ray.cancel(task)
        raise


def _require_room(needs: Mapping[str, float]) -> None:
    """Refuse a task that no node has room for: it would wait for ever.

    Raises:
        InputError: says what the largest node has.
    """
    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    for need, kind, words, option in ROOM:
        wanted, largest = needs[need], max((node.get(kind, 0) for node in nodes), default=0)
        if wanted > largest:
            what = (
                f"a task wants {wanted:g} {words}, and no node of the Ray cluster has more than {largest:g}"
            )
            fix = f"ask for less, or start a node with more {words}"
            raise InputError(what, where=f"executor option {option}", fix=fix)
