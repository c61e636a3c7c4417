"""Trials on a cluster: submitted once, followed through the queue, and taken up again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from slurm.fake import FakeSlurm, options_of

from grnpyg.core.errors import InputError
from grnpyg.core.files import sha256
from grnpyg.core.stopping import Stopped
from grnpyg.studies import Store, Study, Trial, run_studies, study_status
from grnpyg.studies.executors import Event, SlurmExecutor, executors
from grnpyg.studies.executors.groups import groups
from grnpyg.studies.executors.slurm_task import STOPPED, Task, time_is_over
from grnpyg.studies.jobs import Jobs, SlurmError
from grnpyg.studies.queued import cancel_trials, log_of
from grnpyg.studies.run import Summary, run_trials

ReadStudy = Callable[..., Study]
Meanwhile = Callable[..., None]
TWO = {"axes": {"seed": [1, 2]}}


def run(study: Study, runs: Path, events: list[Event] | None = None, **options: Any) -> Summary:
    return run_studies(
        [study], runs, SlurmExecutor(**options), [].append if events is None else events.append
    )


def kinds(events: Iterable[Event]) -> list[tuple[str, str]]:
    return [(event.kind, event.trial.levels["seed"]) for event in events]


def test_a_study_is_trained_as_an_array(
    study: ReadStudy, tmp_path: Path, fake: FakeSlurm, meanwhile: Meanwhile
) -> None:
    """The same runs as on this machine, bit by bit; the events of every trial."""
    from in_this_process import InThisProcess

    two, events = study(**TWO), list[Event]()
    summary = run(two, tmp_path / "runs", events, jobs=1, threads=3, partition="x")
    assert (len(summary.done), summary.failed, summary.interrupted, summary.queued) == (2, (), (), ())
    assert [event.where for event in events if event.kind == "queued"] == ["1_0", "1_1"]
    done = [event for event in events if event.kind == "done"]
    assert all(event.validation_ap is not None and event.peak_memory_mb is not None for event in done)
    (job,) = Jobs(tmp_path / "runs").folders
    options = options_of(job.path / "sbatch.sh")
    assert (options["array"], options["cpus-per-task"], options["partition"]) == ("0-1%1", "3", "x")
    run_studies([two], tmp_path / "here", InThisProcess())
    for trial in two.trials:
        for name in ("predictions.parquet", "model.safetensors", "metrics.parquet"):
            assert sha256(tmp_path / "runs" / trial.hash / name) == sha256(
                tmp_path / "here" / trial.hash / name
            )


def test_a_trial_starts_when_its_task_says_so(
    study: ReadStudy, tmp_path: Path, fake: FakeSlurm, meanwhile: Meanwhile
) -> None:
    (one,), events = study(axes={"seed": [1]}).trials, list[Event]()

    def begin() -> None:
        fake.start()
        (job,) = Jobs(tmp_path / "runs").folders
        job.add_event(0, {"kind": "started", "hash": one.hash})

    meanwhile(fake.start, lambda: None, begin, lambda: None)
    run_trials([one], tmp_path / "runs", SlurmExecutor(), events.append)
    assert [event.kind for event in events] == ["queued", "started", "done"]
    assert events[1].where == "1_0 on n1"


def test_without_waiting_they_are_queued(study: ReadStudy, tmp_path: Path, fake: FakeSlurm) -> None:
    summary = run(study(**TWO), tmp_path, detach=True)
    assert [where for _, where in summary.queued] == ["1_0", "1_1"]
    assert study_status(tmp_path / "study.yaml", tmp_path).counts["queued"] == 2


def test_what_is_queued_is_not_submitted_again(
    study: ReadStudy, tmp_path: Path, fake: FakeSlurm, meanwhile: Meanwhile
) -> None:
    """A second call, after the first was killed say, waits for the jobs that are there."""
    run(study(**TWO), tmp_path, detach=True)
    run(study(axes={"seed": [1, 2, 3]}), tmp_path, detach=True)
    events: list[Event] = []
    summary = run(study(axes={"seed": [1, 2, 3]}), tmp_path, events)
    assert (len(summary.done), len(Jobs(tmp_path).folders)) == (3, 2)
    assert sum(line.startswith("sbatch") for line in fake.asked) == 2
    assert [event.where for event in events if event.kind == "queued"] == ["1_0", "1_1", "2_0"]


def test_a_failure_is_told_and_an_older_one_is_forgotten(
    study: ReadStudy, tmp_path: Path, fake: FakeSlurm, meanwhile: Meanwhile
) -> None:
    axes = {"labels": {"good": {}, "bad": {"data": {"labels": "nowhere.tsv"}}}, "seed": [1]}
    both = study(axes=axes)
    for trial in both.trials:
        Store(tmp_path / "runs").fail(trial, "an older error")
    summary = run(both, tmp_path / "runs")
    assert [trial.levels["labels"] for trial in summary.done] == ["good"]
    ((_, error),) = summary.failed
    assert "nowhere.tsv" in error


def test_a_task_that_left_the_queue_is_no_failure(
    study: ReadStudy, tmp_path: Path, fake: FakeSlurm, meanwhile: Meanwhile
) -> None:
    """Cancelled, out of time, or on a node without the folder: it is said, and the next call takes it up."""
    two, runs = study(**TWO), tmp_path / "runs"

    def end_one() -> None:
        (job,) = Jobs(runs).folders
        job.log(0).write_text("grnpyg: job 1_0 on node n1\nImportError: no torch\n")
        fake.finish(0)

    meanwhile(end_one)
    summary = run(two, runs)
    assert [(trial.levels["seed"], why) for trial, why in summary.interrupted] == [
        ("1", "job 1_0 is over: ImportError: no torch")
    ]
    assert (len(summary.done), summary.failed) == (1, ())
    meanwhile(fake.finish)
    ((_, why),) = run(two, runs).interrupted
    assert "it never began" in why
    assert "does not see the folder of the runs" in why
    assert [trial.levels["seed"] for trial in run(two, runs).done] == ["1"]


def test_a_task_that_is_told_to_end_leaves_the_rest_of_its_group(
    study: ReadStudy, tmp_path: Path, fake: FakeSlurm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No record of a failure; started again, the same task trains what is left, and no trial twice."""
    from grnpyg.training.callbacks import Checkpoint

    two, runs = study(axes={"all": {"long": LONG}, "seed": [1, 2]}), tmp_path / "runs"
    run(two, runs, detach=True, group=2, fresh_process=True)
    (job,) = Jobs(runs).folders
    epoch = Checkpoint.on_train_epoch_end

    def told(self: Checkpoint, trainer: Any, module: Any) -> None:
        self.request.asked = trainer.current_epoch == 1
        epoch(self, trainer, module)

    with monkeypatch.context() as patch:
        patch.setattr(Checkpoint, "on_train_epoch_end", told)
        patch.setattr("in_this_process.train_trial", raising)
        assert Task(job.path, 0).run() == STOPPED
    assert [event["kind"] for event in job.events(0)] == ["started", "stopped"]
    assert (job.events(0)[1]["progress"], job.events(0)[1]["time_is_over"]) == (True, False)
    assert [Store(runs).state(trial) for trial in two.trials] == ["interrupted", "pending"]
    assert Task(job.path, 0).run() == 0
    said = job.events(0)[2:]
    assert [event["kind"] for event in said] == ["started", "done"] * 2
    # `bench` measures the first one anew: what it took here is a part of what it costs
    assert ["wall_seconds" in event for event in said if event["kind"] == "done"] == [False, True]
    assert Task(job.path, 0).run() == 0
    assert len(job.events(0)) == 6


