"""Bytes of unknown origin -> text: the encoding and the line ends are found out."""

from __future__ import annotations

import codecs
import re

from grnpyg.core.errors import InputError, warn

TEXT_HINT = "give a UTF-8 text file such as a tsv or csv, plain or gzipped"
MARKS = {  # of the byte order, at the start of a file; longest first
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
UNUSED = b"\x81\x8d\x8f\x90\x9d"  # in Windows-1252
CONTROLS = bytes({*range(32), 127} - set(b"\t\n\r\f\x1a"))
WESTERN = {  # a byte that is not UTF-8, as Python escapes it -> Windows-1252, with the gaps of latin-1
    0xDC00 + byte: ord(bytes([byte]).decode("latin-1" if byte in UNUSED else "cp1252"))
    for byte in range(128, 256)
}
SAMPLE = 1 << 16  # bytes that tell UTF-16 and binary data


def encoding_of(head: bytes) -> str | None:
    """The encoding that the first bytes of a file speak for: `utf-8` without a mark, None: binary.

    UTF-16 without a mark has zeros in every second byte, as long as its text is mostly ASCII.
    """
    if name := next((name for mark, name in MARKS.items() if head.startswith(mark)), None):
        return name
    head = head[: len(head) // 2 * 2] if len(head) > 1 else head
    zeros = head[0::2].count(0), head[1::2].count(0)
    if zeros == (0, 0):
        return "utf-8"
    for few, many, name in ((*zeros, "utf-16-le"), (*zeros[::-1], "utf-16-be")):
        if 4 * many > len(head) and 50 * few < len(head):
            return name
    return None


def decode(raw: bytes, where: object) -> str:
    r"""The text of a file, each line ended by `\n`; characters that are not UTF-8 are said.

    The line ends `\r\n` and, where no line ends in `\n`, `\r` are known. No other character ends a line.

    Raises:
        InputError: binary, or cut within a character.
    """
    encoding = encoding_of(raw[:SAMPLE])
    text = None if encoding is None else _decoded(raw, encoding, where)
    if text is None or "\0" in text:
        raise InputError("is binary, not a text table", where=where, fix=TEXT_HINT)
    if "\r" in text:
        text = re.sub("\r+\n", "\n", text) if "\n" in text else text.replace("\r", "\n")
    return text.removesuffix("\x1a")  # the end of a file in DOS


def _decoded(raw: bytes, encoding: str, where: object) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        if not encoding.startswith("utf-8"):
            what = f"is {encoding.upper()} text that is damaged or cut short at byte {error.start:,}"
            raise InputError(what, where=where, fix="save it again, as UTF-8") from None
        start = error.start
    if 100 * (len(raw) - len(raw.translate(None, CONTROLS))) > len(raw):
        return None
    text = raw.decode(encoding, "surrogateescape").translate(WESTERN)
    number = raw.count(b"\n", 0, start) + 1
    word = text[len(raw[:start].decode(encoding)) :][:1]
    warn(
        f"is not UTF-8, first in line {number:,} (taken for {word!r}): such bytes are read as Windows-1252 "
        "(latin-1)",
        where=where,
        fix="if names look wrong, save the file as UTF-8",
    )
    return text
