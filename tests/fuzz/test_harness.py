"""The harness sees what it is there for: a traceback, a hang, a write elsewhere, and a process that dies."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from fuzz import worker
from fuzz.batches import Answers, _collect

from grnpyg.core.errors import InputError


def outcome(read: object, tmp_path: Path) -> str:
    return worker._outcome(read, tmp_path / "file", tmp_path)


def test_a_traceback_a_refusal_and_a_reading(tmp_path: Path) -> None:
    def fails(path: Path) -> object:
        raise KeyError("x")

    def refuses(path: Path) -> object:
        raise InputError("is no table", where=path)

    assert outcome(fails, tmp_path).startswith('"KeyError') or "KeyError" in outcome(fails, tmp_path)
    assert outcome(refuses, tmp_path) == "refused"
    assert outcome(lambda path: 1, tmp_path) == "read"


def test_a_hang(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "LONGEST", 1)

    def spins(path: Path) -> object:
        while True:
            try:
                sum(range(1000))
            except Exception:
                return None

    assert "Hang" in outcome(spins, tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="forks")
def test_a_write_elsewhere(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    pid = os.fork()
    if not pid:  # an audit hook cannot be removed again
        sys.addaudithook(worker._watch)
        said = worker._outcome(lambda path: outside.write_text("x"), inside / "file", inside)
        os._exit(0 if "Outside" in said and not outside.exists() else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_a_process_that_dies(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("7\tlabels\tlabels.tsv\tread\n8\tlabels\tlabels.tsv\tstart\n")
    found = Answers()
    assert _collect(tmp_path / "log", found, 7) == 8
    assert found.of("labels") == 1
