"""What the parent of the workers makes of their answers, their silence and their deaths."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from grnpyg.core.errors import GrnpygError, InputError
from grnpyg.core.locks import locked
from grnpyg.studies import Store, Study, Trial, run_studies
from grnpyg.studies.executors import Event, LocalExecutor, executors, local, process

ReadStudy = Callable[..., Study]


@pytest.fixture(autouse=True)
def _scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    script = Path(__file__).with_name("scripted_worker.py")
    monkeypatch.setattr(process, "COMMAND", (sys.executable, str(script)))
    monkeypatch.setattr(local, "POLL", 0.05)


@pytest.fixture
def deeds(study: ReadStudy) -> Callable[..., Study]:
    """`deeds("fine", "killed")`: a study with one trial for each; the worker does what it says."""
    return lambda *names: study(axes={"deed": {name: {"seed": i} for i, name in enumerate(names)}})


def run(study: Study, runs: Path, jobs: int = 1) -> list[Event]:
    events: list[Event] = []
    run_studies([study], runs, LocalExecutor(jobs=jobs, threads=1), events.append)
    return events


def ended(events: list[Event]) -> dict[str, Event]:
    return {e.trial.levels["deed"]: e for e in events if e.kind in ("done", "failed", "reused")}


@pytest.mark.parametrize("jobs", [1, 3])
def test_trials_begin_in_order(deeds: Callable[..., Study], tmp_path: Path, jobs: int) -> None:
    study = deeds(*"abcdef")
    events = run(study, tmp_path / "runs", jobs)
    assert [e.trial.levels["deed"] for e in events if e.kind == "started"] == list("abcdef")
    assert ended(events).keys() == set("abcdef")
    pids = {event.seconds for event in events if event.kind == "done"}
    assert len(pids) <= jobs  # a worker takes trial after trial


def test_a_failure_does_not_stop_the_others(deeds: Callable[..., Study], tmp_path: Path) -> None:
    events = ended(run(deeds("a", "fails", "b"), tmp_path / "runs"))
    assert [events[name].kind for name in ("a", "fails", "b")] == ["done", "failed", "done"]
    assert events["fails"].error == "InputError: no"
    assert events["a"].seconds == events["b"].seconds


def test_a_failed_trial_is_tried_again_by_the_next_call(deeds: Callable[..., Study], tmp_path: Path) -> None:
    for _ in range(2):
        events = run(deeds("killed"), tmp_path / "runs")
        assert [event.kind for event in events] == ["started", "failed"]


@pytest.mark.parametrize(
    ("deed", "reason"),
    [
        ("killed", "killed by SIGKILL (out of memory?): noise before killed"),
        ("exit", "exit code 7: the last words"),
        ("half", "exit code 0: noise before half"),
    ],
)
def test_a_worker_that_dies_fails_its_trial_and_is_replaced(
    deeds: Callable[..., Study], tmp_path: Path, deed: str, reason: str
) -> None:
    study = deeds("a", deed, "b")
    events = ended(run(study, tmp_path / "runs"))
    assert events[deed].kind == "failed"
    assert reason in events[deed].error
    assert Store(tmp_path / "runs").error(study.trials[1]) == events[deed].error
    assert events["b"].kind == "done"
    assert events["a"].seconds != events["b"].seconds


def test_a_worker_that_is_spent_is_replaced(deeds: Callable[..., Study], tmp_path: Path) -> None:
    events = ended(run(deeds("a", "spent", "b"), tmp_path / "runs"))
    assert (events["spent"].kind, events["b"].kind) == ("failed", "done")
    assert events["a"].seconds != events["b"].seconds


def test_a_worker_that_cannot_start_ends_the_run(
    deeds: Callable[..., Study], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or every trial of a long study would fail for the same reason, one after the other."""
    monkeypatch.setenv("SCRIPT", "never")
    with pytest.raises(GrnpygError, match=r"no worker can be started: .*ImportError: no torch"):
        run(deeds("a", "b"), tmp_path / "runs")


def test_a_trial_that_is_done_is_not_begun(
    deeds: Callable[..., Study], tmp_path: Path, pretend: Callable[..., None]
) -> None:
    study = deeds("a", "b")
    pretend(tmp_path, study.trials[0], {"model": {"ap": 0.5}}, inputs={})
    events = run(study, tmp_path)
    assert [(e.kind, e.trial.levels["deed"]) for e in events] == [
        ("reused", "a"),
        ("started", "b"),
        ("done", "b"),
    ]


