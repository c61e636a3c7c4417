"""Named data sets: where each file comes from, its licence and its hash, and a verified local cache.

A file enters the cache only when its SHA-256 equals the one in `catalog.yaml` or `catalog_beeline.yaml`,
and nothing is downloaded unless `fetch` is called. Some files are made of others on the way. A file that is
not complete or not checked yet is called `<name>.part`; one process at a time works on it, and the next fetch
goes on with it.
"""

from __future__ import annotations

import difflib
import gzip
import hashlib
import os
import shutil
import tempfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import grnpyg_data
from grnpyg.core.errors import InputError, unknown
from grnpyg.core.files import sha256, sync, unlinked
from grnpyg.core.locks import locked
from grnpyg.data.catalog_entries import Entry, File, Made, load
from grnpyg.data.download import TooLongError, download, progress_bar, reason
from grnpyg.data.making import make
from grnpyg.data.parts import bring

CACHE_VARIABLE = "GRNPYG_CACHE"


@dataclass(frozen=True)
class FileStatus:
    """What `check` found for one file."""

    name: str
    path: Path
    status: Literal["ok", "missing", "corrupt"]


def entries() -> dict[str, Entry]:
    """All data sets by name."""
    return dict(load())


def get(name: str) -> Entry:
    """The data set called `name`.

    Raises:
        InputError: there is none; the message lists the names, with one pattern for each BEELINE family.
    """
    found = load()
    if name not in found:
        listed = {entry.family or entry.name for entry in found.values()}
        raise unknown("data set", name, listed | set(_close(name)[:1]))
    return found[name]


def cache_dir() -> Path:
    """The folder of fetched files: `$GRNPYG_CACHE`, or the cache folder that the system gives grnpyg."""
    import pooch

    configured = os.environ.get(CACHE_VARIABLE)
    return Path(configured).expanduser() if configured else Path(pooch.os_cache("grnpyg"))


def cached(name: str) -> list[Path] | None:
    """The files of a data set in catalogue order, or None when one is absent or of the wrong size."""
    entry = get(name)
    paths = [_location(entry, file) for file in entry.files]
    whole = (
        path.is_file() and (path.stat().st_size == file.size or file.content_sha256 is not None)
        for path, file in zip(paths, entry.files, strict=True)
    )
    return paths if all(whole) else None


def path(entry: Entry, role: str) -> Path:
    """The path of the file with this role.

    Raises:
        InputError: the data set has no such file, or is not in the cache.
    """
    for file in entry.files:
        if file.role == role:
            _require_cached(entry)
            return _location(entry, file)
    roles = ", ".join(file.role for file in entry.files)
    raise InputError(f"data set {entry.name!r} has no {role} file", fix=f"it has: {roles}")


def resolve(spec: str) -> Entry | Path:
    """Resolve a `--data` or `--labels` value: an existing file, otherwise a data set in the cache.

    Raises:
        InputError: neither a file nor a data set, or a data set that has not been fetched yet.
    """
    if Path(spec).is_file():
        return Path(spec)
    if spec not in load() and Path(spec).is_dir():
        return Path(spec)  # a 10x or GENELink folder
    if spec not in load():
        close = _close(spec)
        hint = (
            f"data sets with a similar name: {', '.join(close)}"
            if close
            else "`grnpyg data list` shows the names"
        )
        raise InputError("file not found, and no data set has this name", where=spec, fix=hint)
    entry = get(spec)
    _require_cached(entry)
    return entry


def fetch(name: str, *, mirror: Path | None = None, progress: bool = False) -> list[Path]:
    """Fetch the files of a data set into the cache; complete files are not fetched again.

    Args:
        name: data set.
        mirror: folder to copy from instead of downloading, laid out like the cache.
        progress: show a bar on standard error.

    Returns:
        The files, in catalogue order.

    Raises:
        InputError: unknown name, no connection, no public address, a file missing in the mirror, a wrong
            hash, or another process that fetches the file. No unverified file enters the cache.
    """
    entry = get(name)
    paths = [_location(entry, file) for file in entry.files]
    try:
        with progress_bar(name, entry.size, shown=progress) as advance:
            for file, target in zip(entry.files, paths, strict=True):
                if entry.bundled or (_status(target, file) == "ok" and not _lock_of(file).exists()):
                    advance(file.size)
                else:
                    _bring(name, file, target, mirror, advance)
    except OSError as error:
        what = f"cannot write to the cache ({error.strerror or error})"
        fix = f"set {CACHE_VARIABLE} to a folder that you can write to"
        raise InputError(what, where=cache_dir(), fix=fix) from error
    return paths


def check(names: list[str] | None = None) -> list[FileStatus]:
    """Check the files of the given data sets (all by default) against their hashes."""
    chosen = [get(name) for name in names] if names is not None else list(load().values())
    return [
        FileStatus(entry.name, target, _status(target, file))
        for entry in chosen
        for file in entry.files
        for target in [_location(entry, file)]
    ]


def how_to_get(entry: Entry) -> str:
    """The command that brings a data set, how large it is, and whether it needs the internet."""
    size = readable(entry.size)
    if not entry.fetchable:
        return (
            f"run `grnpyg data fetch {entry.name} --from DIR` ({size}; not to be had from a public address: "
            f"`grnpyg data info {entry.name}` says what it is made of)"
        )
    needs = "needs the internet, or `--from DIR` with a copy"
    if made := [file.made for file in entry.files if file.made]:
        parts = [name for how in made for name in how.data_sets]
        if len(parts) == sum(len(how.of) for how in made) and all(map(cached, parts)):
            names = list(dict.fromkeys(parts))
            needs = f"made of {' and '.join(names)}, which {'is' if len(names) == 1 else 'are'} here"
    return f"run `grnpyg data fetch {entry.name}` ({size}; {needs})"