LONG = {"training": {"max_epochs": 4}}


def raising(*arguments: Any) -> Any:
    """Train a trial; being told to end ends the process, as it ends the parent of a worker."""
    from grnpyg.studies.worker import train_trial

    answer = train_trial(*arguments)
    if answer["kind"] == "interrupted":
        raise Stopped
    return answer


def test_a_controller_that_is_away_is_waited_for(
    study: ReadStudy, tmp_path: Path, fake: FakeSlurm, meanwhile: Meanwhile
) -> None:
    """While it is restarted, trials are not taken for lost."""
    meanwhile(lambda: fake.refuse("squeue", "slurm_load_jobs error"), lambda: fake.refuse("squeue", None))
    with pytest.warns(match="squeue refused: slurm_load_jobs error; asking again"):
        assert len(run(study(**TWO), tmp_path).done) == 2


@pytest.mark.parametrize("progress", [True, False])
def test_a_task_whose_time_was_over_is_submitted_again(
    study: ReadStudy, tmp_path: Path, fake: FakeSlurm, meanwhile: Meanwhile, progress: bool
) -> None:
    """As long as it gets somewhere: a time that is too short for an epoch would be tried for ever."""
    runs = tmp_path / "runs"

    def end() -> None:
        (job,) = Jobs(runs).folders
        job.add_event(0, {"kind": "stopped", "time_is_over": True, "progress": progress})
        fake.finish()

    meanwhile(end)
    summary = run(study(axes={"seed": [1]}), runs)
    assert (len(summary.done), len(summary.interrupted)) == ((1, 0) if progress else (0, 1))
    assert len(Jobs(runs).folders) == 1 + progress
    if not progress:
        assert summary.interrupted[0][1] == "job 1_0 is over: its time was over, too short for an epoch"


