"""Matrices as text: formats of tools, decimal commas, numbers that are none, very many columns."""

from __future__ import annotations

import gzip
from pathlib import Path

import anndata as ad
import numpy as np
import pytest

from grnpyg.core.errors import InputError, warned
from grnpyg.data.expression.read import read_expression

GENES = {"TP53", "MYC", "GATA1"}
VALUES = [[1.5, 0, 2], [3.25, 4, 0.5], [0, 7, 1]]


def read(text: str | bytes, **named: object) -> tuple[ad.AnnData, list[str]]:
    raw = text if isinstance(text, bytes) else text.encode()
    Path("m.txt").write_bytes(raw)
    with warned() as lines:
        return read_expression("m.txt", known_genes=GENES, **named), lines  # type: ignore[arg-type]


def lines_of(separator: str = "\t", decimal: str = ".") -> list[str]:
    rows = [["gene", "a", "b", "c"]]
    rows += [[n, *(str(v).replace(".", decimal) for v in v3)] for n, v3 in zip(GENES, VALUES, strict=True)]
    return [separator.join(row) for row in rows]


def check(adata: ad.AnnData) -> None:
    assert list(adata.var_names) == list(GENES)
    assert list(adata.obs_names) == ["a", "b", "c"]
    np.testing.assert_array_equal(np.asarray(adata.X), np.array(VALUES, dtype=np.float32).T)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", ["\t", ",", ";", " ", "  \t"])
def test_separators_ends_and_encodings(separator: str, end: str, encoding: str) -> None:
    text = end.join(["# made today", "", *lines_of(separator), "", ""])
    for raw in (text.encode(encoding), gzip.compress(text.encode(encoding))):
        adata, said = read(raw)
        check(adata)
        assert said == ["m.txt: 1 lines that begin with # before the table are left out, the first is "
                        "'# made today'"]  # fmt: skip


def test_a_western_character_in_a_matrix_is_said() -> None:
    adata, said = read("\n".join(lines_of()).replace("a\tb", "a\u00ef\tb").encode("latin-1"))
    assert list(adata.obs_names) == ["a\u00ef", "b", "c"]
    assert "not UTF-8, first in line 1" in said[0]


@pytest.mark.parametrize("quoted", [False, True])
def test_separators_at_the_end_and_repeated_headers(quoted: bool) -> None:
    lines = lines_of(",")
    if quoted:
        lines = [",".join(f'"{field}"' for field in line.split(",")) for line in lines]
    check(read("\n".join(f"{line}," for line in lines))[0])
    check(read("\n".join([lines[0], *(f"{line}," for line in lines[1:])]))[0])
    adata, said = read("\n".join([*lines[:2], lines[0], *lines[2:], lines[0]]))
    check(adata)
    assert said == ["m.txt: 2 lines repeat the header and are left out"]


@pytest.mark.parametrize("separator", [";", "\t"])
def test_decimal_commas_are_read_and_said(separator: str) -> None:
    adata, said = read("\n".join(lines_of(separator, ",")))
    check(adata)
    assert "the numbers have a decimal comma: line 2" in said[0]


def test_decimal_commas_in_quotes() -> None:
    lines = [line.replace("\t", '","') for line in lines_of("\t", ",")]
    check(read("\n".join(f'"{line}"' for line in lines))[0])


@pytest.mark.parametrize(
    ("values", "match"),
    [
        ("1,234\t2\t3", "'1,234': a decimal comma, or groups of thousands"),
        ("1,234,567\t2\t3", "groups of thousands"),
        ("1,234\t2.5\t3", "groups of thousands"),
        ("1,5\t2.5\t3", "'1,5' with a decimal comma, and other numbers have a point"),
        ("1,5\t1,234,567\t3", "groups of thousands"),
    ],
)
def test_commas_that_can_be_read_in_two_ways_are_refused(values: str, match: str) -> None:
    with pytest.raises(InputError, match=match):
        read(f"gene\ta\tb\tc\nMYC\t0\t0\t0\nTP53\t{values}\n")


@pytest.mark.parametrize("values", ["1,234\t2,5\t3", "0,123\t0,456\t3"])
def test_commas_with_one_reading_are_read(values: str) -> None:
    adata, _ = read(f"gene\ta\tb\tc\nMYC\t0\t0\t1\nTP53\t{values}\n")
    assert adata["a", "TP53"].X.item() == np.float32(values.split("\t")[0].replace(",", "."))


GCT = "#1.2\n3\t2\nName\tDescription\ta\tb\nx1\tTP53\t1\t2\nx2\tMYC\t3\t4\nx3\tGATA1\t0\t5\n"


def test_gct_is_named_by_the_column_that_has_the_genes_of_the_labels() -> None:
    adata, said = read(GCT)
    assert list(adata.var_names) == ["TP53", "MYC", "GATA1"]
    assert "is a GCT file: its column Description names the genes" in said[0]
    assert np.asarray(adata.X).tolist() == [[1, 3, 0], [2, 4, 5]]
    with pytest.raises(InputError, match="2 rows of the 3 that its head declares"):
        read(GCT[: GCT.index("x3")], var_names="Description")
    with pytest.raises(InputError, match=r"GCT file \(#1.3\) that is not read. Save it as GCT 1.2"):
        read(GCT.replace("#1.2", "#1.3"))


