"""The catalogue against a local server: download, resume, and a cache that never holds a wrong file."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from places import SHARED, needs

from grnpyg.core.errors import InputError
from grnpyg.core.locks import locked
from grnpyg.data import catalog
from grnpyg.data.catalog_entries import Entry, File
from grnpyg.data.making import MAKERS

CONTENT = bytes(range(256)) * 2000
HASH = hashlib.sha256(CONTENT).hexdigest()


class Server(ThreadingHTTPServer):  # serves one file; the switches make it misbehave
    content = CONTENT
    ranges = True
    announce_length = True
    stop_after: int | None = None
    status: int | None = None

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[str | None] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/a%20file.csv"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        asked = self.headers.get("Range")
        self.server.requests.append(asked)
        if self.server.status:
            self.send_error(self.server.status)
            return
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and self.server.ranges else 0
        body = self.server.content[start:]
        self.send_response(206 if start else 200)
        if self.server.announce_length:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: self.server.stop_after])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(catalog.CACHE_VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def toy(server: Server, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Entry:
    file = File(path="toy/a file.csv", size=len(CONTENT), sha256=HASH, role="labels", url=server.url)
    texts = dict.fromkeys(("description", "licence", "citation"), "toy")
    entry = Entry(name="toy", kind="labels", species="human", files=(file,), **texts)
    monkeypatch.setattr(catalog, "load", lambda: {"toy": entry})
    return entry


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_download_enters_the_cache_once(toy: Entry, server: Server, cache: Path) -> None:
    assert catalog.cached("toy") is None
    paths = catalog.fetch("toy")
    assert [path.read_bytes() for path in paths] == [CONTENT]
    assert paths == catalog.cached("toy") == [cache / "toy" / "a file.csv"]
    catalog.fetch("toy")
    assert len(server.requests) == 1
    assert files_in(cache) == ["toy/a file.csv"]


@pytest.mark.parametrize("announce_length", [True, False])
def test_a_broken_download_resumes(toy: Entry, server: Server, cache: Path, announce_length: bool) -> None:
    server.stop_after, server.announce_length = 200_000, announce_length
    with pytest.raises(InputError, match=r"download failed, the transfer stopped early.*--from DIR"):
        catalog.fetch("toy")
    assert catalog.cached("toy") is None
    [part] = cache.rglob("*.part")
    kept = part.stat().st_size
    assert 0 < kept <= 200_000

    server.stop_after = None
    [path] = catalog.fetch("toy")
    assert path.read_bytes() == CONTENT
    assert server.requests == [None, f"bytes={kept}-"]
    assert files_in(cache) == ["toy/a file.csv"]


def test_a_server_without_ranges_starts_over(toy: Entry, server: Server, cache: Path) -> None:
    part = cache / "toy" / "a file.csv.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(CONTENT[:1000])
    server.ranges = False
    assert catalog.fetch("toy")[0].read_bytes() == CONTENT


def test_a_part_of_another_file_does_not_stay(toy: Entry, cache: Path) -> None:
    part = cache / "toy" / "a file.csv.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x" * 1000)
    with pytest.raises(InputError, match="SHA-256"):
        catalog.fetch("toy")
    assert files_in(cache) == []
    assert catalog.fetch("toy")[0].read_bytes() == CONTENT


@pytest.mark.parametrize("content", [CONTENT[::-1], CONTENT + b"x"], ids=["other bytes", "longer"])
def test_a_wrong_hash_stays_outside(toy: Entry, server: Server, cache: Path, content: bytes) -> None:
    server.content = content
    with pytest.raises(InputError, match="SHA-256 is not") as caught:
        catalog.fetch("toy")
    assert server.url in str(caught.value)
    assert files_in(cache) == []


def test_refusal_and_no_connection_name_the_url_and_the_way_out(toy: Entry, server: Server) -> None:
    server.status = 404
    with pytest.raises(InputError, match="the server answered 404") as caught:
        catalog.fetch("toy")
    assert server.url in str(caught.value)
    assert "DIR/toy/a file.csv" in str(caught.value)
    server.shutdown()
    server.server_close()
    with pytest.raises(InputError, match="the server cannot be reached"):
        catalog.fetch("toy")


def test_a_cache_that_cannot_be_written_is_an_input_error(toy: Entry, cache: Path) -> None:
    cache.write_text("a file where the folder should be")
    with pytest.raises(InputError, match=r"cannot write to the cache.*GRNPYG_CACHE"):
        catalog.fetch("toy")


def test_check_finds_corrupt_and_missing_files_and_fetch_repairs(toy: Entry, cache: Path) -> None:
    def status() -> str:
        [found] = catalog.check(["toy"])
        return found.status

    assert status() == "missing"
    [path] = catalog.fetch("toy")
    assert status() == "ok"
    path.write_bytes(b"x" * len(CONTENT))
    assert status() == "corrupt"
    catalog.fetch("toy")
    assert status() == "ok"


def test_mirror_is_checked_before_it_is_used(toy: Entry, server: Server, cache: Path, tmp_path: Path) -> None:
    mirror = tmp_path / "mirror"
    with pytest.raises(InputError, match="file not found"):
        catalog.fetch("toy", mirror=mirror)
    (mirror / "toy").mkdir(parents=True)
    (mirror / "toy" / "a file.csv").write_bytes(CONTENT[:-1])
    with pytest.raises(InputError, match="SHA-256"):
        catalog.fetch("toy", mirror=mirror)
    assert files_in(cache) == []
    (mirror / "toy" / "a file.csv").write_bytes(CONTENT)
    catalog.fetch("toy", mirror=mirror)
    assert files_in(cache) == ["toy/a file.csv"]
    assert server.requests == []


def test_resolve_prefers_a_file_and_downloads_nothing(
    toy: Entry, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(
        InputError, match=r"grnpyg data fetch toy` \(512 kB; needs the internet, or `--from DIR`"
    ):
        catalog.resolve("toy")
    assert server.requests == []
    catalog.fetch("toy")
    assert catalog.resolve("toy") == toy
    assert catalog.path(toy, "labels").read_bytes() == CONTENT
    with pytest.raises(InputError, match="no expression file"):
        catalog.path(toy, "expression")
    monkeypatch.chdir(tmp_path)
    Path("toy").write_text("source,target")
    assert catalog.resolve("toy") == Path("toy")


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a process of its own")
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_killed_fetch_leaves_nothing_behind_for_the_next_one(
    toy: Entry, cache: Path, tmp_path: Path, mirrored: bool
) -> None:
    """Killed at the first, second, ... change of a file below the cache, until one is not killed any more."""
    mirror = tmp_path / "mirror" if mirrored else None
    if mirror is not None:
        (mirror / "toy").mkdir(parents=True)
        (mirror / "toy" / "a file.csv").write_bytes(CONTENT)
    for moment in range(1, 40):
        child = os.fork()
        if not child:
            kill_at(moment, cache)
            catalog.fetch("toy", mirror=mirror)
            os._exit(0)
        killed = os.waitpid(child, 0)[1] == signal.SIGKILL
        assert catalog.fetch("toy", mirror=mirror)[0].read_bytes() == CONTENT
        assert files_in(cache) == ["toy/a file.csv"]
        shutil.rmtree(cache)
        if not killed:
            break
    assert 5 < moment < 39


def kill_at(moment: int, below: Path) -> None:
    """Kill this process at a change of a file: opened to be written, renamed, removed, a new folder."""
    left = [moment]

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        changes = event in ("os.rename", "os.remove", "os.mkdir", "os.rmdir")
        if event == "open" and isinstance(arguments[2], int):
            changes = bool(arguments[2] & (os.O_WRONLY | os.O_RDWR))
        if changes and str(arguments[0]).startswith(str(below)):
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)


def test_two_fetches_at_once_do_not_write_into_one_file(toy: Entry, cache: Path, server: Server) -> None:
    cache.mkdir()
    with (
        locked(cache / ".fetching" / HASH[:12]),
        pytest.raises(InputError, match="another process is fetching"),
    ):
        catalog.fetch("toy")
    assert server.requests == []
    catalog.fetch("toy")
    assert files_in(cache) == ["toy/a file.csv"]


def test_unknown_names_are_answered_with_known_ones(cache: Path) -> None:
    with pytest.raises(InputError, match=r"file not found.*beeline-specific-hesc-500"):
        catalog.resolve("beeline-specfic-hesc-500")
    with pytest.raises(InputError, match=r"no data set.*grnpyg data list"):
        catalog.resolve("/nowhere/x.csv")
    with pytest.raises(InputError, match=r"mean 'trrust'.*beeline-string-CELL-SIZE") as caught:
        catalog.get("trust")
    assert len(str(caught.value)) < 500


def test_a_data_set_without_public_address_says_so(cache: Path) -> None:
    with pytest.raises(
        InputError, match=r"derived from .*RNAtableExtended.*DIR/knowledge/hpa_rna_human.tsv.gz"
    ):
        catalog.fetch("hpa-rna")
    with pytest.raises(
        InputError, match=r"fetch hpa-rna --from DIR` \(3.1 MB; not to be had.*data info hpa-rna"
    ):
        catalog.resolve("hpa-rna")


def test_catalogue_is_consistent() -> None:
    known = catalog.entries()
    assert len({file.path for entry in known.values() for file in entry.files}) == 155
    for name, entry in known.items():
        assert name == entry.name == name.lower()
        assert len({file.role for file in entry.files}) == len(entry.files), name
        assert entry.genes_from is None or entry.genes_from in known, name
        for file in entry.files:
            assert bool(file.url) != bool(file.derived_from), file.path
            if file.made:
                assert file.made.by in MAKERS
                assert all(part in known for part in file.made.data_sets)
                assert bool(file.content_sha256) == file.path.endswith(".gz"), file.path
                addresses = [part.url for part in file.made.of if part.url]
                assert all(url.startswith("https://") and " " not in url for url in addresses)
            assert file.url is None or (file.url.startswith("https://") and " " not in file.url)
            assert ".." not in Path(file.path).parts
            assert not Path(file.path).is_absolute()


@given(st.text(max_size=30))
def test_any_unknown_name_is_an_input_error(name: str) -> None:
    if name not in catalog.entries():
        with pytest.raises(InputError, match="unknown data set"):
            catalog.get(name)


@needs("beeline", "brain", "knowledge", "paper", "regulons")
def test_every_data_set_comes_from_the_mirror(cache: Path) -> None:
    for name, entry in catalog.entries().items():
        assert len(catalog.fetch(name, mirror=SHARED)) == len(entry.files)
        assert catalog.resolve(name) == entry
    assert {found.status for found in catalog.check()} == {"ok"}


@pytest.mark.parametrize("begun", [0, 3])
def test_a_download_that_goes_on_and_on_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begun: int
) -> None:
    import contextlib

    import requests

    from grnpyg.data.download import TooLongError, download

    class Endless:
        status_code = 206 if begun else 200

        def raise_for_status(self) -> None:
            pass

        def iter_content(self, size: int) -> Iterator[bytes]:
            for number in range(1000):
                assert number < 3, "goes on after more than the expected bytes"
                yield b"12345"

    part = tmp_path / "part"
    if begun:
        part.write_bytes(b"1" * begun)
    monkeypatch.setattr(requests, "get", lambda *_, **__: contextlib.nullcontext(Endless()))
    with pytest.raises(TooLongError):
        download("https://example.org", part, 8, lambda count: None)
    assert not list(tmp_path.iterdir())