@pytest.mark.parametrize(
    ("left", "over"),
    [
        ("1:30", True),
        ("0:05", True),
        ("INVALID", False),
        ("UNLIMITED", False),
        ("10:00", False),
        ("2:00:00", False),
        ("1-00:00:59", False),
    ],
)
def test_a_task_knows_whether_its_time_is_over(
    fake: FakeSlurm, monkeypatch: pytest.MonkeyPatch, left: str, over: bool
) -> None:
    assert not time_is_over()
    monkeypatch.setenv("SLURM_JOB_ID", "7")
    (fake.bin / "squeue").write_text(
        f'#!/bin/sh\n[ "$*" = "--noheader --jobs=7 --format=%L" ] && echo {left}\n'
    )
    assert time_is_over() == over
    (fake.bin / "squeue").unlink()
    assert not time_is_over()  # a node without the commands


def test_nothing_is_submitted_where_the_queue_is_not_known(
    study: ReadStudy, tmp_path: Path, fake: FakeSlurm
) -> None:
    run(study(**TWO), tmp_path / "runs", detach=True)
    fake.refuse("squeue", "slurm_load_jobs error")
    with pytest.raises(SlurmError, match="squeue refused"):
        run(study(**TWO), tmp_path / "runs", detach=True)
    assert len(Jobs(tmp_path / "runs").folders) == 1


def test_trials_that_are_drawn_later_are_submitted_later(
    study: ReadStudy, tmp_path: Path, fake: FakeSlurm, meanwhile: Meanwhile
) -> None:
    """A search: each finished trial asks for another; one with the config of another finds its run."""
    first, second = study(**TWO).trials
    left = [second, first]

    def draw(event: Event) -> list[Trial]:
        return [left.pop(0)] if left and event.kind in ("done", "reused") else []

    summary = run_trials([first], tmp_path / "runs", SlurmExecutor(), draw)
    assert (len(summary.done), len(summary.reused), left) == (1, 1, [])
    assert len(Jobs(tmp_path / "runs").folders) == 2


def test_another_version_on_the_nodes_is_told(
    study: ReadStudy, tmp_path: Path, fake: FakeSlurm, meanwhile: Meanwhile
) -> None:
    """It would train runs that nobody here finds."""

    def change() -> None:
        (job,) = Jobs(tmp_path / "runs").folders
        file = job.path / "trials.jsonl"
        file.write_text(file.read_text().replace('"lr": 0.01', '"lr": 0.02'))

    meanwhile(change)
    ((_, error),) = run(study(axes={"seed": [1]}), tmp_path / "runs").failed
    assert "gives this config another hash: use one version" in error


def test_groups_hold_one_study_and_one_data_set_and_parents_come_first(study: ReadStudy) -> None:
    half, most = ({"prune": [{"ratio": ratio}]} for ratio in (0.5, 0.9))
    axes = {"cut": {"most": most, "none": {}, "half": half}, "split_seed": [1, 2]}
    trials = study(axes=axes).trials
    made = [[(trial.levels["cut"], trial.levels["split_seed"]) for trial in g] for g in groups(trials)]
    assert made == [[("none", seed), ("most", seed), ("half", seed)] for seed in ("1", "2")]
    assert [len(group) for group in groups(trials, 4)] == [3, 3]  # what is cut from one run is never apart
    assert [len(group) for group in groups(trials, 6)] == [6]
    plain = study(axes={"seed": list(range(10))}).trials
    assert [len(group) for group in groups(plain)] == [1] * 10
    assert [len(group) for group in groups(plain, 4)] == [4, 4, 2]
    seconds = {trial.hash: 10.0 for trial in plain}
    assert [len(group) for group in groups(plain, None, seconds, 35)] == [3, 3, 3, 1]
    other = [*plain[:2], *study(name="b.yaml", axes={"features.kind": ["pca"], "seed": [0, 1]}).trials]
    assert [len(group) for group in groups(other, 9)] == [2, 2]


def test_groups_follow_the_times_of_finished_trials(
    study: ReadStudy, tmp_path: Path, fake: FakeSlurm, meanwhile: Meanwhile
) -> None:
    assert len(run(study(**TWO), tmp_path).done) == 2
    run(study(axes={"seed": list(range(1, 8))}), tmp_path, detach=True)
    assert [job.facts["tasks"] for job in Jobs(tmp_path).folders] == [2, 1]


