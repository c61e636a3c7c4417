"""`grnpyg predict --shards --executor`: the parts are made by tasks, wherever these run."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from cli.command import grnpyg, refused
from slurm.fake import FakeSlurm, fake

from grnpyg.studies.executors import slurm_session, tasks_here
from grnpyg.studies.jobs import Jobs

__all__ = ["fake"]
LOCAL = ("--executor", "local")


def merged(run: Path, *options: object) -> bytes:
    assert grnpyg("predict", run, *options, "-o", "n.parquet").code == 0
    return Path("n.parquet").read_bytes()


def test_the_tasks_of_this_machine_give_the_network_of_one_call(run: Path) -> None:
    said = grnpyg("predict", run, "--shards", "net", *LOCAL, "--tasks", 2, "--executor-option", "jobs=2")
    assert said.code == 0, said.err
    assert "2 tasks are done" in said.err
    assert "all 2 parts are there" in said.err
    assert merged(run, "--shards", "net") == merged(run)


def test_a_task_that_fails_is_said_and_the_next_call_makes_what_is_left(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of two tasks finds no Python; the parts of the other one are kept."""
    command = tasks_here.command_of

    def second_fails(module: str, folder: Path, index: int) -> list[str]:
        return ["/bin/sh", "-c", "echo the disk is gone; exit 3"] if index else command(module, folder, index)

    with monkeypatch.context() as patch:
        patch.setattr(tasks_here, "command_of", second_fails)
        failed = grnpyg("predict", run, "--shards", "net", *LOCAL, "--tasks", 2)
    assert failed.code == 1
    assert "1 of 2 tasks ended before their parts were made; task 2: the disk is gone (log: " in failed.err
    log = Path(failed.err.partition("(log: ")[2].partition(")")[0])
    assert log.read_text() == "the disk is gone\n"
    first = (Path("net") / "part-00000.parquet").stat().st_mtime_ns
    assert grnpyg("predict", run, "--shards", "net", *LOCAL, "--tasks", 2).code == 0
    assert (Path("net") / "part-00000.parquet").stat().st_mtime_ns == first
    assert merged(run, "--shards", "net") == merged(run)


def work(fake: FakeSlurm) -> None:
    """Let the first task of the queue run to its end, in this process."""
    from grnpyg.studies.shard_task import make

    task = fake.start()
    folder = Path(task["script"]).parent
    with (folder / "log" / f"{task['index']}.log").open("a") as log, contextlib.redirect_stdout(log):
        make(folder, task["index"])
    fake.finish()


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """`steps(one, two)`: what happens at each wait for the queue."""
    waiting: list[Callable[[], object]] = []

    def sleep(seconds: float) -> None:
        if waiting:
            waiting.pop(0)()

    # of this module alone: other threads sleep as well
    monkeypatch.setattr(slurm_session, "time", SimpleNamespace(sleep=sleep, monotonic=time.monotonic))
    return lambda *given: waiting.extend(given)


def test_the_tasks_of_a_cluster(run: Path, fake: FakeSlurm, steps: Callable[..., None]) -> None:
    steps(*[lambda: work(fake)] * 3)
    options = ("--executor", "slurm", "--executor-option", "partition=x", "--tasks", 3)
    said = grnpyg("predict", run, "--shards", "net", *options, "--json")
    assert said.code == 0, said.err
    assert "3 tasks are done (job 1)" in said.err
    assert said.json["missing"] == 0
    (job,) = Jobs(Path("net")).folders
    script = (job.path / "sbatch.sh").read_text()
    assert "--array=0-2" in script
    assert "--partition=x" in script
    assert "-m grnpyg.studies.shard_task" in script
    assert merged(run, "--shards", "net") == merged(run)


def test_a_task_that_was_cancelled_is_an_error(
    run: Path, fake: FakeSlurm, steps: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slurm_session, "SETTLE", 0.0)
    steps(lambda: work(fake), lambda: fake.finish())
    said = grnpyg("predict", run, "--shards", "net", "--executor", "slurm", "--tasks", 2)
    assert said.code == 1
    assert "1 of 2 tasks ended" in said.err
    assert "task 2: it never began: it was cancelled" in said.err
    steps(lambda: work(fake))  # what is left
    assert grnpyg("predict", run, "--shards", "net", "--executor", "slurm", "--tasks", 2).code == 0


def test_a_cluster_that_refuses_the_jobs_leaves_nothing_behind(run: Path, fake: FakeSlurm) -> None:
    fake.refuse("sbatch", "invalid partition specified: x")
    options = ("--shards", "net", "--executor", "slurm", "--tasks", 2)
    refused("predict", run, *options, says=("sbatch refused", "invalid partition specified: x"))


def test_tasks_that_are_left_in_the_queue(run: Path, fake: FakeSlurm) -> None:
    said = grnpyg(
        "predict", run, "--shards", "net", "--executor", "slurm", "--detach", "--tasks", 2, "--json"
    )
    assert said.json == {"shards": "net", "tasks": 2, "jobs": ["1"]}
    assert [task["state"] for task in fake.tasks] == ["PENDING"] * 2
    for _ in range(2):
        work(fake)
    assert merged(run, "--shards", "net") == merged(run)


