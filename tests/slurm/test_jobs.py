"""Jobs: what SLURM is asked, what it answers, and what is written down."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from time import time as now
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from slurm.fake import FakeSlurm, options_of

from grnpyg.studies.jobs import JobFolder, Jobs, Resources, SlurmError, SlurmTime, Value, Words, cancel
from grnpyg.studies.jobs import jobs as jobs_module
from grnpyg.studies.jobs import slurm as commands

time, value, words = TypeAdapter(SlurmTime), TypeAdapter(Value), TypeAdapter(Words)


@pytest.mark.parametrize(
    ("given", "minutes"),
    [("30m", "30"), ("2h", "120"), ("1d12h", "2160"), ("1h 30m", "90"), ("90s", "2"), ("1s", "1")]
    + [(same, same) for same in ("2:00:00", "1-12", "1-12:00:00", "30:00")],
)
def test_times(given: str, minutes: str) -> None:
    assert time.validate_python(given) == minutes


@pytest.mark.parametrize("given", ["2x", "", "h", "2h;rm", 7200, "-1h", "1:2:3:4"])
def test_no_times(given: Any) -> None:
    """7200 is what YAML makes of 2:00:00, and SLURM would take it for minutes."""
    with pytest.raises(ValidationError):
        time.validate_python(given)


@given(st.integers(0, 50), st.integers(0, 50), st.integers(1, 59))
def test_times_add_up(days: int, hours: int, minutes: int) -> None:
    assert time.validate_python(f"{days}d{hours}h{minutes}m") == str(days * 1440 + hours * 60 + minutes)


@given(st.text(st.characters(codec="ascii"), max_size=20))
def test_a_value_is_one_word_on_one_line(given: str) -> None:
    """A value with a space or a line break would be a further option of the script."""
    try:
        checked = value.validate_python(given)
    except ValidationError:
        return
    assert re.fullmatch(r"[^\s'\"`$\\;]+", checked)


@pytest.mark.parametrize("given", ["--nice=1\n#SBATCH --x", "--comment='no end", "\x1b"])
def test_further_options_are_words_on_one_line(given: str) -> None:
    with pytest.raises(ValidationError):
        words.validate_python(given)


def submit(runs: Path, tasks: int = 2, **resources: Any) -> JobFolder:
    lines = [[{"hash": f"{index:012x}"}] for index in range(tasks)]
    (job,) = Jobs(runs).submit("some.module", lines, Resources(**resources))
    return job


def test_a_job_is_written_down_and_found_again(fake: FakeSlurm, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    job = submit(runs, 3)
    assert {path.name for path in job.path.iterdir()} == {"trials.jsonl", "sbatch.sh", "job.json", "log"}
    assert Jobs(runs).folders == [job]
    assert [line["task"] for line in job.work] == [0, 1, 2]
    assert job.of_task(2) == [{"task": 2, "hash": "000000000002"}]
    assert job.task_of == {"000000000000": 0, "000000000001": 1, "000000000002": 2}
    assert (job.facts["job"], job.facts["tasks"]) == ("1", 3)
    fake.start(1)
    live = Jobs(runs).live()
    assert [(task.id, task.state, task.node) for task in live] == [
        ("1_0", "queued", ""),
        ("1_1", "running", "n1"),
        ("1_2", "queued", ""),
    ]
    assert live[0].reason == "Priority"
    cancel(["1_0", "1_2", "x; rm", "--all"])
    assert [task.id for task in Jobs(runs).live()] == ["1_1"]
    assert fake.asked[-2] == "scancel 1_0 1_2"


def test_what_a_task_asks_for(fake: FakeSlurm, tmp_path: Path) -> None:
    named = {"partition": "gpu", "time": "120", "mem": "4G", "account": "x", "qos": "high", "gpus": "a100:1"}
    job = submit(
        tmp_path, 5, at_once=2, cpus=4, constraint="ib|avx", extra="--nice=10 --comment='a b'", **named
    )
    options = options_of(job.path / "sbatch.sh")
    assert options["array"] == "0-4%2"
    assert options["job-name"] == job.name
    assert (options["cpus-per-task"], options["gres"], options["nice"]) == ("4", "gpu:a100:1", "10")
    plain = ("partition", "time", "mem", "account", "qos")
    assert {name: options[name] for name in plain} == {name: named[name] for name in plain}
    assert (options["comment"], options["constraint"]) == ("a b", "ib|avx")
    # preempted or out of time: told so in time, and started again
    assert {"requeue", "open-mode", "signal"} <= options.keys()
    assert options["signal"] == "B:TERM@120"


def run_script(job: JobFolder, index: int = 0, **variables: str) -> subprocess.CompletedProcess[str]:
    numbers = {"SLURM_ARRAY_JOB_ID": "7", "SLURM_ARRAY_TASK_ID": str(index), "SLURMD_NODENAME": "n1"}
    return subprocess.run(
        ["bash", str(job.path / "sbatch.sh")],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", **numbers, **variables},
    )


def test_the_script_runs_its_task(fake: FakeSlurm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the folder that it was submitted from, after the lines of the user, in folders of any name."""
    work = tmp_path / "a 'folder' of $mine"
    work.mkdir()
    monkeypatch.chdir(work)
    job = submit(Path("runs"), setup="export GREETING=hello", python="echo $GREETING python")
    assert run_script(job, 1).returncode == 0
    log = job.log(1).read_text().splitlines()
    assert log[0].startswith("grnpyg: job 7_1 on node n1, ")
    assert log[1].startswith("$GREETING python -P -m some.module ")
    assert log[1].endswith(f"{job.path} 1")
    assert job.last_words(1).startswith("$GREETING python")


