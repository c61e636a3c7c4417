"""Damaged runs do not count as done, a replaced run is never missing, and a full disk ends in one line."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cli.command import grnpyg, refused
from cli.test_foreign_runs import seal
from in_this_process import InThisProcess

from grnpyg.core.files import beside, replace_folder
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
