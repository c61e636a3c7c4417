"""Damaged runs do not count as done, a replaced run is never missing, and a full disk ends in one line."""

from __future__ import annotations

import errno
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cli.command import grnpyg

from grnpyg.core.files import beside, replace_folder
from grnpyg.studies.store import Store


@pytest.mark.parametrize("name", ["model.safetensors", "metrics.parquet", "config.yaml"])
@pytest.mark.parametrize("content", [None, b"", b"other"], ids=["missing", "empty", "changed"])
def test_a_damaged_run_is_not_done(run: Path, name: str, content: bytes | None) -> None:
    trial: Any = SimpleNamespace(hash=run.name, hashes=(run.name,))
    assert Store(run.parent).state(trial) == "done"
    (run / name).unlink() if content is None else (run / name).write_bytes(content)
    assert Store(run.parent).state(trial) == "pending"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="folders are swapped on Linux")
def test_a_folder_that_is_replaced_is_never_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("made", "target"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name)

    def rename(*_: Any) -> None:
        raise AssertionError("moved away: a kill here loses the run")

    monkeypatch.setattr(Path, "rename", rename)
    replace_folder(tmp_path / "made", tmp_path / "target")
    assert (tmp_path / "target/file").read_text() == "made"
    assert [path.name for path in tmp_path.iterdir()] == ["target"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EIO])
def test_a_write_that_fails_is_one_line(run: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    Path("edges.tsv").write_text("before")

    def full(*_: Any) -> None:
        import os

        raise OSError(number, os.strerror(number), "edges.tsv")

    monkeypatch.setattr("grnpyg.core.files.sync", full)
    result = grnpyg("predict", run, "-o", "edges.tsv")
    assert result.code == 1
    assert result.err.splitlines()[-1].startswith("failed: cannot read or write edges.tsv (")
    assert "Traceback" not in result.err
    assert Path("edges.tsv").read_text() == "before"
    assert not list(Path().glob(".edges*"))


def test_two_writers_have_two_temporary_files(tmp_path: Path) -> None:
    assert beside(tmp_path / "edges.tsv") != beside(tmp_path / "edges.tsv")
