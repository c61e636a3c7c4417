"""Files: written whole or not at all, checked before any work, and hashed once."""

from __future__ import annotations

import ctypes
import glob
import hashlib
import os
import platform
import secrets
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from grnpyg.core.errors import InputError

RECENT = 2.0  # seconds in which some file systems cannot tell a second change from the first
_hashes: dict[tuple[int, ...], str] = {}


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary file that replaces `path`, safely on disk, when the block ends.

    When the block fails or the process is killed, `path` stays as it was. A temporary file that a killed
    process left is removed by the next call for the same path.

    Example:
        >>> with replacing(Path("table.csv")) as file:
        ...     file.write_text("a,b\\n")
    """
    temporary = beside(path)
    _remove_abandoned(path)
    try:
        yield temporary
        sync(temporary)
        temporary.replace(path)
        sync(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file, whole or not at all."""
    with replacing(path) as file:
        file.write_text(text)


def replace_folder(made: Path, target: Path) -> None:
    """Move a finished folder into its place, once its files are on the disk.

    Args:
        made: the folder, on the same file system; it holds files only.
        target: its place; a folder that is there is removed.
    """
    for path in (*made.iterdir(), made):
        sync(path)
    if target.exists() and _exchanged(made, target):
        sync(target.parent)
        shutil.rmtree(made, ignore_errors=True)
        return
    replaced = made.with_name(f"{made.name}.replaced")
    shutil.rmtree(replaced, ignore_errors=True)
    if target.exists():
        target.rename(replaced)
    made.rename(target)
    sync(target.parent)
    shutil.rmtree(replaced, ignore_errors=True)


def _exchanged(one: Path, other: Path) -> bool:
    """Swap two folders, so that neither name is ever without one; False where the system cannot."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        swap = ctypes.CDLL(None).renameat2
    except (OSError, AttributeError):
        return False
    here, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    return bool(swap(here, os.fsencode(one), here, os.fsencode(other), exchange) == 0)


def sync(path: Path) -> None:
    """Wait until a file, or a folder's list of names, is on the disk."""
    if path.is_dir():
        if os.name == "posix":  # elsewhere a folder cannot be opened
            descriptor = os.open(path, os.O_RDONLY)
            with suppress(OSError):  # nor synced on every file system
                os.fsync(descriptor)
            os.close(descriptor)
        return
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def beside(path: Path) -> Path:
    """A hidden name, another one with every call, for a file that is not complete yet."""
    return path.with_name(f".{path.name}.{machine()}.{os.getpid()}.{secrets.token_hex(4)}")


def _remove_abandoned(path: Path) -> None:
    """Remove files of `beside` whose process, of this machine, is gone."""
    if os.name != "posix":
        return
    for other in path.parent.glob(f".{glob.escape(path.name)}.{machine()}.*.*"):
        process = other.name.split(".")[-2]
        if process.isdecimal() and not alive(int(process)):
            other.unlink(missing_ok=True)


def alive(process: int) -> bool:
    """Whether a process of this machine, and container, exists."""
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # it belongs to somebody else
        return True
    return True


@cache
def machine() -> str:
    """Stands for this machine, and for the container on it: process ids mean something there only."""
    container = Path("/proc/self/ns/pid")
    return sha256_of(f"{platform.node()} {container.readlink() if container.is_symlink() else ''}")[:8]


def unlinked(folder: Path, *names: str) -> Path:
    """A path below a folder, which reaches no other place: the folder alone may be a symbolic link.

    Raises:
        InputError: a part of the path below the folder is a symbolic link, a pipe or a device.
    """
    path = folder
    for name in names:
        path /= name
        try:
            mode = path.lstat().st_mode  # one look: another process may remove it before a second one
        except (FileNotFoundError, NotADirectoryError, ValueError):  # not there, or no name of a file
            continue
        if stat.S_ISLNK(mode):
            raise InputError("is a symbolic link, and is not followed", where=path, fix="remove it")
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):  # a pipe, which is waited for without end
            raise InputError("is neither a file nor a folder", where=path, fix="remove it")
    return path


def check_output(path: Path, suffixes: tuple[str, ...]) -> None:
    """Refuse a file that cannot be written, before any work is done.

    Args:
        path: the file to be written.
        suffixes: the kinds of file that can be written, for example `.tsv`.

    Raises:
        InputError: the suffix is not allowed, or the folder does not exist or cannot be written to.
    """
    if path.suffix not in suffixes:
        kind = path.suffix or "a file without suffix"
        raise InputError(f"cannot write {kind}", where=path, fix=f"use {' or '.join(suffixes)}")
    if not path.parent.is_dir():
        raise InputError("the folder does not exist", where=path.parent, fix="make it first")
    try:
        if path.is_dir():
            raise InputError("is a folder", where=path, fix="name a file")
        probe = beside(path)
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise InputError(f"cannot be written ({error.strerror})", where=path) from None


def require_other(path: Path, *read: Path) -> None:
    """Refuse to write over a file that is read.

    Raises:
        InputError: it is one of them.
    """
    for source in read:
        if path.exists() and source.exists() and path.samefile(source):
            raise InputError("is read, and would be lost", where=path, fix="write another file")


def require_writable(folder: Path, option: str | None = None) -> None:
    """Refuse a folder that cannot be written to, before any work. Leaves nothing behind.

    Args:
        folder: to write to; it need not exist.
        option: the command-line option that names the folder, for the message.

    Raises:
        InputError: it cannot be made or written to.
    """
    missing: list[Path] = []
    try:
        missing = [path for path in (folder, *folder.parents) if not path.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        where = folder if option is None else f"{option} {folder}"
        raise InputError(f"cannot be written ({error.strerror})", where=where) from None
    finally:
        for path in missing:
            with suppress(OSError):
                path.rmdir()


def sha256(path: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal; a process reads an unchanged file only once."""
    status = path.stat()
    if not (path.is_file() or path.is_dir()):  # a pipe, which is waited for without end
        raise InputError("is not a file", where=path, fix="name a file")
    changed = max(status.st_mtime_ns, status.st_ctime_ns)
    stamp = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    if stamp in _hashes:
        return _hashes[stamp]
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if time.time() - changed / 1e9 > RECENT:
        _hashes[stamp] = digest
    return digest


def sha256_of(content: str | bytes | Iterable[bytes]) -> str:
    """SHA-256 of a text as UTF-8, of bytes, or of bytes part by part, in hexadecimal."""
    digest = hashlib.sha256()
    for part in [content] if isinstance(content, str | bytes) else content:
        digest.update(part.encode() if isinstance(part, str) else part)
    return digest.hexdigest()