def test_one_config_is_trained_once(study: ReadStudy, tmp_path: Path) -> None:
    twice = study(axes={"deed": {"a": {}, "b": {}}})
    events = run(twice, tmp_path / "runs", jobs=2)
    assert [event.kind for event in events] == ["started", "done"]


class _Elsewhere:
    """Another process that holds a trial while the study runs, and what it leaves."""

    def __init__(self, trial: Trial, runs: Path, leave: Callable[[], None]) -> None:
        self.lock = locked(runs / ".partial" / trial.hash)
        self.lock.__enter__()
        self.leave, self.looks = leave, 0

    def look(self, ask: Callable[[Store, Trial], bool]) -> Callable[[Store, Trial], bool]:
        """`Store.held`, until it was asked a few times: then the other process is through."""

        def held(store: Store, trial: Trial) -> bool:
            self.looks += 1
            if self.looks == 6:
                self.lock.__exit__(None, None, None)
                self.leave()
            return ask(store, trial)

        return held


@pytest.fixture
def elsewhere(
    deeds: Callable[..., Study], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., list[Event]]:
    def make(leave: Callable[[Trial], None]) -> list[Event]:
        study = deeds("theirs", "mine")
        other = _Elsewhere(study.trials[0], tmp_path / "runs", lambda: leave(study.trials[0]))
        monkeypatch.setattr(Store, "held", other.look(Store.held))
        return run(study, tmp_path / "runs")

    return make


@pytest.mark.parametrize("kind", ["done", "failed", "interrupted"])
@pytest.mark.slow
def test_a_trial_that_another_process_trains_is_waited_for(
    elsewhere: Callable[..., list[Event]], tmp_path: Path, pretend: Callable[..., None], kind: str
) -> None:
    def leave(trial: Trial) -> None:
        if kind == "done":
            pretend(tmp_path / "runs", trial, {"model": {"ap": 0.5}}, seconds=5.0)
        if kind == "failed":
            Store(tmp_path / "runs").fail(trial, "their error")

    events = elsewhere(leave)
    theirs = [event for event in events if event.trial.levels["deed"] == "theirs"]
    assert ended(events)["mine"].kind == "done"
    assert events.index(ended(events)["mine"]) < events.index(theirs[-1])
    expected = {"done": ["done"], "failed": ["failed"], "interrupted": ["started", "done"]}[kind]
    assert [event.kind for event in theirs] == ["elsewhere", *expected]
    assert theirs[-1].error == ("their error" if kind == "failed" else "")


def test_ctrl_c_ends_the_workers(deeds: Callable[..., Study], tmp_path: Path) -> None:
    pids: list[float] = []

    def stop(event: Event) -> None:
        if event.kind == "done":
            assert event.seconds is not None
            pids.append(event.seconds)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_studies([deeds("a", "b")], tmp_path / "runs", LocalExecutor(jobs=1), stop)
    assert not Path(f"/proc/{int(pids[0])}").exists()


def test_threads_are_shared_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "cpus", lambda: 8)
    assert [LocalExecutor(jobs=jobs).threads for jobs in (1, 3, 8, 9)] == [8, 2, 1, 1]
    assert LocalExecutor(jobs=3, threads=5).threads == 5
    variables = process.environment(3)
    assert {variables[name] for name in process.THREADS} == {"3"}
    assert variables["OMP_WAIT_POLICY"] == "PASSIVE"


@pytest.mark.parametrize("options", [{"jobs": 0}, {"threads": 0}, {"device": "tpu"}, {"job": 1}])
def test_bad_options(options: dict[str, object]) -> None:
    with pytest.raises(InputError):
        executors.build("local", **options)


def test_notes_reach_the_worker(deeds: Callable[..., Study]) -> None:
    """A trial with everything that goes over the pipe, larger than the pipe's buffer."""
    trial = replace(deeds("a").trials[0], notes=("x" * 300_000,))
    worker = process.Worker(Path("runs"), 1, "auto")
    try:
        worker.send(trial)
        assert worker.answer() == {"kind": "ready"}
        answer = worker.answer()
        assert answer is not None
        assert answer["kind"] == "done"
    finally:
        worker.stop()
