"""Read a text file of unknown origin: plain or gzipped, checked before it is taken for text."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from grnpyg.core.errors import InputError

BINARY_KINDS = {
    b"\x89HDF": "an HDF5 file (h5ad, loom)",
    b"PAR1": "a Parquet file",
    b"PK\3\4": "a zip or Excel file",
}
TEXT_HINT = "give a UTF-8 text file such as a tsv or csv, plain or gzipped"


def read_text(path: str | Path) -> str:
    """The text of a UTF-8 file, unzipped if its content is gzip; never blank.

    Raises:
        InputError: missing, empty, cut short, binary or not UTF-8.
    """
    path = Path(path)
    try:
        raw = path.read_bytes()
        raw = gzip.decompress(raw) if raw.startswith(b"\x1f\x8b") else raw
    except FileNotFoundError:
        raise InputError("no such file", where=path, fix="check the path") from None
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise InputError(
            "the gzip data are damaged or cut short", where=path, fix="fetch the file again"
        ) from None
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", where=path, fix=TEXT_HINT) from None
    kind = next((kind for magic, kind in BINARY_KINDS.items() if raw.startswith(magic)), None)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if kind or "\0" in text:
        raise InputError(f"is {kind or 'binary or not UTF-8'}, not a text table", where=path, fix=TEXT_HINT)
    if not text.strip():
        raise InputError("the file is empty", where=path, fix=TEXT_HINT)
    return text
