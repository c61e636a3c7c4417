"""Run directories that are missing, incomplete, damaged, interrupted, or in use by another process."""

from __future__ import annotations

import fcntl
import importlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli.command import contents, grnpyg, refused

from grnpyg.runs import FILES

TRAIN = ("train", "--config", "small.yaml")
READERS = (("eval",), ("predict", "--top", 3))


def refused_by_every_reader(run: Path, *says: str) -> None:
    for command, *options in READERS:
        refused(command, run, *options, says=(str(run), *says))
    refused(*TRAIN, "--seed", 1, "--match", run, says=(str(run), *says))


def test_missing(work: Path) -> None:
    for command in ("eval", "predict"):
        refused(command, "runs/nothing", says=("runs/nothing", "no such run directory"))
        refused(command, "labels.tsv", says=("labels.tsv", "no such run directory"))
        refused(command, "cache", says=("cache", "manifest.json is missing"))


@pytest.mark.parametrize("name", [*FILES, "manifest.json"])
def test_incomplete(run: Path, name: str) -> None:
    (run / name).unlink()
    refused_by_every_reader(run, f"{name} is missing", "--overwrite")
    refused(*TRAIN, says=(str(run), f"{name} is missing", "--overwrite"))


@pytest.mark.parametrize("name", FILES)
def test_a_flipped_byte(run: Path, name: str) -> None:
    content = bytearray((run / name).read_bytes())
    content[len(content) // 2] ^= 0x01
    (run / name).write_bytes(content)
    refused_by_every_reader(run, f"{name} was changed", "--overwrite")


@pytest.mark.parametrize("name", FILES)
def test_truncated(run: Path, name: str) -> None:
    content = (run / name).read_bytes()
    (run / name).write_bytes(content[: len(content) // 2])
    refused_by_every_reader(run, f"{name} was changed", "--overwrite")


@pytest.mark.parametrize("at", [0, 0.2, 0.4, 0.6, 0.8, 0.99])
def test_a_flipped_byte_of_the_manifest(run: Path, at: float) -> None:
    content = bytearray((run / "manifest.json").read_bytes())
    content[int(at * len(content))] ^= 0x01
    (run / "manifest.json").write_bytes(content)
    refused_by_every_reader(run)


@pytest.mark.parametrize(
    "edit",
    [
        lambda manifest: manifest.update(files=[]),
        lambda manifest: manifest.update(files={}),
        lambda manifest: manifest.update(files=None),
        lambda manifest: manifest.pop("files"),
        lambda manifest: manifest.pop("parameters"),
        lambda manifest: manifest.pop("status"),
        lambda manifest: manifest.pop("inputs"),
        lambda manifest: manifest["parameters"].update(total=7),
        lambda manifest: manifest.update(status="excellent"),
        lambda manifest: manifest.update(seed=7),
        lambda manifest: manifest.update(config_hash="0" * 12),
    ],
)
def test_an_edited_manifest(run: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    """The manifest vouches for the other files, so something has to vouch for it."""
    manifest = json.loads((run / "manifest.json").read_text())
    edit(manifest)
    (run / "manifest.json").write_text(json.dumps(manifest, indent=2))
    refused_by_every_reader(run)


@pytest.mark.parametrize("text", ["", "{", "[]", "5", "null", '"run"', '{"files": {"config.yaml": 3}}'])
def test_a_manifest_that_is_none(run: Path, text: str) -> None:
    (run / "manifest.json").write_text(text)
    refused_by_every_reader(run)


def test_eval_with_another_seed_says_that_nothing_is_drawn(run: Path) -> None:
    refused("eval", run, "--seed", 5, says=("--seed", "42"))
    assert grnpyg("eval", run, "--seed", 42).code == 0


def test_changed_input_is_refused_without_overwrite(run: Path, work: Path) -> None:
    with Path("labels.tsv").open("a") as file:
        file.write("TFA\tG79\nTFB\tG79\nTFC\tG79\n")
    refused(*TRAIN, says=(str(run), "changed", "--overwrite"))
    again = grnpyg(*TRAIN, "--overwrite", "--json").json
    assert again["run"] == str(run)
    assert grnpyg(*TRAIN, "--json").json == again | {"reused": True}


def test_a_damaged_run_is_replaced_with_overwrite(run: Path, trained: Any) -> None:
    (run / "model.safetensors").write_bytes(b"")
    assert grnpyg(*TRAIN, "--overwrite", "--json").json["validation"] == trained.json["validation"]
    assert (run / "model.safetensors").read_bytes() == (trained.run / "model.safetensors").read_bytes()


@pytest.fixture(scope="session")
def interrupted(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder runs/ of a training that was killed after its last epoch, before its run was written."""
    import os

    folder = tmp_path_factory.mktemp("interrupted") / "work"
    shutil.copytree(project, folder)
    here = Path.cwd()
    os.chdir(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(importlib.import_module("grnpyg.training.materialise"), "write_run", _killed)
        assert grnpyg(*TRAIN).code in (1, 130)
    os.chdir(here)
    return folder / "runs"


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.fixture
def partial(interrupted: Path, work: Path) -> Path:
    shutil.copytree(interrupted, work / "runs")
    (folder,) = (work / "runs" / ".partial").iterdir()
    return folder


def test_an_interrupted_training_is_kept_and_resumed(partial: Path, run_json: dict[str, Any]) -> None:
    refused(*TRAIN, says=(partial.name, "--resume", "--overwrite"))
    resumed = grnpyg(*TRAIN, "--resume", "--json").json
    assert resumed["validation"] == run_json["validation"]
    assert not partial.exists()


@pytest.fixture
def run_json(trained: Any) -> dict[str, Any]:
    return dict(trained.json)


@pytest.mark.parametrize("damage", ["cut", "empty", "other"])
def test_resume_with_a_damaged_checkpoint(partial: Path, damage: str) -> None:
    file = partial / "last.ckpt"
    content = {"cut": file.read_bytes()[:-100], "empty": b"", "other": b"PK\x03\x04" * 100}
    file.write_bytes(content[damage])
    refused(*TRAIN, "--resume", says=("last.ckpt", "--overwrite"))
    assert grnpyg(*TRAIN, "--overwrite").code == 0


def test_resume_with_nothing_to_resume_trains(work: Path, run_json: dict[str, Any]) -> None:
    assert grnpyg(*TRAIN, "--resume", "--json").json["validation"] == run_json["validation"]


def test_two_processes_with_the_same_config(work: Path, trained: Any) -> None:
    """A lock on an open file is as another process's."""
    folder = Path("runs/.partial") / trained.run.name
    folder.mkdir(parents=True)
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        before = contents(Path("runs"))
        for options in ((), ("--overwrite",), ("--resume",)):
            result = grnpyg(*TRAIN, *options)
            assert result.code == 2
            assert "error: " in result.err.splitlines()[-1]
            assert "another process is training this config" in result.err
            assert "Traceback" not in result.err
            assert contents(Path("runs")).keys() == before.keys()


def test_a_second_process_is_told_of_the_first_not_of_an_interruption(partial: Path) -> None:
    """The first is training and has written a checkpoint: --resume would be wrong advice."""
    with (partial / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        for options in ((), ("--resume",)):
            result = grnpyg(*TRAIN, *options)
            assert result.code == 2
            assert "another process is training this config" in result.err