def test_a_node_that_does_not_see_the_folder_says_so(
    fake: FakeSlurm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs, work = tmp_path / "runs", tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    job = submit(runs, python="true")
    work.rename(tmp_path / "elsewhere")
    assert run_script(job).returncode == 1
    assert f"node n1 does not see the folder {work}, where the job was submitted" in job.last_words(0)
    script = (job.path / "sbatch.sh").read_text()
    runs.rename(tmp_path / "gone")
    copy = tmp_path / "spool.sh"  # SLURM runs a copy
    copy.write_text(script)
    done = subprocess.run(["bash", str(copy)], capture_output=True, text=True, env={"SLURMD_NODENAME": "n1"})
    assert done.returncode == 1
    assert (
        f"node n1 does not see the folder {job.path}: --runs must lie where all nodes see it" in done.stderr
    )


def test_a_refusal_is_one_line_and_leaves_nothing(fake: FakeSlurm, tmp_path: Path) -> None:
    message = "sbatch: error: invalid partition specified: x\nsbatch: error: Batch job submission failed"
    fake.refuse("sbatch", message)
    with pytest.raises(SlurmError) as refusal:
        submit(tmp_path / "runs")
    assert str(refusal.value).endswith(
        "sbatch refused: invalid partition specified: x Batch job submission failed"
    )
    assert not Jobs(tmp_path / "runs").folders


def test_an_answer_that_was_lost_is_no_refusal(fake: FakeSlurm, tmp_path: Path) -> None:
    """A busy controller takes a job and fails to say so: submitted again, all would be trained twice."""
    fake.refuse("sbatch", "sbatch: error: lost: Socket timed out on send/recv operation")
    job = submit(tmp_path)
    assert job.facts["job"] == "1"
    assert {task["name"] for task in fake.tasks} == {job.name}


def test_without_slurm_it_says_where_to_run_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SlurmError, match=r"no sbatch here\. Run this where jobs are submitted"):
        submit(tmp_path / "runs")


def test_more_tasks_than_an_array_holds_are_several_jobs(
    fake: FakeSlurm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs_module, "LARGEST", 2)
    made = Jobs(tmp_path).submit("some.module", [[{"hash": "ab"}]] * 5, Resources())
    assert [job.facts["tasks"] for job in made] == [2, 2, 1]
    assert len(Jobs(tmp_path).live()) == 5


def test_squeue_is_asked_for_so_many_names_at_a_time(
    fake: FakeSlurm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "AT_ONCE", 2)
    for _ in range(3):
        submit(tmp_path)
    assert len(Jobs(tmp_path).live()) == 6
    assert sum(line.startswith("squeue") for line in fake.asked) == 2


def test_jobs_of_one_second_are_in_the_order_of_submission(fake: FakeSlurm, tmp_path: Path) -> None:
    made = [submit(tmp_path) for _ in range(6)]
    assert Jobs(tmp_path).folders == made


