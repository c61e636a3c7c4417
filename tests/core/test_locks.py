"""A folder is held by one process at a time, and by none that has ended."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from grnpyg.core import locks
from grnpyg.core.errors import InputError
from grnpyg.core.locks import LOCK, BusyError, held, locked


def test_one_at_a_time(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / ".partial" / "a"
    with locked(folder):
        assert held(folder)
        with pytest.raises(BusyError, match="somebody trains") as error, locked(folder, "somebody trains"):
            pass
        assert error.value.where == folder
        assert held(folder), "a refusal does not end the lock"
    assert not held(folder)
    assert not list(tmp_path.iterdir()), "the folders that were made are gone"


def test_what_was_there_stays(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "a"
    with locked(folder):
        (folder / "last.ckpt").touch()
    assert sorted(path.name for path in folder.iterdir()) == ["last.ckpt", LOCK]
    assert not held(folder)
    with locked(folder):
        (folder / "last.ckpt").unlink()
    assert not list(tmp_path.iterdir())


def test_asking_makes_nothing(tmp_path: Path) -> None:
    assert not held(tmp_path / "a")
    assert not list(tmp_path.iterdir())


def test_the_lock_ends_with_a_killed_process(tmp_path: Path) -> None:
    """The file of the lock stays behind; the lock does not."""
    code = (
        "import sys, time; from pathlib import Path; from grnpyg.core.locks import locked\n"
        "with locked(Path(sys.argv[1])): print('held', flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", code, tmp_path / "a"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        assert held(tmp_path / "a")
        with pytest.raises(BusyError), locked(tmp_path / "a"):
            pass
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert (tmp_path / "a" / LOCK).exists()
    assert not held(tmp_path / "a")
    with locked(tmp_path / "a"):
        assert held(tmp_path / "a")
    assert not (tmp_path / "a").exists()


def test_a_lock_that_cannot_be_asked_for_is_not_a_free_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(descriptor: int, *, blocking: bool) -> bool:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(locks, "lock_descriptor", refuse)
    with pytest.raises(InputError, match="cannot be locked"), locked(tmp_path / "runs" / "a"):
        pass
    assert not (tmp_path / "runs" / "a" / "last.ckpt").exists()
    (tmp_path / LOCK).touch()
    with pytest.raises(InputError, match="cannot be locked"):
        held(tmp_path)


def test_a_folder_that_is_tidied_up_meanwhile_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock on a file that another process has removed guards nothing."""
    folder, removed = tmp_path / "a", []
    lock = locks.lock_descriptor

    def after_another(descriptor: int, *, blocking: bool) -> bool:
        if not removed:
            (folder / LOCK).unlink()
            folder.rmdir()
            removed.append(folder)
        return lock(descriptor, blocking=blocking)

    monkeypatch.setattr(locks, "lock_descriptor", after_another)
    with locked(folder):
        assert removed
        monkeypatch.undo()
        assert held(folder)


def test_a_folder_that_is_removed_while_it_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is there when it is to be made, and gone when Python looks whether it is a folder."""
    folder, removed = tmp_path / "a", []
    folder.mkdir()
    is_dir = Path.is_dir

    def after_another(path: Path) -> bool:
        if path == folder and not removed:
            folder.rmdir()
            removed.append(folder)
        return is_dir(path)

    monkeypatch.setattr(Path, "is_dir", after_another)
    with locked(folder):
        assert removed


def test_a_file_in_its_place_is_said(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    with pytest.raises(InputError, match="cannot be written"), locked(tmp_path / "a"):
        pass


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be written"), locked(tmp_path / "file" / "a"):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_training_is_importable_where_there_is_no_fcntl() -> None:
    """As on Windows."""
    modules = (
        "grnpyg.training.train",
        "grnpyg.compress.prune",
        "grnpyg.studies",
        "grnpyg.studies.search.tune",
    )
    code = f"import sys; sys.modules['fcntl'] = None\nimport {', '.join(modules)}"
    found = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stderr
