"""Read a text file of unknown origin: plain or gzipped, checked before it is taken for text."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from grnpyg.core.errors import InputError
from grnpyg.data.text.encoding import SAMPLE, TEXT_HINT, decode, encoding_of

GZIP = b"\x1f\x8b"
KINDS = {
    b"\x89HDF": "an HDF5 file (h5ad, loom)",
    b"MuData": "a MuData file",
    b"<?xml": "an XML file (GraphML)",
    b"PAR1": "a Parquet file",
    b"PK\3\4": "a zip or Excel file",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
    GZIP: "packed twice by gzip",
    b"BZh": "packed by bzip2",
    b"\xfd7zXZ": "packed by xz",
    b"\x28\xb5\x2f\xfd": "packed by zstd",
    b"%PDF": "a PDF file",
    b"RDX": "R data",
    b"RDA": "R data",
    b"<!DOCTYPE": "a web page",
    b"<!doctype": "a web page",
    b"<html": "a web page",
    b"version https://git-lfs": "a pointer of Git LFS (fetch the file with `git lfs pull`)",
}
BLOCK = 1 << 24  # bytes read at a time
LIMIT = 1 << 30  # bytes of text that are read into memory
LINE_LIMIT = 1 << 28  # bytes of one line
RATIO = 300  # a gzip file that grows more than so many times is no table ...
RATIO_FROM = 1 << 24  # ... once it has grown to so many bytes


def read_text(path: str | Path, limit: int = LIMIT) -> str:
    r"""The text of a file, unzipped if its content is gzip; never blank, each line ended by `\n`.

    Raises:
        InputError: missing, empty, cut short, binary, or larger than `limit` bytes.
    """
    path = Path(path)
    parts: list[bytes] = []
    if path.exists() and not (path.is_file() or path.is_dir()):  # a pipe, which is waited for without end
        raise InputError("is not a file", where=path, fix=TEXT_HINT)
    with opened(path) as stream:
        packed = path.stat().st_size
        while part := stream.read(BLOCK if parts else SAMPLE):
            if not parts:
                check_kind(part, path)
            parts.append(part)
            size = sum(map(len, parts))
            if size > limit or (size > RATIO_FROM and size > RATIO * packed):
                what = f"holds more than {size >> 20:,} MiB of text in {packed >> 10:,} KiB"
                raise InputError(what, where=path, fix="give the rows that matter, as plain text")
    text = decode(b"".join(parts), path)
    if not text or text.isspace():
        raise InputError("the file is empty", where=path, fix=TEXT_HINT)
    return text


def check_kind(head: bytes, path: Path) -> None:
    """Check the first bytes of a file.

    Raises:
        InputError: binary, or of a known kind that is not a table.
    """
    kind = next((kind for magic, kind in KINDS.items() if head.lstrip().startswith(magic)), None)
    if kind or encoding_of(head) is None:
        raise InputError(f"is {kind or 'binary'}, not a text table", where=path, fix=TEXT_HINT)


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """A file as a stream of bytes, unzipped if its content is gzip.

    Raises:
        InputError: missing, unreadable or damaged, also while the block reads from it.
    """
    try:
        with path.open("rb") as file:
            zipped = file.read(2) == GZIP
            file.seek(0)
            if zipped:
                with gzip.open(file) as unzipped:
                    yield cast(BinaryIO, unzipped)
            else:
                yield file
    except FileNotFoundError:
        raise InputError("no such file", where=path, fix="check the path") from None
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise InputError(
            "the gzip data are damaged or cut short", where=path, fix="fetch the file again"
        ) from None
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", where=path, fix=TEXT_HINT) from None


class TextLines:
    """The lines of a text file that may be larger than the memory; it is looked through once.

    Args:
        path: the file.

    Raises:
        InputError: see `read_text`; or a line of more than 256 MiB.
    """

    def __init__(self, path: Path) -> None:
        self.path, self._text, self.marks = path, None, False
        decoder = codecs.getincrementaldecoder("utf-8")()
        ends: set[bytes] = set()
        size = longest = 0
        with opened(path) as stream:
            packed = path.stat().st_size
            try:
                while part := stream.read(BLOCK if size else SAMPLE):
                    if not size:
                        check_kind(part, path)
                    size += len(part)
                    longest = len(part) - part.rfind(b"\n") - 1 + (0 if b"\n" in part else longest)
                    self.marks |= b'"' in part
                    ends |= {end for end in (b"\r", b"\n") if end in part}
                    if longest > LINE_LIMIT or (size > RATIO_FROM and size > RATIO * packed):
                        what = f"a line of more than {longest >> 20:,} MiB" if longest > LINE_LIMIT else ""
                        what = what or f"{size >> 20:,} MiB of text in {packed >> 10:,} KiB"
                        raise InputError(f"holds {what}", where=path, fix="check what the file really is")
                    if "\0" in decoder.decode(part):
                        raise ValueError
                decoder.decode(b"", final=True)
            except ValueError:  # also of the decoder
                ends = {b"\r"}
        if ends == {b"\r"}:
            self._text = read_text(path)
        if not size:
            raise InputError("is an empty file", where=path, fix="copy or download it again")

    @contextmanager
    def lines(self) -> Iterator[TextIO]:
        r"""The lines, with their ends; only `\n` ends a line."""
        if self._text is not None:
            yield io.StringIO(self._text, newline="\n")
            return
        with opened(self.path) as stream:
            yield io.TextIOWrapper(stream, "utf-8-sig", newline="\n")
