"""Files that grow without bound are refused before the memory goes."""

from __future__ import annotations

import gzip
import tracemalloc
from pathlib import Path

import pytest

from grnpyg.core.errors import InputError
from grnpyg.data.expression.read import read_expression
from grnpyg.data.text import files, layout
from grnpyg.data.text.files import read_text
from grnpyg.data.text.table import parse_table


@pytest.mark.parametrize("part", [b"\0", b" ", b"a", b"0,", b"\n", b"a\tb\n", b"#\n", b'"'])
def test_gzip_that_grows_too_much(part: bytes) -> None:
    Path("z.tsv.gz").write_bytes(gzip.compress(part * ((1 << 26) // len(part))))
    tracemalloc.start()
    for read in (read_text, read_expression):
        with pytest.raises(InputError, match=r"z\.tsv\.gz: (holds .*32 MiB of text|is binary)"):
            read("z.tsv.gz")
    assert tracemalloc.get_traced_memory()[1] < 200e6
    tracemalloc.stop()


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("t.tsv").write_text("a\tb\n" * 1000)
    with pytest.raises(InputError, match="more than 0 MiB of text in 3 KiB"):
        read_text("t.tsv", limit=100)
    monkeypatch.setattr(files, "LINE_LIMIT", 100)
    Path("m.tsv").write_text("gene" + "\ta" * 1000)
    with pytest.raises(InputError, match="a line of more than"):
        read_expression("m.tsv")
    monkeypatch.setattr(layout, "MAX_BEFORE", 10)
    with pytest.raises(InputError, match="first 10 lines are blank or begin with #"):
        parse_table("#\n" * 12 + "a\tb\n", "t")
