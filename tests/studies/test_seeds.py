"""`study run --batch-seeds`: seeds of a trial are trained together, and all else one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest

from grnpyg.core.errors import InputError, warned
from grnpyg.studies import SeedsTogether, Store, Study, Trial, run_studies
from grnpyg.studies.executors import Event, Executor, LocalExecutor, OnEvent, Task
from grnpyg.studies.jobs import JobFolder, Line
from grnpyg.studies.jobs.folder import job_folders
from grnpyg.training.scratch import LAST

ReadStudy = Callable[..., Study]
SEEDS = {str(seed): {"seed": seed, "split_seed": 3} for seed in (1, 2, 3)}
PLAIN = {"head": {"name": "dual", "hidden_channels": 8, "out_channels": 4, "dropout": 0.0}}
DROPS = {"head": {"name": "dual", "hidden_channels": 8, "out_channels": 4, "dropout": 0.5}}


class Recorder(Executor):
    """Trains nothing: notes what it is given; its tasks end without having done anything."""

    def __init__(self) -> None:
        self.tasks: list[list[str]] = []
        self.trials: list[str] = []

    def run(self, trials: Iterable[Trial], store: Store, on_event: OnEvent) -> None:
        self.trials += [trial.name for trial in trials]

    def run_tasks(self, module: str, tasks: Sequence[Line], folder: Path) -> list[Task]:
        job = JobFolder.make(folder, [[task] for task in tasks])
        seeds = [[f"{one['levels']['seed']}" for one in task["trials"]] for task in tasks]
        self.tasks += seeds
        for index in range(len(tasks)):
            job.log(index).write_text("out of memory\n")
        return [Task(job, index) for index in range(len(tasks))]


def recorded(study: Study, runs: Path, size: int) -> tuple[Recorder, list[str], list[Event]]:
    """What an executor is given, what is said, and what happens."""
    recorder, events = Recorder(), list[Event]()
    with warned() as lines:
        run_studies([study], runs, SeedsTogether(recorder, size), events.append)
    return recorder, lines, events


@pytest.mark.slow
def test_runs_are_whole_whether_seeds_are_trained_together_or_alone(study: ReadStudy, tmp_path: Path) -> None:
    some = study(axes={"head": {"plain": PLAIN, "drops": DROPS}, "seed": SEEDS})
    events: list[Event] = []
    with warned() as lines:
        trainer = SeedsTogether(LocalExecutor(threads=1, device="cpu"), 2, device="cpu")
        summary = run_studies([some], tmp_path / "runs", trainer, events.append)
    assert {trial.name for trial in summary.done} == {trial.name for trial in some.trials}
    assert [event.trial.name for event in events if event.kind == "done"] != []
    assert len([event for event in events if event.kind == "done"]) == len(some.trials), "each is told once"
    [job] = job_folders(tmp_path / "runs")
    [line] = job.work
    assert [trial["levels"] for trial in line["trials"]] == [
        {"head": "plain", "seed": "1"},
        {"head": "plain", "seed": "2"},
    ]
    assert lines == [
        "--batch-seeds: 4 of 6 trials are trained one by one: dropout draws inside the model (3); "
        "no other seed is left beside it (1)"
    ]


def test_what_a_task_leaves_undone_is_trained_one_by_one(study: ReadStudy, tmp_path: Path) -> None:
    recorder, lines, events = recorded(study(axes={"seed": SEEDS}), tmp_path / "runs", 3)
    assert recorder.tasks == [["1", "2", "3"]]
    assert recorder.trials == ["seed=1", "seed=2", "seed=3"]
    assert [event.kind for event in events] == ["started"] * 3
    assert len(lines) == 1
    assert lines[0].endswith("3 of 3 seeds of study: seed=1 are trained one by one: out of memory")


@pytest.mark.parametrize(("size", "tasks"), [(2, [["1", "2"]]), (3, [["1", "2", "3"]])])
def test_no_more_than_so_many_are_trained_together(
    study: ReadStudy, tmp_path: Path, size: int, tasks: list[list[str]]
) -> None:
    assert recorded(study(axes={"seed": SEEDS}), tmp_path / "runs", size)[0].tasks == tasks


def test_seeds_of_different_configs_are_kept_apart(study: ReadStudy, tmp_path: Path) -> None:
    rates = {rate: {"training": {"lr": float(rate)}} for rate in ("0.01", "0.02")}
    recorder, _, _ = recorded(study(axes={"lr": rates, "seed": SEEDS}), tmp_path / "runs", 8)
    assert recorder.tasks == [["1", "2", "3"]] * 2


def test_a_trial_that_has_a_checkpoint_goes_on_from_it(study: ReadStudy, tmp_path: Path) -> None:
    some = study(axes={"seed": SEEDS})
    partial = tmp_path / "runs" / ".partial" / some.trials[0].hash
    partial.mkdir(parents=True)
    (partial / LAST).write_bytes(b"")
    recorder, _, _ = recorded(some, tmp_path / "runs", 8)
    assert recorder.tasks == [["2", "3"]]
    assert recorder.trials[0] == "seed=1"


def test_an_executor_that_does_not_wait_is_refused() -> None:
    recorder = Recorder()
    recorder.detach = True
    with pytest.raises(InputError, match=r"--batch-seeds: .* Leave --detach out"):
        SeedsTogether(recorder, 2)
