"""A table is read in whatever encoding and with whatever line ends it was saved, or its kind is named."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from grnpyg.core.errors import InputError, warned
from grnpyg.data.text.files import read_text

TEXT = "source\ttarget\tnote\nTF1\tG1\tna\u00efve\nTF1\tG2\tfine\n"
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r", "\r\r\n"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_encodings_and_line_ends(tmp_path: Path, encoding: str, ends: str, zipped: bool) -> None:
    raw = TEXT.replace("\n", ends).encode(encoding)
    (tmp_path / "a.tsv").write_bytes(gzip.compress(raw) if zipped else raw)
    assert read_text(tmp_path / "a.tsv") == TEXT


def test_big_endian_with_a_mark(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_bytes(b"\xfe\xff" + TEXT.encode("utf-16-be"))
    assert read_text(tmp_path / "a.tsv") == TEXT


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_western_text_is_read_and_said_with_its_line(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.tsv").write_bytes(TEXT.encode(encoding))
    with warned() as lines:
        assert read_text(tmp_path / "a.tsv") == TEXT
    assert len(lines) == 1
    assert "not UTF-8, first in line 2 (taken for '\u00ef')" in lines[0]
    assert "save the file as UTF-8" in lines[0]


def test_lines_of_utf8_stay_beside_one_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_bytes("\u03b2-catenin\n".encode() + b"na\xefve\n")
    with warned():
        assert read_text(tmp_path / "a.tsv") == "\u03b2-catenin\nna\u00efve\n"


def test_other_characters_end_no_line(tmp_path: Path) -> None:
    odd = "a\x85b\u2028c\x0bd\rz\n"
    (tmp_path / "a.tsv").write_bytes(odd.encode())
    assert read_text(tmp_path / "a.tsv") == odd


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"\0" * 4000, "is binary"),
        (bytes(range(256)) * 20, "is binary"),
        (bytes(range(1, 256)) * 20, "is binary"),
        (b"a\tb\nc\0d\t1\n" * 9, "is binary"),
        (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
        (b"%PDF-1.4 ...", "a PDF file"),
        (b"\n<!DOCTYPE html><html>", "a web page"),
        (b"BZh91AY", "packed by bzip2"),
        (gzip.compress(gzip.compress(b"a\tb\n", mtime=0), mtime=0), "packed twice"),
        (b"\xff\xfe" + b"a\0b\0\n", "UTF-16 text that is damaged"),
        (b"\xff\xfe" + b"a\0\0\xd8b\0", "UTF-16 text that is damaged"),
        (gzip.compress(b"tf,target\nA,B\n" * 99, mtime=0)[:-12], "damaged or cut short"),
        (b"\x1f\x8b\x08" + b"nonsense" * 9, "damaged or cut short"),
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n", "empty"),
    ],
)
def test_what_is_no_text_is_named(tmp_path: Path, raw: bytes, kind: str) -> None:
    (tmp_path / "a.tsv").write_bytes(raw)
    with pytest.raises(InputError, match=kind) as caught:
        read_text(tmp_path / "a.tsv")
    assert "\n" not in str(caught.value)


def test_a_folder_or_nothing_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_text(tmp_path)
    with pytest.raises(InputError, match="no such file"):
        read_text(tmp_path / "none")
