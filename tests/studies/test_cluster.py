"""`grnpyg doctor --cluster`: what works here is found by trying it, and nothing is left behind."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli.command import grnpyg
from slurm.fake import FakeSlurm, fake

from grnpyg.core import locks
from grnpyg.core.errors import InputError
from grnpyg.studies import cluster
from grnpyg.studies.cluster import cluster_facts, file_system

__all__ = ["fake"]


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("TORCHELASTIC_RUN_ID", raising=False)
    said = grnpyg("doctor", "--cluster", "--json").json
    assert said["slurm"] == "no sbatch, no squeue, no scancel here; on a login node they are there"
    assert said["launcher"] == "none"
    assert "gloo" in said["distributed"]
    assert said["its locks"] == "work"
    assert not Path("runs").exists(), "the probe is gone"


def test_a_cluster_that_answers(fake: FakeSlurm) -> None:
    assert cluster_facts(Path("runs"))["slurm"] == "works: sbatch, squeue, scancel"


def test_locks_that_nobody_sees_and_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "held", lambda folder: False)
    assert "train one trial twice" in cluster_facts(Path("runs"))["its locks"]

    def none(*_: object) -> bool:
        raise InputError("its file system has no file locks (ENOSYS)")

    monkeypatch.setattr(locks, "_lock", none)
    assert cluster_facts(Path("runs"))["its locks"].startswith("do not work: its file system has no file")


def test_a_file_system_is_that_of_the_deepest_mount(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "dev / ext4 rw 0 0\nsrv:/a /my\\040data nfs4 rw 0 0\ntmp /my\\040data/scratch tmpfs rw 0 0\n"
    monkeypatch.setattr(Path, "read_text", lambda self: text)
    assert file_system(Path("/my data/runs")) == "nfs4, a network file system"
    assert file_system(Path("/my data/scratch/runs")).startswith("tmpfs, no network")
    assert file_system(Path("/my data2")).startswith("ext4, no network")