def readable(size: int) -> str:
    """A number of bytes for people: `229 kB`, `3.7 MB`."""
    if size < 1000:
        return f"{size} B"
    power = "kB" if size < 999_500 else "MB"
    value = size / (1e3 if power == "kB" else 1e6)
    return f"{value:.1f} {power}" if value < 9.95 else f"{value:.0f} {power}"


def _location(entry: Entry, file: File) -> Path:
    if entry.bundled:
        return grnpyg_data.path(file.path)
    return unlinked(cache_dir(), *Path(file.path).parts)


def _status(target: Path, file: File) -> Literal["ok", "missing", "corrupt"]:
    if not target.is_file():
        return "missing"
    right = sha256(target) == file.sha256 or (file.content_sha256 and _holds(target) == file.content_sha256)
    return "ok" if right else "corrupt"


def _holds(packed: Path) -> str | None:
    """The SHA-256 of what a packed file holds; None where it cannot be unpacked."""
    try:
        with gzip.open(packed, "rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except (OSError, EOFError, zlib.error):
        return None


def _require_cached(entry: Entry) -> None:
    """Check that the files are there and unchanged, by the hashes of the catalogue."""
    fix = how_to_get(entry)
    if cached(entry.name) is None:
        raise InputError(f"data set {entry.name!r} is not in the cache {cache_dir()}", fix=fix)
    for file in entry.files:
        if _status(_location(entry, file), file) != "ok":
            where = _location(entry, file)
            raise InputError(
                f"data set {entry.name!r}: its SHA-256 does not match the catalogue", where=where, fix=fix
            )


def _bring(name: str, file: File, target: Path, mirror: Path | None, advance: Callable[[int], None]) -> None:
    """Bring one file into the cache, unless another process has done so by now."""
    target.parent.mkdir(parents=True, exist_ok=True)
    tempfile.TemporaryFile(dir=cache_dir()).close()  # a cache that cannot be written to is said as such
    part = unlinked(target.parent, f"{target.name}.part")
    with locked(
        unlinked(cache_dir(), ".fetching", file.sha256[:12]), "another process is fetching this file"
    ):
        if _status(target, file) == "ok":
            advance(file.size)
            return
        where: Path | str
        if file.made and (mirror is None or _parts_in(mirror, file, file.made)):
            where, fix = _make(name, file, part, mirror)
            advance(file.size)
        elif mirror is None:
            where, fix = _download(name, file, part, advance)
        else:
            where, fix = _copy(file, part, mirror)
            advance(file.size)
        if _status(part, file) != "ok":
            part.unlink()
            raise InputError(f"its SHA-256 is not {file.sha256}", where=where, fix=fix)
        sync(part)
        part.replace(target)
        sync(target.parent)


def _lock_of(file: File) -> Path:
    """The folder whose lock a process holds while it brings the file; a killed one may leave it."""
    return unlinked(cache_dir(), ".fetching", file.sha256[:12])


def _parts_in(mirror: Path, file: File, made: Made) -> bool:
    """Whether a mirror has only parts of a file, and the file can be made of data sets alone."""
    return not (mirror / file.path).is_file() and len(made.data_sets) == len(made.of)


def _make(name: str, file: File, part: Path, mirror: Path | None) -> tuple[str, str]:
    """Make a file of its parts; returns of what, and what to do if it is not the right one."""
    assert file.made is not None
    of = ", ".join(map(str, file.made.of))
    by_hand = f"put the file at DIR/{file.path} and run `grnpyg data fetch {name} --from DIR`"
    try:
        parts = [
            fetch(each.data_set, mirror=mirror)[0].read_bytes() if each.data_set else bring(each)
            for each in file.made.of
        ]
        part.write_bytes(make(file.made.by, parts, file.path))
    except InputError as error:
        fix = f"{error.fix or 'run it again'}, or {by_hand}"
        what = error.what if len(file.made.of) == 1 else f"made of {of}: {error.what}"
        raise InputError(what, where=error.where or name, fix=fix) from None
    return f"{name}, made of {of}", f"its parts are not what they were: {by_hand}"


def _copy(file: File, part: Path, mirror: Path) -> tuple[Path, str]:
    """Copy a file from a mirror; returns where it came from, and what to do if it is not the right one."""
    source = mirror / file.path
    if not source.is_file():
        raise InputError(
            "file not found", where=source, fix="a mirror folder holds the files under their catalogue paths"
        )
    shutil.copyfile(source, part)  # the copy is checked, so that nothing can change in between
    return source, "get an unchanged copy of the file"


def _download(name: str, file: File, part: Path, advance: Callable[[int], None]) -> tuple[str, str]:
    """Download a file, or the rest of it; returns its address, and what to do if it is not the right one."""
    import requests

    by_hand = f"put the file at DIR/{file.path} and run `grnpyg data fetch {name} --from DIR`"
    if file.url is None:
        what = f"{file.path} has no public address (derived from {file.derived_from})"
        raise InputError(what, where=name, fix=by_hand)
    again = f"run it again, or {by_hand}"
    try:
        download(file.url, part, file.size, advance)
    except requests.RequestException as error:
        raise InputError(f"download failed, {reason(error)}", where=file.url, fix=again) from error
    except TooLongError:
        raise InputError(
            f"more than {file.size:,} bytes arrived, so its SHA-256 is not {file.sha256}",
            where=file.url,
            fix=again,
        ) from None
    return file.url, again


def _close(name: str) -> list[str]:
    return difflib.get_close_matches(name.lower(), load(), n=3)
