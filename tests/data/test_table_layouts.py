"""Tables as tools and people write them: comments, headers twice, no corner, any separator."""

from __future__ import annotations

import pandas as pd
import pytest

from grnpyg.core.errors import InputError, warned
from grnpyg.data.text.table import parse_table

ROWS = [["TF1", "G1"], ["TF1", "G2"], ["TF2", "G1"]]


def table(lines: list[str], **named: list[str]) -> tuple[list[str], list[list[str]], list[str]]:
    with warned() as said:
        frame = parse_table("\n".join(lines) + "\n", "t", **named)
    return list(frame.columns), frame.to_numpy().tolist(), said


@pytest.mark.parametrize("separator", ["\t", ",", ";", " ", "   "])
@pytest.mark.parametrize("end", ["", "#", "# version 2", "# made by A, B; 2020\ttoday"])
def test_comment_lines_before_the_header_are_counted(separator: str, end: str) -> None:
    lines = [separator.join(row) for row in [["source", "target"], *ROWS]]
    names, rows, said = table([f"{end}"] * 3 + lines if end else lines)
    assert names == ["source", "target"]
    assert rows == ROWS
    assert [line[: len("t: 3 lines that begin with #")] for line in said] == (
        ["t: 3 lines that begin with #"] if end else []
    )


@pytest.mark.parametrize("header", ["#TF\ttarget", "# source\ttarget", "#a\tb", "#source\ttarget"])
@pytest.mark.parametrize("before", [[], ["# version 1"], ["# one", "", "# two\tthree\tfour"]])
def test_a_header_that_begins_with_a_mark(header: str, before: list[str]) -> None:
    names, rows, said = table([*before, header, *("\t".join(row) for row in ROWS)])
    assert names == header.lstrip("# ").split("\t")
    assert rows == ROWS
    assert len(said) == bool(before)


def test_a_comment_as_wide_as_the_header_is_a_comment() -> None:
    assert table(["# a licence, b", "source,target", "A,B"])[0] == ["source", "target"]
    assert table(["#a licence, b", "source,target", "A,B"])[0] == ["source", "target"]


def test_a_mark_within_the_data_is_data() -> None:
    assert table(["source\ttarget", "#A\tB", "A\t#C"])[1] == [["#A", "B"], ["A", "#C"]]


def test_the_first_line_of_excel_says_the_separator() -> None:
    assert table(["sep=;", "source;target, or gene", "A;B,C"])[1] == [["A", "B,C"]]


def test_only_comments_is_said() -> None:
    with pytest.raises(InputError, match="only blank lines and lines that begin with #"):
        table(["# a", "#b"])


def test_the_separator_is_the_one_that_fits_the_rows() -> None:
    assert table(["source,target,note\t2", "A,B,x", "A,C,y"])[0] == ["source", "target", "note\t2"]
    assert table(["source;target;a, b", "A;B;x, y", "A;C;z"])[0] == ["source", "target", "a, b"]
    assert table(["source target note,x", "A B y", "A C z"])[0] == ["source", "target", "note,x"]


@pytest.mark.parametrize("separator", ["\t", ",", " "])
def test_tables_of_r_without_a_corner(separator: str) -> None:
    lines = [separator.join(f'"{name}"' for name in row) for row in [["TF", "target"], *ROWS]]
    numbered = [lines[0], *(f'"{n}"{separator}{line}' for n, line in enumerate(lines[1:], 1))]
    names, rows, said = table(numbered)
    assert (names, rows) == (["TF", "target"], ROWS)
    assert "t: its header names 2 columns and its rows have 3, as R writes tables" in said[0]
    named = [lines[0], *(f'"row{n}"{separator}{line}' for n, line in enumerate(lines[1:], 1))]
    names, rows, _ = table(named)
    assert names == ["row names", "TF", "target"]
    assert rows == [[f"row{n}", *row] for n, row in enumerate(ROWS, 1)]


@pytest.mark.parametrize(
    ("lines", "match"),
    [
        (["tf,target", "A,B,x", "A,C,y"], "more fields than the 2 columns of the header: line 2 has 3"),
        (["tf,target", "A,B,x", "C,D"], "more fields than the 2 columns of the header: line 2 has 3"),
        (["#c", "", "tf,target", "1,A,B,x"], "more fields than the 2 columns of the header: line 4 has 4"),
        (["#c", "", "tf,target", "A,B", "", "A,C,D"], "line 6 has 3 fields instead of 2"),
    ],
)
def test_ragged_rows_are_named_by_their_line(lines: list[str], match: str) -> None:
    with pytest.raises(InputError, match=match):
        table(lines)


def test_a_header_in_the_middle_is_left_out_and_counted() -> None:
    lines = ["source\ttarget", "A\tB", "source\ttarget", "A\tC", "source\ttarget"]
    assert table(lines)[1:] == ([["A", "B"], ["A", "C"]], ["t: 2 lines repeat the header and are left out"])


def test_separators_at_the_end_of_lines() -> None:
    assert table(["tf,target", "A,B,", "A,C,"])[:2] == (["tf", "target"], [["A", "B"], ["A", "C"]])
    names, rows, _ = table(["tf,target,", "A,B,", "", "  ", "A,C,"])
    assert names[:2] == ["tf", "target"]
    assert [row[:2] for row in rows] == [["A", "B"], ["A", "C"]]
    assert table(["tf target ", "A B ", " A C"])[:2] == (["tf", "target"], [["A", "B"], ["A", "C"]])


def test_names_of_columns_that_repeat_are_said() -> None:
    names, _, said = table(["tf,target,tf,", "A,B,C,D"])
    assert names == ["tf", "target", "tf.1", "Unnamed: 3"]
    assert said == ["t: columns of one name, of which the first counts: tf"]


def test_words_for_missing_values_stay_words() -> None:
    assert table(["tf,target", "NA,nan", "None,"])[1] == [["NA", "nan"], ["None", ""]]


@pytest.mark.parametrize("text", ['5" x\t"see', '"\ta', '"a""\tb', 'x"\t"y'])
def test_marks_that_come_out_even_swallow_nothing(text: str) -> None:
    assert len(table(["p\tq", text, "1\t2", text, "3\t4"])[1]) == 4


def test_many_columns_are_refused_or_fast() -> None:
    assert parse_table("\n".join([",".join(f"c{n}" for n in range(2000)), "0," * 1999 + "1"]), "t").shape == (
        1,
        2000,
    )
    with pytest.raises(InputError, match="has 100,000 columns"):
        parse_table("a," * 99_999 + "b\n" + "1," * 99_999 + "2\n", "t")


def test_no_rows() -> None:
    assert isinstance(parse_table("a,b\n", "t"), pd.DataFrame)
    assert table(["a,b"])[:2] == (["a", "b"], [])