def test_feature_counts() -> None:
    head = (
        "# Program:featureCounts v2.0.1; Command: x\nGeneid\tChr\tStart\tEnd\tStrand\tLength\ta.bam\tb.bam\n"
    )
    rows = "TP53\tchr1;chr1\t1;5\t4;9\t+;+\t9\t1\t2\nMYC\tchr2\t3\t9\t-\t6\t3\t4\n"
    adata, said = read(head + rows)
    assert list(adata.var_names) == ["TP53", "MYC"]
    assert np.asarray(adata.X).tolist() == [[1, 3], [2, 4]]
    assert "its columns Chr, Start, End, Strand, Length describe the rows" in said[1]


@pytest.mark.parametrize("name", ["symbol", "Length", "description", "free"])
def test_a_second_column_that_describes_the_genes(name: str) -> None:
    word = "120" if name == "Length" else "some words"
    adata, _ = read(f"gene\t{name}\ta\tb\nTP53\t{word}\t1\t2\nMYC\t{word}\t3\t4\n")
    assert list(adata.obs_names) == ["a", "b"]
    assert list(adata.var[name]) == [word, word]


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("target_id\tlength\teff_length\test_counts\ttpm\nTP53\t1\t1\t1\t1\n", "output of kallisto for one"),
        ("Name\tLength\tEffectiveLength\tTPM\tNumReads\nTP53\t1\t1\t1\t1\n", "output of salmon for one"),
        ("gene_id\ttranscript_id(s)\tlength\teffective_length\texpected_count\tTPM\tFPKM\nTP53\tx\t1\t1\t1\t1\t1\n",
         "output of RSEM for one"),
        ("TP53\t5\nMYC\t7\n", "its first line, TP53, 5, holds numbers"),
        ("N_unmapped\t5\t5\t5\nMYC\t7\t1\t2\n", "its first line, N_unmapped, 5, 5 and 1 more, holds numbers"),
    ],
)  # fmt: skip
def test_files_of_one_sample_and_without_header_are_refused(text: str, match: str) -> None:
    with pytest.raises(InputError, match=match):
        read(text)


@pytest.mark.parametrize(
    ("value", "match"),
    [
        *((value, "1 values are NaN or infinite") for value in ("", "NA", "NaN", "inf", "-Inf", "1e39")),
        *((value, "1 values are NaN or infinite") for value in ("1e300", "1" * 400)),
        *((value, "not a number") for value in ("0x1F", "1_0", "one", "1.2.3", "#", "TRUE", "5%", "1 2")),
    ],
)  # fmt: skip
@pytest.mark.parametrize("quote", ["", '"'])
def test_what_is_no_number_is_named_by_line_row_and_column(value: str, match: str, quote: str) -> None:
    text = f"# x\n\ngene\ta\tb\nMYC\t1\t2\n\nTP53\t3\t{quote}{value}{quote}\n"
    with pytest.raises(InputError, match=match) as caught:
        read(text)
    assert "line 6 (row 'TP53'), column 'b' holds" in str(caught.value)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("value", ['"1.5"', " 1.5", "1.5 ", '" 1.5"', "+1.5", "15e-1", "1.50"])
def test_spaces_and_quotes_around_numbers(value: str) -> None:
    assert read(f"gene\ta\tb\nMYC\t1\t2\nTP53\t3\t{value}\n")[0]["b", "TP53"].X.item() == 1.5


@pytest.mark.parametrize("quoted", [False, True])
def test_ragged_rows_are_named_by_their_line(quoted: bool) -> None:
    name = '"TP,53"' if quoted else "TP53"
    with pytest.raises(InputError, match=r"3 fields instead of 4 in the row .*, line 5"):
        read(f"#c\ngene,a,b,c\nMYC,1,2,3\n\n{name},4,5\n")


def test_very_many_columns_are_read_fast() -> None:
    count = 100_000  # 0.1 s; one Arrow column each took minutes
    text = (
        "gene," + ",".join(f"c{n}" for n in range(count)) + "\nTP53" + ",1" * count + "\nMYC" + ",2" * count
    )
    assert read(text)[0].shape == (count, 2)


def test_rows_keep_their_values_over_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grnpyg.data.text.matrix_rows.BLOCK", 100)
    rows = "".join(f"G{n},{n},{2 * n}\n" + ("\n" if n % 7 == 0 else "") for n in range(300))
    adata, _ = read(f"gene,a,b\n{rows}", genes_in="rows")
    assert np.asarray(adata.X).tolist() == [list(range(300)), list(range(0, 600, 2))]
    with pytest.raises(InputError, match=r"line 345 \(row 'H'\), column 'b' holds 'x'"):
        read(f"gene,a,b\n{rows}H,1,x\n", genes_in="rows")
