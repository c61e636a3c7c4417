"""Where a file system has no locks, or its locks reach one machine, claims keep a folder for one process."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from grnpyg.core import claims, locks
from grnpyg.core.claims import DEAD_AFTER, PREFIX, Held, claim
from grnpyg.core.files import machine
from grnpyg.core.locks import LOCK, BusyError, held, locked

GIVE_UP = 600  # seconds


@pytest.fixture(params=[errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP])
def no_locks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file system knows no locks."""

    def refuse(descriptor: int, *, blocking: bool) -> bool:
        raise OSError(request.param, os.strerror(request.param))

    monkeypatch.setattr(locks, "lock_descriptor", refuse)


def foreign(folder: Path, number: int = 1, *, touched: float = 0.0, **changes: Any) -> Path:
    """A claim of another machine, last touched so many seconds ago."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / LOCK).touch()
    values = {"owner": "them", "machine": "other", "host": "node7", "process": 7, "job": "", "restarts": "0"}
    path = folder / f"{PREFIX}{number}"
    path.write_text(json.dumps(values | changes))
    os.utime(path, (time.time() - touched,) * 2)
    return path


def test_without_locks_a_folder_is_still_held_by_one(tmp_path: Path, no_locks: None) -> None:
    folder = tmp_path / "runs" / "a"
    with locked(folder):
        assert held(folder)
        with pytest.raises(BusyError, match=f"process {os.getpid()} on"), locked(folder):
            pass
        assert held(folder), "a refusal does not end the claim"
    assert not held(folder)
    assert not list(tmp_path.iterdir()), "nothing is left behind"


def test_a_process_of_another_machine_holds_the_folder_although_the_lock_here_is_free(tmp_path: Path) -> None:
    """Some network file systems keep locks on the machine that asks for them."""
    folder = tmp_path / "a"
    path = foreign(folder, job="12")
    assert held(folder)
    with pytest.raises(BusyError, match="process 7 on node7, job 12"), locked(folder):
        pass
    assert path.exists()
    foreign(folder, touched=DEAD_AFTER + 60)
    assert not held(folder)
    with locked(folder):
        assert held(folder)
    assert not folder.exists(), "the dead one's claim is gone as well"


def test_a_dead_process_of_this_machine_holds_nothing(tmp_path: Path, no_locks: None) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    folder = tmp_path / "a"
    foreign(folder, machine=machine(), process=process.pid)
    assert not held(folder)
    foreign(folder, machine=machine(), process=os.getpid())
    assert held(folder)


def test_a_requeued_job_goes_on_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SLURM starts a job again only when its first start is over, perhaps on another machine."""
    foreign(tmp_path / "a", job="12", restarts="0")
    monkeypatch.setenv("SLURM_JOB_ID", "12")
    assert held(tmp_path / "a"), "another task of the same job"
    monkeypatch.setenv("SLURM_RESTART_COUNT", "1")
    assert not held(tmp_path / "a")


@pytest.mark.parametrize("content", ["", "[]", "{", '{"owner": 3}', "x" * (1 << 15)])
def test_what_is_no_claim_yet_counts_as_one_until_it_is_old(tmp_path: Path, content: str) -> None:
    path = foreign(tmp_path / "a")
    path.write_text(content)
    assert held(tmp_path / "a")
    os.utime(path, (0, 0))
    assert not held(tmp_path / "a")


def test_an_owner_that_awakes_keeps_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look at an old claim and the new one its owner may show a sign of life."""
    path = foreign(tmp_path, touched=DEAD_AFTER + 60)
    dead = claims._dead

    def awakes(*about: Any) -> bool:
        result = dead(*about)
        os.utime(path)
        return result

    monkeypatch.setattr(claims, "_dead", awakes)
    assert not isinstance(claim(tmp_path, locks=False), Held)
    assert [file.name for file in tmp_path.glob(f"{PREFIX}*")] == [path.name]


def test_signs_of_life_come_until_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "RENEW", 0.01)
    with locked(tmp_path / "a"):
        (path,) = (tmp_path / "a").glob(f"{PREFIX}*")
        os.utime(path, (0, 0))
        until = time.monotonic() + GIVE_UP
        while path.stat().st_mtime == 0 and time.monotonic() < until:
            time.sleep(0.01)
        assert path.stat().st_mtime > 0


@pytest.mark.parametrize("removed", ["the folder", "the lock, between the look and the removal"])
def test_another_process_may_tidy_up_first(
    tmp_path: Path, no_locks: None, monkeypatch: pytest.MonkeyPatch, removed: str
) -> None:
    """Without locks the next one may come and go between the end of a claim and the tidying up."""
    folder, whole = tmp_path / "runs" / "a", removed == "the folder"
    release, iterdir = Held.release, Path.iterdir

    def released(self: Held) -> None:
        release(self)
        if whole:
            (folder / LOCK).unlink()
            folder.rmdir()
        else:
            monkeypatch.setattr(Path, "iterdir", seen)

    def seen(path: Path) -> Any:
        names = list(iterdir(path))
        (folder / LOCK).unlink(missing_ok=True)
        return iter(names)

    monkeypatch.setattr(Held, "release", released)
    with locked(folder):
        assert held(folder)
    monkeypatch.undo()
    assert not list(tmp_path.iterdir())


RACE = """
import os, sys, time
from pathlib import Path
from grnpyg.core import locks
def refuse(descriptor, *, blocking):
    raise OSError(38, "no locks")
locks.lock_descriptor = refuse
print("ready", flush=True)
sys.stdin.readline()
for folder in map(Path, sys.argv[1:]):
    done = folder.parent / "done"
    log = os.open(folder.parent / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    entered = False
    while not done.exists() or not entered:
        try:
            with locks.locked(folder):
                os.write(log, b"in ")
                entered = True
                if not done.exists():
                    os.write(log, b"trained ")
                    done.touch()
                os.write(log, b"out ")
        except locks.BusyError:
            time.sleep(0.001)
"""


@pytest.mark.slow
@pytest.mark.parametrize("left", ["nothing", "a dead owner's claim"])
def test_of_many_processes_one_works_and_never_two_at_a_time(tmp_path: Path, left: str) -> None:
    """Six processes that all want to be in every folder once; the first one there trains."""
    folders = [tmp_path / f"{number}" / "a" for number in range(25)]
    for folder in folders:
        folder.parent.mkdir()
        if left != "nothing":
            foreign(folder, touched=DEAD_AFTER + 60)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    command = [sys.executable, "-c", RACE, *map(str, folders)]
    processes = [subprocess.Popen(command, **pipes) for _ in range(6)]  # type: ignore[call-overload]
    try:
        for process in processes:
            assert process.stdout.readline() == b"ready\n"
        for process in processes:
            process.stdin.write(b"go\n")
            process.stdin.flush()
        assert [process.wait(GIVE_UP) for process in processes] == [0] * 6
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    for folder in folders:
        events = (folder.parent / "log").read_text().split()
        assert Counter(events)["trained"] == 1
        steps = [event for event in events if event != "trained"]
        assert steps == ["in", "out"] * 6, "two were in the folder at a time"
        assert not list(folder.glob(f"{PREFIX}*"))
