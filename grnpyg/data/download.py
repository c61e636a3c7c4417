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


class TooLongError(ValueError):
    """The server sends more than the expected size."""


def download(url: str, part: Path, size: int, advance: Callable[[int], None]) -> None:
    """Download into `part`; if `part` exists already, request only the missing bytes.

    A broken transfer leaves `part` behind for the next call.

    Args:
        url: the address.
        part: the incomplete file, beside the final one.
        size: expected size in bytes.
        advance: called with the number of bytes after each chunk.

    Raises:
        requests.RequestException: the server cannot be reached, refuses, or stops early.
        TooLongError: the server sends more than the expected size; `part` is removed.
    """
    import requests

    have = part.stat().st_size if part.is_file() else 0
    if have < size:
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
                    if arrived > size:
                        break
                    stream.write(chunk)
                    advance(len(chunk))
            if arrived > size:  # not the file of the catalogue, however long it goes on
                part.unlink()
                raise TooLongError
        have = part.stat().st_size
    if have < size:
        raise requests.exceptions.ChunkedEncodingError(f"{have:,} of {size:,} bytes arrived")


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
