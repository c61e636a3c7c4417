"""Symbolic links in a folder of runs or in the cache: refused, and what they point at stays as it was."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cli.command import grnpyg, refused

from grnpyg.core.errors import InputError
from grnpyg.core.files import unlinked
from grnpyg.core.locks import held, locked

TRAIN = ("train", "--config", "small.yaml")
SAYS = ("symbolic link", "remove it")


@pytest.fixture
def precious(tmp_path: Path) -> Path:
    folder = tmp_path / "precious"
    folder.mkdir()
    (folder / "file").write_text("not to be lost")
    return folder


def hash_of_small(work: Path) -> str:
    from grnpyg.core import read_yaml
    from grnpyg.resolve import config_hash, make_config

    return config_hash(make_config(read_yaml(work / "small.yaml")))


@pytest.mark.parametrize("option", [(), ("--overwrite",), ("--resume",)])
@pytest.mark.parametrize("place", [".partial", ".partial/HASH", "HASH"])
def test_training_into_a_linked_folder(
    work: Path, precious: Path, place: str, option: tuple[str, ...]
) -> None:
    link = Path("runs") / place.replace("HASH", hash_of_small(work))
    link.parent.mkdir(parents=True)
    link.symlink_to(precious)
    refused(*TRAIN, *option, says=SAYS)
    assert (precious / "file").read_text() == "not to be lost"
    assert len(list(precious.iterdir())) == 1


@pytest.mark.parametrize("name", ["lock", "origin.json", "last.ckpt", "run"])
def test_training_through_a_linked_file(work: Path, precious: Path, name: str) -> None:
    folder = Path("runs/.partial") / hash_of_small(work)
    folder.mkdir(parents=True)
    (folder / name).symlink_to(precious / ("file" if name != "run" else ""))
    result = grnpyg(*TRAIN)
    assert (result.code, "symbolic link" in result.err) == (2, True), result.err
    assert (precious / "file").read_text() == "not to be lost"


@pytest.mark.parametrize("place", [".failed", ".failed/HASH.json"])
def test_a_record_of_a_failure_that_is_a_link(work: Path, precious: Path, place: str) -> None:
    """It is neither read, nor written, nor removed through the link."""
    link = Path("runs") / place.replace("HASH", hash_of_small(work))
    link.parent.mkdir(parents=True)
    link.symlink_to(precious / "file" if link.suffix else precious)
    Path("study.yaml").write_text("base: small.yaml\naxes: {all: {same: {}}}\n")
    refused("study", "status", "study.yaml", says=SAYS)
    started = grnpyg("study", "run", "study.yaml")  # has written the plan by then
    assert (started.code, "symbolic link" in started.err.splitlines()[-1]) == (2, True), started.err
    assert (precious / "file").read_text() == "not to be lost"
    assert len(list(precious.iterdir())) == 1


@pytest.mark.parametrize("name", ["manifest.json", "config.yaml", "model.safetensors", "metrics.parquet"])
def test_a_run_whose_file_is_a_link(run: Path, name: str) -> None:
    (run / name).rename("elsewhere")
    (run / name).symlink_to(Path("elsewhere").resolve())
    refused("eval", run, says=SAYS)


def test_the_folder_of_the_runs_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "runs").symlink_to(tmp_path / "disk")
    with locked(unlinked(tmp_path / "runs", ".partial", "hash")):
        assert held(tmp_path / "disk/.partial/hash")


def test_a_lock_is_not_opened_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/lock").symlink_to(tmp_path / "made")
    with pytest.raises(InputError, match="symbolic link"), locked(tmp_path / "folder"):
        pass
    assert not (tmp_path / "made").exists()


def test_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from grnpyg.data import catalog

    monkeypatch.setenv("GRNPYG_CACHE", str(tmp_path / "cache"))
    entry = next(entry for entry in catalog.load().values() if not entry.bundled)
    first = Path(entry.files[0].path).parts[0]
    (tmp_path / "cache").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "cache" / first).symlink_to(tmp_path / "elsewhere")
    refused("data", "fetch", entry.name, says=SAYS)
    assert not list((tmp_path / "elsewhere").iterdir())


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
@pytest.mark.parametrize("name", ["manifest.json", "config.yaml", "model.safetensors"])
def test_a_run_whose_file_is_a_pipe_is_not_waited_for(run: Path, name: str) -> None:
    (run / name).unlink()
    os.mkfifo(run / name)
    refused("eval", run, says=(name, "neither a file nor a folder"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_split_that_is_a_pipe_is_not_waited_for(work: Path) -> None:
    os.mkfifo("pairs.tsv")
    given = [f"split.{part}=pairs.tsv" for part in ("train", "validation", "test")]
    options = [word for each in ("split.name=given", *given) for word in ("--set", each)]
    refused("train", "--config", "small.yaml", *options, says=("pairs.tsv", "is not a file"))
