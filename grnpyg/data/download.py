"""Downloads that go on where a broken one stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

TIMEOUT_S = 30  # silence of the server, not the whole transfer
CHUNK_BYTES = 1 << 16
LARGEST_PART = 100_000_000  # bytes of a file whose size is not known


class TooLongError(ValueError):
    """The server sends more than the expected size."""


def download(url: str, part: Path, size: int | None, advance: Callable[[int], None]) -> None:
    """Download into `part`; if `part` exists already, request only the missing bytes.

    A broken transfer leaves `part` behind for the next call.

    Args:
        url: the address.
        part: the incomplete file, beside the final one.
        size: expected size in bytes. None: unknown, so nothing is resumed, and `LARGEST_PART` is too long.
        advance: called with the number of bytes after each chunk.

    Raises:
        requests.RequestException: the server cannot be reached, refuses, or stops early.
        TooLongError: the server sends more than the expected size; `part` is removed.
    """
    import requests

    most = LARGEST_PART if size is None else size
    have = part.stat().st_size if part.is_file() and size is not None else 0
    if have < most:
        # identity: the offset counts bytes of the file, not of a compressed transfer
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
        with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT_S) as response:
            response.raise_for_status()
            resumed = response.status_code == requests.codes.partial_content
            arrived = have if resumed else 0
            advance(arrived)
            with part.open("ab" if resumed else "wb") as stream:
                for chunk in response.iter_content(CHUNK_BYTES):
                    arrived += len(chunk)
                    if arrived > most:
                        break
                    stream.write(chunk)
                    advance(len(chunk))
            if arrived > most:  # not the file of the catalogue, however long it goes on
                part.unlink()
                raise TooLongError
        have = part.stat().st_size
    if size is not None and have < size:
        raise requests.exceptions.ChunkedEncodingError(f"{have:,} of {size:,} bytes arrived")


def reason(error: OSError) -> str:
    """Why a download failed as one clause, without the nested representation of requests."""
    import requests

    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"the server answered {error.response.status_code}"
    early = isinstance(error, requests.exceptions.ChunkedEncodingError)
    return "the transfer stopped early" if early else "the server cannot be reached"


@contextmanager
def progress_bar(name: str, total: int, *, shown: bool) -> Iterator[Callable[[int], None]]:
    """A bar with ETA on standard error for `total` bytes; silent when not a terminal or not `shown`."""
    console = Console(stderr=True)
    columns: list[Any] = [
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
    ]
    with Progress(*columns, console=console, disable=not (shown and console.is_terminal)) as progress:
        task = progress.add_task(name, total=total)
        yield lambda count: progress.advance(task, count)
