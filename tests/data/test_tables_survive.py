"""Rows read are the rows in the file: random tables, written in every way, are read back as they were."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grnpyg.core.errors import InputError, warned
from grnpyg.data.text.files import read_text
from grnpyg.data.text.table import parse_table

WORDS = st.text(st.sampled_from("abcXYZ019 ,;\t\"'#.-\u00ef\u03b2\u2028\x85\x0b"), max_size=8).map(str.strip)
NAMES = st.text(st.sampled_from("abcXYZ019"), min_size=1, max_size=6)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[list[str]]]:
    header = draw(st.lists(NAMES, min_size=2, max_size=5, unique=True))
    row = st.tuples(NAMES, *[WORDS] * (len(header) - 1)).map(list)
    rows = draw(st.lists(row.filter(lambda row: row != header), min_size=1, max_size=60))
    return header, rows


@settings(max_examples=150, deadline=None)
@given(
    table=tables(),
    separator=st.sampled_from("\t,;"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]),
    before=st.lists(st.sampled_from(["", "# a comment, long; with\tall", "##"]), max_size=3),
    blank=st.integers(0, 60),
    zipped=st.booleans(),
)
def test_quoted_tables(
    tmp_path_factory: pytest.TempPathFactory,
    table: tuple[list[str], list[list[str]]],
    separator: str,
    quoting: int,
    end: str,
    encoding: str,
    before: list[str],
    blank: int,
    zipped: bool,
) -> None:
    header, rows = table
    if encoding.startswith("utf-16-"):  # without a mark it is known by the zeros of its ASCII text
        rows = [[field.replace("\u2028", "").replace("\u03b2", "") for field in row] for row in rows]
    lines = []
    for row in [["source", *header[1:]], *rows]:
        line = io.StringIO()
        csv.writer(line, delimiter=separator, quoting=quoting, lineterminator="").writerow(row)  # type: ignore[arg-type]
        lines.append(line.getvalue())
    lines.insert(min(blank + 1, len(lines)), "")
    raw = end.join([*before, *lines, ""]).encode(encoding)
    path = tmp_path_factory.mktemp("t") / "t"
    path.write_bytes(gzip.compress(raw) if zipped else raw)
    with warned():
        frame = parse_table(read_text(path), path)
    assert list(frame.columns) == ["source", *header[1:]]
    assert frame.to_numpy().tolist() == [[field.strip() for field in row] for row in rows]


@settings(max_examples=150, deadline=None)
@given(table=tables(), separator=st.sampled_from("\t,;"))
def test_no_row_of_a_table_with_stray_marks_is_lost(
    table: tuple[list[str], list[list[str]]], separator: str
) -> None:
    header, rows = table
    bare = [[field.replace(separator, "") for field in row] for row in rows]
    text = "\n".join(separator.join(row) for row in [["source", *header[1:]], *bare])
    with warned():
        frame = parse_table(text, "t")
    assert frame["source"].tolist() == [row[0] for row in bare]


@settings(max_examples=200, deadline=None)
@given(raw=st.binary(max_size=300) | st.text("ab\"',;\t \n\r#=0\x00\ud800", max_size=300).map(
    lambda text: text.encode("utf-8", "surrogatepass")
))  # fmt: skip
def test_any_bytes_are_read_or_refused_in_one_line(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes
) -> None:
    path = Path(tmp_path_factory.getbasetemp()) / "any"
    path.write_bytes(raw)
    with warned() as lines:
        try:
            parse_table(read_text(path), path).to_csv()
        except InputError as error:
            lines.append(str(error))
    assert not any("\n" in line for line in lines)
