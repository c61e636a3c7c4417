"""Damaged runs do not count as done, a replaced run is never missing, and a full disk ends in one line."""

from __future__ import annotations

import errno
import os
import shutil
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cli.command import grnpyg, refused
from cli.test_foreign_runs import seal
from in_this_process import InThisProcess

from grnpyg.core.files import beside, replace_folder
from grnpyg.core.locks import held
from grnpyg.core.tables import write_table
from grnpyg.data import catalog
from grnpyg.runs import Run
from grnpyg.studies.executors import LocalExecutor
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


@pytest.mark.skipif(os.name != "posix", reason="limits the size of files")
def test_a_disk_that_is_full_while_tensors_are_written_is_one_line(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Safetensors writes outside Python; a file that may not grow fails there as on a full disk."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        result = grnpyg("train", "--config", "small.yaml")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert result.code == 1
    assert "Traceback" not in result.err
    (line,) = [line for line in result.err.splitlines() if line.startswith("failed: ")]
    assert line.startswith("failed: cannot read or write runs/.partial/")
    assert ".last.ckpt" in line


@pytest.mark.parametrize("value", ["nan", "inf"])
@pytest.mark.parametrize("command", [("eval",), ("predict",), ("prune", "--ratio", 0.5)], ids=lambda c: c[0])
def test_weights_that_are_not_finite_are_one_line(run: Path, value: str, command: tuple[str, ...]) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(run / "model.safetensors")
    name = sorted(weights)[0]
    weights[name].view(-1)[0] = float(value)
    save_file(weights, run / "model.safetensors")
    seal(run)
    refused(command[0], run, *command[1:], says=(name, "not finite"))


def test_a_checkpoint_whose_weights_are_not_finite_is_one_line(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from safetensors import safe_open
    from safetensors.torch import load_file, save_file

    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("grnpyg.training.materialise.write_run", killed)
        grnpyg("train", "--config", "small.yaml")
    (checkpoint,) = Path("runs").rglob("last.ckpt")
    with safe_open(checkpoint, framework="pt") as file:
        metadata = file.metadata()
    save_file(
        {key: values * float("nan") for key, values in load_file(checkpoint).items()}, checkpoint, metadata
    )
    refused("train", "--config", "small.yaml", "--resume", says=("last.ckpt", "not finite", "--overwrite"))


STUDY = """\
base: small.yaml
axes: {all: {pruned: {prune: [{ratio: 0.5}]}}}
"""


@pytest.mark.parametrize("content", [None, b""], ids=["missing", "empty"])
@pytest.mark.parametrize("name", ["manifest.json", "model.safetensors"])
def test_a_study_makes_a_damaged_run_again_and_says_so(
    work: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes | None
) -> None:
    """The run of a trial, and the one that it is cut from."""
    monkeypatch.setattr(LocalExecutor, "run", InThisProcess().run)
    Path("study.yaml").write_text(STUDY)
    assert grnpyg("study", "run", "study.yaml").code == 0
    before = {path: path.read_bytes() for path in Path("runs").glob("*/predictions.parquet")}
    assert len(before) == 2
    for path in before:
        damaged = path.with_name(name)
        damaged.unlink() if content is None else damaged.write_bytes(content)
    assert " 0 done" in grnpyg("study", "status", "study.yaml").out
    mended = grnpyg("study", "run", "study.yaml")
    assert mended.code == 0, mended.err
    said = [line for line in mended.err.splitlines() if line.startswith("warning: runs/")]
    assert len(said) == 2
    assert all("made again" in line for line in said)
    assert {path: path.read_bytes() for path in Path("runs").glob("*/predictions.parquet")} == before
    assert " 1 done" in grnpyg("study", "status", "study.yaml").out


@pytest.mark.skipif(not hasattr(os, "fork"), reason="writes from two processes")
@pytest.mark.parametrize("name", ["edges.tsv", "edges.parquet"])
def test_of_two_tables_written_at_once_one_is_there_and_whole(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    tables = [
        pd.DataFrame({"TF": ["A"] * 20_000, "importance": np.arange(20_000) * sign}) for sign in (1, -1)
    ]
    wanted = set()
    for table in tables:
        write_table(table, path)
        wanted.add(path.read_bytes())
    writers = set()
    for table in tables:
        if child := os.fork():
            writers.add(child)
        else:
            for _ in range(10):
                write_table(table, path)
            os._exit(0)
    while writers:
        assert path.read_bytes() in wanted
        ended, status = os.waitpid(-1, os.WNOHANG)
        writers.discard(ended)
        assert not status
    assert [file.name for file in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(
    "command",
    [("eval",), ("predict", "-o", "edges.tsv"), ("prune", "--ratio", 0.5), ("effective-rank",), ("report",)],
    ids=lambda command: command[0],
)
def test_a_run_that_is_deleted_after_it_was_opened_is_one_line(
    run: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[object, ...]
) -> None:
    load = Run.load

    def load_and_lose(path: Path, **options: Any) -> Run:
        loaded = load(path, **options)
        shutil.rmtree(path)
        return loaded

    monkeypatch.setattr(Run, "load", load_and_lose)
    result = grnpyg(command[0], run, *command[1:])
    assert result.code in (1, 2)
    assert "Traceback" not in result.err
    assert result.err.splitlines()[-1].startswith(("error: runs/", "failed: cannot read or write runs/"))
    assert not list(Path().glob("*edges*"))


def test_a_folder_of_runs_that_is_deleted_meanwhile_is_one_line(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from grnpyg.training import materialise

    fill = materialise.fill_run

    def fill_and_lose(*arguments: Any) -> Any:
        costs = fill(*arguments)
        shutil.rmtree("runs")
        return costs

    monkeypatch.setattr(materialise, "fill_run", fill_and_lose)
    result = grnpyg("train", "--config", "small.yaml")
    assert result.code == 1
    assert "Traceback" not in result.err
    assert result.err.splitlines()[-1].startswith("failed: cannot read or write runs/")


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (("train", "--config", "small.yaml"), "--runs runs: cannot be written (Read-only file system)"),
        (("prune", "RUN", "--ratio", 0.5), "cannot be written (Read-only file system)"),
        (("data", "fetch", "trrust"), "cannot write to the cache (Read-only file system)"),
    ],
    ids=lambda part: part[0] if isinstance(part, tuple) else "",
)
def test_a_read_only_folder_is_one_line(
    run: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[object, ...], says: str
) -> None:
    Path("cache").mkdir(exist_ok=True)

    def read_only(*_: Any, **options: Any) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), options.get("dir"))

    name = next(entry.name for entry in catalog.load().values() if entry.fetchable and not entry.bundled)
    words = [run if part == "RUN" else name if part == "trrust" else part for part in command]
    monkeypatch.setattr(tempfile, "TemporaryFile", read_only)
    monkeypatch.setattr(Path, "mkdir", lambda *_, **__: None)
    refused(*words, says=(says,))


def test_a_lock_on_a_read_only_file_system_can_be_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lock").touch()
    real = os.open

    def read_only(path: str, flags: int, mode: int = 0o777) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)
        return real(path, flags, mode)

    monkeypatch.setattr(os, "open", read_only)
    assert not held(tmp_path)
