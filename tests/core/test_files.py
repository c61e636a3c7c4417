"""A file is written whole or not at all, checked before any work, and hashed once."""

from __future__ import annotations

import hashlib
import os
import re
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grnpyg.core import files
from grnpyg.core.errors import InputError
from grnpyg.core.files import (
    check_output,
    replace_folder,
    replacing,
    sha256,
    sha256_of,
    unlinked,
    write_text,
)


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("old")
    with replacing(path) as file:
        file.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    write_text(path, "newer")
    assert path.read_text() == "newer"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a process of its own")
def test_what_a_killed_writer_left_is_removed_by_the_next_one(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    child = os.fork()
    if not child:
        with replacing(path) as file:
            file.write_text("half")
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert len(list(tmp_path.iterdir())) == 1
    with replacing(path) as alive:  # of a process that lives
        alive.write_text("a")
        write_text(path, "b")
        assert sorted(tmp_path.iterdir()) == sorted([alive, path])
    assert (path.read_text(), list(tmp_path.iterdir())) == ("a", [path])


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_failure_leaves_the_older_file(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "table.csv"
    path.write_text("old")

    def fail() -> None:
        with replacing(path) as file:
            file.write_text("half")
            raise error

    with pytest.raises(error):
        fail()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.fixture
def order(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is synced and renamed, one after another."""
    seen = list[str]()
    fsync, rename, replace = os.fsync, Path.rename, Path.replace

    def synced(descriptor: int) -> None:
        seen.append(f"sync {Path(f'/proc/self/fd/{descriptor}').resolve().name}")
        fsync(descriptor)

    def renamed(original: Callable[[Path, Path], Path]) -> Callable[[Path, Path], Path]:
        def change(self: Path, target: Path) -> Path:
            seen.append(f"rename {target.name}")
            return original(self, target)

        return change

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "rename", renamed(rename))
    monkeypatch.setattr(Path, "replace", renamed(replace))
    return seen


needs_proc = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="names of open files: Linux")


@needs_proc
def test_a_file_is_on_the_disk_before_it_has_its_name(tmp_path: Path, order: list[str]) -> None:
    write_text(tmp_path / "a", "text")
    assert re.fullmatch(rf"sync \.a(\.[0-9a-f]+){{3}}, rename a, sync {tmp_path.name}", ", ".join(order))


@needs_proc
def test_a_folder_is_on_the_disk_before_it_has_its_name(
    tmp_path: Path, order: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grnpyg.core.files._exchanged", lambda *_: False)  # a system that cannot swap
    made, target = tmp_path / "made", tmp_path / "runs" / "target"
    for folder, content in ((made, "new"), (target, "old")):
        folder.mkdir(parents=True)
        (folder / "file").write_text(content)
    replace_folder(made, target)
    assert order == ["sync file", "sync made", "rename made.replaced", "rename target", "sync runs"]
    assert (target / "file").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["runs"]


def test_output_is_checked_before_any_work(tmp_path: Path) -> None:
    check_output(tmp_path / "a.tsv", (".tsv",))
    assert not list(tmp_path.iterdir())
    (tmp_path / "folder.tsv").mkdir()
    for name, says in (
        ("a.csv", "cannot write .csv.*Use .tsv or .parquet"),
        ("a", "cannot write a file without suffix"),
        ("none/a.tsv", "the folder does not exist"),
        ("folder.tsv", "is a folder"),
    ):
        with pytest.raises(InputError, match=says):
            check_output(tmp_path / name, (".tsv", ".parquet"))


@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_is_read_only_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match="cannot be written"):
        check_output(tmp_path / "a.tsv", (".tsv",))


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that are hashed."""
    seen, digest = list[str](), hashlib.file_digest

    def watched(file: object, name: str) -> object:
        seen.append(Path(file.name).name)  # type: ignore[attr-defined]
        return digest(file, name)  # type: ignore[arg-type]

    monkeypatch.setattr(hashlib, "file_digest", watched)
    monkeypatch.setattr(files, "_hashes", {})
    return seen


def test_an_unchanged_file_is_read_once(
    tmp_path: Path, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "RECENT", -1.0)
    path = tmp_path / "a"
    path.write_text("one")
    assert sha256(path) == sha256(path) == sha256_of("one")
    assert len(reads) == 1
    path.write_text("other")
    assert sha256(path) == sha256_of("other")
    (tmp_path / "b").write_text("one!!")
    (tmp_path / "b").replace(path)
    assert sha256(path) == sha256_of("one!!")


def test_a_file_that_has_just_been_written_is_read_again(tmp_path: Path, reads: list[str]) -> None:
    """A second change of the same length could fall into the same tick of the file system's clock."""
    path = tmp_path / "a"
    path.write_text("one")
    times = path.stat()
    sha256(path)
    path.write_text("two")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert sha256(path) == sha256_of("two")
    assert len(reads) == 2


def test_a_command_reads_a_bundled_file_once(reads: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from grnpyg.core.data_config import DataConfig
    from grnpyg.data.inputs import input_hashes

    monkeypatch.setattr(files, "RECENT", -1.0)
    for _ in range(3):
        input_hashes(DataConfig(expression="bundled", labels="bundled"))
    assert reads
    assert len(reads) == len(set(reads))


@given(st.text())
def test_text_is_hashed_as_utf_8(text: str) -> None:
    assert sha256_of(text) == sha256_of(text.encode()) == hashlib.sha256(text.encode()).hexdigest()


def test_a_file_that_another_process_removes_is_no_pipe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There at the first look and gone at the second, it was called neither a file nor a folder."""
    file, look = tmp_path / "lock", Path.lstat

    def removed_after(self: Path) -> os.stat_result:
        found = look(self)
        file.unlink(missing_ok=True)
        return found

    file.touch()
    monkeypatch.setattr(Path, "lstat", removed_after)
    monkeypatch.setattr(Path, "exists", lambda self: removed_after(self) is not None)
    assert unlinked(tmp_path, "lock") == file
    assert not os.path.lexists(file)


def test_a_path_below_a_folder_reaches_no_other_place(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    for name, says in (("link", "symbolic link"), ("pipe", "neither a file nor a folder")):
        with pytest.raises(InputError, match=says):
            unlinked(tmp_path, name)
    assert unlinked(tmp_path, "not", "there") == tmp_path / "not" / "there"