def test_status_follows_a_job(study: ReadStudy, tmp_path: Path, fake: FakeSlurm) -> None:
    three, file = study(axes={"seed": [1, 2, 3]}), tmp_path / "study.yaml"
    run(three, tmp_path, detach=True)
    one, two, last = three.trials
    (job,) = Jobs(tmp_path).folders
    fake.start(0)
    job.add_event(0, {"kind": "started", "hash": one.hash})
    fake.start(1)  # begins to import torch
    status = study_status(file, tmp_path)
    assert [state for _, state in status.trials] == ["running", "queued", "queued"]
    place = status.places[one.hash]
    assert (place.job, place.node, place.log) == ("1_0", "n1", job.log(0))
    assert status.places[last.hash].note == "Priority"
    Store(tmp_path).fail(two, "no")
    assert study_status(file, tmp_path).counts["failed"] == 1
    fake.finish(0)
    status = study_status(file, tmp_path)
    assert (status.counts["pending"], status.places[one.hash].state) == (1, None)
    assert "it never began" in status.places[one.hash].note
    fake.refuse("squeue", "slurm_load_jobs error")
    status = study_status(file, tmp_path)
    assert (status.counts["queued"], status.unknown) == (0, "squeue refused: slurm_load_jobs error")


def test_cancel_takes_the_tasks_of_a_study_and_no_others(
    study: ReadStudy, tmp_path: Path, fake: FakeSlurm
) -> None:
    mine, theirs = study(**TWO), study(name="theirs.yaml", axes={"seed": [8, 9]})
    run_studies([mine, theirs], tmp_path, SlurmExecutor(detach=True, group=2))
    assert len(fake.tasks) == 2
    cancelled = cancel_trials(tmp_path, [mine.trials[0].hash])
    assert cancelled == {trial.hash: "1_0" for trial in mine.trials}
    assert [task["index"] for task in fake.tasks] == [1]
    assert cancel_trials(tmp_path, [mine.trials[0].hash]) == {}


def test_the_log_of_a_trial(study: ReadStudy, tmp_path: Path, fake: FakeSlurm, meanwhile: Meanwhile) -> None:
    two = study(**TWO)
    Store(tmp_path).fail(two.trials[0], "no")
    assert log_of(tmp_path, two.trials[0].hash) == tmp_path / ".failed" / f"{two.trials[0].hash}.json"
    run(two, tmp_path)
    assert log_of(tmp_path, two.trials[1].hash) == Jobs(tmp_path).folders[0].log(1)
    for bad in ("ffffffffffff", "../../secret", ""):
        with pytest.raises(InputError, match="no job and no failure"):
            log_of(tmp_path, bad)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"grup": "8"}, "Did you mean 'group'"),
        ({"group": "none"}, "valid integer"),
        ({"time": "soon"}, "no time such as"),
        ({"partition": "a b"}, "not one word"),
        ({"device": "tpu"}, "'cuda'"),
        ({"jobs": "0"}, "greater than or equal to 1"),
    ],
)
def test_bad_options_are_refused(options: dict[str, str], says: str) -> None:
    with pytest.raises(InputError, match="executor slurm") as refusal:
        executors.build("slurm", **options)
    assert says in str(refusal.value)


def test_options_may_be_words() -> None:
    """As the command line gives them."""
    made = executors.build("slurm", group="8", jobs="2", detach="true", mem="4G")
    assert isinstance(made, SlurmExecutor)
    assert (made.group, made.jobs, made.detach, made.resources.mem) == (8, 2, True, "4G")


def test_the_executor_of_a_study_changes_no_hash(study: ReadStudy) -> None:
    plain = study(**TWO)
    named = study(**TWO, executor={"name": "slurm", "time": "2h"})
    assert named.executor == {"name": "slurm", "time": "2h"}
    assert [trial.hash for trial in named.trials] == [trial.hash for trial in plain.trials]
    assert study(**TWO, executor="local").executor == {"name": "local"}
    with pytest.raises(InputError, match="has no name"):
        study(**TWO, executor={"time": "2h"})


def test_a_line_of_a_job_is_whole(study: ReadStudy, tmp_path: Path, fake: FakeSlurm) -> None:
    run(study(**TWO), tmp_path, detach=True)
    (job,) = Jobs(tmp_path).folders
    lines = [json.loads(line) for line in (job.path / "trials.jsonl").read_text().splitlines()]
    assert [set(line) for line in lines] == [{"task", "hash", "study", "levels", "config", "notes"}] * 2
    assert job.facts["studies"] == ["study"]
    assert job.facts["worker"] == {"threads": 1, "device": "auto", "fresh_process": False}