SLURM = ("--shards", "net", "--executor", "slurm")


def test_a_second_call_attaches_to_what_is_in_the_queue(
    run: Path, fake: FakeSlurm, steps: Callable[..., None]
) -> None:
    """Also where the first one said into how many tasks, and the second does not. Nothing is made twice."""
    command = ("predict", run, *SLURM, "--detach", "--json")
    said = grnpyg(*command, "--tasks", 3).json
    assert grnpyg(*command, "--tasks", 3).json == grnpyg(*command).json == said
    work(fake)
    assert grnpyg(*command).json["tasks"] == 2
    fake.change(0, state="COMPLETING")  # cancelled, and not quite over
    assert grnpyg(*command).json == {"shards": "net", "tasks": 2, "jobs": ["1", "2"]}
    fake.finish()
    steps(*[lambda: work(fake)] * 2)
    assert grnpyg("predict", run, *SLURM).code == 0
    second, first = sorted(Jobs(Path("net")).folders, key=lambda job: len(job.work))  # of one second
    assert [line["share"] for line in first.work] == [1, 2, 3]
    assert [line["share"] for line in second.work] == [2]
    done = [event for job in (first, second) for task in range(3) for event in job.events(task)]
    assert [(event["made"], event["kept"]) for event in done] == [(1, 0)] * 3
    said = grnpyg("predict", run, *SLURM)
    assert "no task has anything to do: all parts are in net" in said.err
    assert len(Jobs(Path("net")).folders) == 2
    assert merged(run, "--shards", "net") == merged(run)


def test_the_queue_has_to_make_what_is_asked(run: Path, fake: FakeSlurm) -> None:
    """Two numbers of tasks would make parts twice; other options make another network."""
    assert grnpyg("predict", run, *SLURM, "--detach", "--tasks", 3).code == 0
    says = ("--tasks: the tasks in the queue share the network out among 3, not 2", "scancel 1")
    refused("predict", run, *SLURM, "--tasks", 2, says=says)
    refused("predict", run, *SLURM, "--new", says=("net", "tasks with other runs or options", "scancel 1"))
    assert len(fake.tasks) == 3


def test_what_is_left_of_a_folder_may_be_shared_out_anew(
    run: Path, fake: FakeSlurm, steps: Callable[..., None]
) -> None:
    """Begun with five parts: two tasks make what is left of them, and more than five cannot."""
    assert grnpyg("predict", run, "--shards", "net", "--task", "2/5").code == 0
    says = ("--tasks: net was begun with 5 parts, which 6 tasks cannot share out", "at most 5 tasks")
    refused("predict", run, *SLURM, "--tasks", 6, says=says)
    steps(*[lambda: work(fake)] * 2)
    assert grnpyg("predict", run, *SLURM, "--tasks", 2).code == 0
    (job,) = Jobs(Path("net")).folders
    assert [job.events(task)[0]["made"] for task in (0, 1)] == [1, 3]
    assert merged(run, "--shards", "net") == merged(run)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--tasks", 2), "--tasks: is of an executor, and none is named"),
        (("--shards", "net", "--detach"), "--detach: is of an executor"),
        (("--executor-option", "jobs=2"), "--executor-option: is of an executor"),
        (LOCAL, "--executor: an executor makes parts of a folder. Name a folder"),
        ((*LOCAL, "--shards", "net", "--task", "1/2"), "--task: an executor makes all shares"),
        ((*LOCAL, "--shards", "net", "--detach"), "--detach: the executor local has no queue"),
        ((*LOCAL, "--shards", "net", "--tasks", 99), "--tasks: 99 shards are more than the 15 TFs"),
        ((*LOCAL, "--shards", "net", "--top", 5), "--top: the parts hold every pair"),
        (("--executor", "lokal", "--shards", "net"), "did you mean 'local'"),
        ((*LOCAL, "--shards", "net", "--executor-option", "time=2h"), "time"),
        (
            ("--executor", "slurm", "--shards", "net", "--detach", "-o", "n.tsv"),
            "-o: with --detach there is nothing to merge yet",
        ),
        ((*LOCAL, "--shards", "labels.tsv"), "labels.tsv"),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_before_any_work(run: Path, options: tuple[object, ...], says: str) -> None:
    refused("predict", run, *options, says=(says,))


def test_an_executor_that_trains_trials_alone_says_so(run: Path) -> None:
    Path("own.py").write_text(
        "from grnpyg.studies.executors import Executor\n"
        "class Own(Executor):\n"
        "    def __init__(self, *, jobs: int = 1): ...\n"
        "    def run(self, trials, store, on_event): ...\n"
    )
    said = grnpyg("predict", run, "--shards", "net", "--executor", "own.py:Own")
    assert said.code == 2
    assert "trains trials and runs no other tasks" in said.err
    assert not Path("net").exists()


@pytest.mark.ray
def test_the_tasks_of_ray(run: Path) -> None:
    pytest.importorskip("ray", reason="needs ray: pip install 'grnpyg[ray]'")
    said = grnpyg("predict", run, "--shards", "net", "--executor", "ray", "--tasks", 2)
    assert said.code == 0, said.err
    assert merged(run, "--shards", "net") == merged(run)
