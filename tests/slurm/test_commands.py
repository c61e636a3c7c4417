"""What a shell sees of trials on a cluster: run, status, cancel, logs, and the options that lead there."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cli.command import grnpyg, refused, said_without_heavy_imports
from slurm.fake import FakeSlurm, options_of

from grnpyg.studies import Store, read_study
from grnpyg.studies.jobs import Jobs

Write = Callable[..., Path]
Meanwhile = Callable[..., None]
SLURM = ("--executor", "slurm")
TWO = {"axes": {"seed": [1, 2]}}


def test_submit_look_cancel_and_submit_again(write: Write, fake: FakeSlurm, meanwhile: Meanwhile) -> None:
    study = write(**TWO)
    result = grnpyg("study", "run", study, *SLURM, "--executor-option", "time=2h", "--detach")
    assert (result.code, result.out) == (0, "")
    assert "0 done now, 0 before, 0 failed, 2 queued" in result.err
    assert "2 trials are in the queue, job 1" in result.err
    assert f"next: grnpyg study status {study} --trials --runs runs" in result.err
    said = grnpyg("study", "status", study, "--trials", "--json").json
    assert (said["queued"], said["pending"], said["queue_unknown"]) == (2, 0, None)
    first, second = said["states"]
    assert (first["job"], first["node"], first["log"], first["note"]) == ("1_0", None, None, "Priority")
    shown = grnpyg("study", "status", study, "--trials").out
    assert "2 queued, 0 pending" in shown
    assert "2 queued: Priority" in shown
    assert "1_1" in shown
    cancelled = grnpyg("study", "cancel", study, "--json").json
    assert (cancelled["tasks"], cancelled["trials"]) == (["1_0", "1_1"], 2)
    assert "nothing of the study study is in the queue" in grnpyg("study", "cancel", study).err
    assert "pending: job 1_0 is over: it never began" in grnpyg("study", "status", study).out
    done = grnpyg("study", "run", study, *SLURM, "--json").json
    assert (done["done"], done["queued"], done["interrupted"]) == (2, 0, 0)
    assert grnpyg("study", "status", study, "--json").json["done"] == 2
    log = grnpyg("study", "logs", second["config_hash"])
    assert (log.code, log.err.startswith("log: runs/.jobs/grnpyg-")) == (0, True)


def test_an_interruption_ends_with_1_and_one_object(
    write: Write, fake: FakeSlurm, meanwhile: Meanwhile
) -> None:
    meanwhile(fake.finish)
    result = grnpyg("study", "run", write(**TWO), *SLURM, "--json")
    said = json.loads(result.out)
    assert (result.code, said["done"], said["failed"], said["interrupted"]) == (1, 1, 0, 1)
    (line,) = said["interruptions"]
    assert line["trial"] == "seed=1"
    assert "it never began" in line["error"]
    shown = grnpyg("study", "run", write(**TWO), *SLURM)
    assert shown.code == 0
    assert "1 done now, 1 before, 0 failed" in shown.err


def test_ctrl_c_leaves_the_jobs(write: Write, fake: FakeSlurm, meanwhile: Meanwhile) -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    meanwhile(stop)
    study = write(**TWO)
    result = grnpyg("study", "run", study, *SLURM)
    assert result.code == 1
    assert f"the jobs go on; `grnpyg study cancel {study} --runs runs` ends them" in result.err
    assert len(fake.tasks) == 2


def test_the_file_of_a_study_may_say_where(write: Write, fake: FakeSlurm) -> None:
    """The command line comes first; options of the file are for the executor that it names."""
    named = {"name": "slurm", "time": "2h", "partition": "gpu", "jobs": 3}
    study = write(**TWO, executor=named)
    more = ("--executor-option", "partition=cpu", "--threads", 2)
    assert grnpyg("study", "run", study, "--detach", *more, "--json").json["queued"] == 2
    (job,) = Jobs(Path("runs")).folders
    options = options_of(job.path / "sbatch.sh")
    assert (options["time"], options["partition"], options["array"]) == ("120", "cpu", "0-1%3")
    assert options["cpus-per-task"] == "2"
    other = write("other.yaml", axes={"seed": [8]}, executor={**named, "time": "3h"})
    refused("study", "run", study, other, "--detach", says=("study and other", "different executors"))
    refused("study", "run", study, *SLURM, "--executor-option", "tim=3h", says=("'time'",))
    refused("study", "run", study, "--executor", "local", "--detach", says=("--detach", "no queue"))
    wrong = write("wrong.yaml", **TWO, executor={"name": "slurm", "tmie": "2h"})
    refused("study", "run", wrong, says=("executor slurm", "'time'"))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--executor-option", "time=2h"), ("executor local", "'time'", "jobs")),
        ((*SLURM, "--executor-option", "time"), ("'time' is not KEY=VALUE",)),
        ((*SLURM, "--executor-option", "time=1h", "--executor-option", "time=2h"), ("time is given twice",)),
        ((*SLURM, "--executor-option", "jobs=2", "--jobs", "3"), ("jobs is given twice", "--jobs")),
        ((*SLURM, "--executor-option", "sbatch=--x 'y"), ("sbatch", "has no end")),
        (("--executor", "slrm"), ("'slurm'",)),
    ],
)
def test_bad_options_are_refused(
    write: Write, fake: FakeSlurm, options: tuple[str, ...], says: tuple[str, ...]
) -> None:
    refused("study", "run", write(**TWO), *options, says=says)
    assert fake.tasks == []


def test_a_refusal_of_sbatch_is_one_line(write: Write, fake: FakeSlurm) -> None:
    fake.refuse("sbatch", "sbatch: error: invalid account or account/partition combination specified")
    result = grnpyg("study", "run", write(**TWO), *SLURM)
    assert result.code == 2
    assert result.err.splitlines() == [
        "error: --executor slurm: sbatch refused: invalid account or account/partition combination specified"
    ]
    assert not Jobs(Path("runs")).folders


def test_status_says_when_the_queue_is_not_known(write: Write, fake: FakeSlurm) -> None:
    """On a laptop, where the folder was copied to."""
    study = write(**TWO)
    grnpyg("study", "run", study, *SLURM, "--detach")
    fake.refuse("squeue", "slurm_load_jobs error: Unable to contact slurm controller")
    result = grnpyg("study", "status", study, "--json")
    assert (result.json["pending"], result.json["queue_unknown"] is None) == (2, False)
    assert "what is queued is not known: squeue refused: slurm_load_jobs error" in result.err
    refused_ = grnpyg("study", "cancel", study)
    assert (refused_.code, refused_.err.count("\n")) == (2, 1)


def test_the_log_of_a_local_failure_is_its_traceback(write: Write) -> None:
    (trial,) = read_study(write(axes={"seed": [1]})).trials
    Store(Path("runs")).fail(trial, "KeyError: 'x'", "Traceback (most recent call last):\n  line\n")
    result = grnpyg("study", "logs", trial.hash)
    assert result.out == "KeyError: 'x'\nTraceback (most recent call last):\n  line\n"
    said = grnpyg("study", "logs", trial.hash, "--json").json
    assert (said["trial"], said["log"]) == (trial.hash, f"runs/.failed/{trial.hash}.json")
    refused("study", "logs", "0123456789ab", says=("0123456789ab", "study status"))


def test_tune_and_bench_go_to_the_cluster(
    write: Write, base: dict[str, object], fake: FakeSlurm, meanwhile: Meanwhile
) -> None:
    import yaml

    space = {"training.lr": {"low": 0.001, "high": 0.1, "log": True}}
    tuning = {"base": base, "trials": 2, "objective": "auroc", "models": {"dual": {}}, "space": space}
    Path("tuning.yaml").write_text(yaml.safe_dump(tuning))
    said = grnpyg("tune", "tuning.yaml", *SLURM, "--executor-option", "time=1h", "--json").json
    assert len(said["models"][0]["trials"]) == 2
    assert len(Jobs(Path("runs")).folders) == 2  # one after the other, as each is drawn from the last
    Path("suite.yaml").write_text(yaml.safe_dump({"base": base, "models": {"dual": {}}}))
    bench = grnpyg("bench", "suite.yaml", "--runs", "b", *SLURM, "--json").json
    assert (bench["done"], bench["interrupted"]) == (3, 0)
    assert all(entry["wall_seconds_mean"] == 0.5 for entry in bench["entries"])
    refused("tune", "tuning.yaml", *SLURM, "--executor-option", "x=1", says=("executor slurm", "'x'"))
    refused("bench", "suite.yaml", *SLURM, "--executor-option", "x=1", says=("executor slurm", "'x'"))


@pytest.mark.parametrize("command", ["status", "cancel"])
def test_what_looks_at_the_queue_imports_nothing_heavy(write: Write, fake: FakeSlurm, command: str) -> None:
    """It is asked again and again; torch alone takes seconds."""
    study = write(**TWO)
    grnpyg("study", "run", study, *SLURM, "--detach")
    assert said_without_heavy_imports("study", command, study, "--json")["trials"] == 2