def test_a_job_folder_from_elsewhere_is_data(fake: FakeSlurm, tmp_path: Path) -> None:
    """Whatever it holds: nothing of it is executed, and no job of another name is meant by it."""
    job = submit(tmp_path)
    runs = tmp_path
    for name in ("grnpyg-x", "somebody", "grnpyg-20260101-000000-abcdef;x"):
        (runs / ".jobs" / name).mkdir()
    assert Jobs(runs).folders == [job]
    bad = JobFolder(runs / ".jobs" / "grnpyg-20260101-000000-abcdef")
    (bad.path / "log").mkdir(parents=True)
    (bad.path / "sbatch.sh").write_text(f"touch {runs / 'executed'}\n")
    for text in ("{", "[]", '{"task": "x"}\n[1]\n{"task": 0', "\x00" * 9):
        for name in ("trials.jsonl", "job.json", "log/0.jsonl"):
            (bad.path / name).write_text(text)
        assert (bad.facts, bad.events(0)) in [({}, []), ({}, [{"task": "x"}])]
        assert JobFolder(bad.path).work == []
        assert JobFolder(bad.path).task_of == {}
    fake.write({"tasks": [{**fake.tasks[0], "name": "somebody"}, fake.tasks[1]], "over": []})
    assert [task.index for task in Jobs(runs).live()] == [1]
    assert not (runs / "executed").exists()


def test_old_jobs_go_when_their_work_is_done(fake: FakeSlurm, tmp_path: Path) -> None:
    """By themselves, or by another job where they were cancelled; what failed stays, with its log."""

    def job(*hashes: str, done: str = "", failed: str = "", days: int = 2) -> JobFolder:
        (made,) = Jobs(tmp_path).submit("m", [[{"hash": hash_} for hash_ in hashes]], Resources())
        made.log(0).write_text("what it printed\n")
        for kind, said in (("done", done), ("failed", failed)):
            for hash_ in said.split():
                made.add_event(0, {"kind": kind, "hash": hash_})
        for path in (made.path, *made.path.rglob("*")):
            os.utime(path, (time_now - days * 86400,) * 2)
        return made

    time_now = now()
    whole, cancelled = job("aa", "ab", done="aa ab"), job("ba", "bb", done="ba")
    redone, fresh = job("bb", done="bb"), job("ca", done="ca", days=0)
    failing = job("da", "db", done="da", failed="db")
    strange = job("ea")
    (strange.path / "trials.jsonl").write_text("{")
    os.utime(strange.path / "trials.jsonl", (time_now - 2 * 86400,) * 2)
    gone = {whole, cancelled, redone}
    last = submit(tmp_path)
    assert set(Jobs(tmp_path).folders) == {fresh, failing, strange, last}
    assert not any(job.path.exists() for job in gone)


def test_other_work_than_trials_is_done_when_its_line_is(tmp_path: Path) -> None:
    """A share of a network has no hash."""
    first = JobFolder.make(tmp_path, [[{"share": 1}], [{"share": 2}]])
    first.add_event(0, {"kind": "done"})
    second = JobFolder.make(tmp_path, [[{"share": 2}]])
    for done in (False, True):
        for path in (first.path, *first.path.rglob("*")):
            os.utime(path, (0, 0))
        last = JobFolder.make(tmp_path, [[{"share": 3}]])
        assert first.path.exists() is not done
        second.add_event(0, {"kind": "done"})
    assert {second, last} < set(Jobs(tmp_path).folders)


@given(st.text())
def test_no_line_of_squeue_breaks_it(line: str) -> None:
    commands._task(line, {"grnpyg-1"})


def test_other_processes_wait_until_jobs_are_submitted(fake: FakeSlurm, tmp_path: Path) -> None:
    """Two submitters at the same time: the second one finds the jobs of the first."""
    runs = tmp_path / "runs"
    code = (
        "import sys\nfrom pathlib import Path\nfrom grnpyg.studies.jobs import Jobs, Resources\n"
        "jobs = Jobs(Path(sys.argv[1]))\n"
        "with jobs.alone():\n"
        "    if not jobs.live(): jobs.submit('m', [[{'hash': 'ab'}]], Resources())\n"
    )
    with Jobs(runs).alone():
        others = [subprocess.Popen([sys.executable, "-c", code, str(runs)]) for _ in range(3)]
    assert [other.wait() for other in others] == [0, 0, 0]
    assert len(fake.tasks) == 1
    assert Jobs(runs).folders[0].facts["job"] == "1"
