"""Tables of edges without a header: read where their kind is plain, else refused with advice that works."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grnpyg.core.errors import InputError, warned
from grnpyg.data.regulons.regulon import Regulon, read_regulon


def file(text: str, mark: str = "\t") -> Path:
    path = Path("labels.txt")
    path.write_text(text.replace(" ", mark))
    return path


def signs(regulon: Regulon) -> dict[str, int]:
    table = regulon.table
    return dict(zip(table["source"] + ">" + table["target"], table["sign"], strict=True))


@pytest.mark.parametrize("mark", ["\t", ",", " "])
def test_trrust_as_downloaded(mark: str) -> None:
    text = "AATF BAX Repression 22909821\nAATF CDKN1A Unknown 17157788;1\nABL1 BAX Activation 11753601\n"
    with warned() as lines:
        regulon = read_regulon(file(text, mark))
    assert signs(regulon) == {"AATF>BAX": -1, "AATF>CDKN1A": 0, "ABL1>BAX": 1}
    assert "has no header: read as TRRUST, from the first line on" in lines[0]


def test_trrust_with_codes_for_the_modes() -> None:
    regulon = read_regulon(file("AATF BAX 2 22909821\nAATF CDKN1A 0 17157788;12345\nABL1 BAX 1 117536\n"))
    assert signs(regulon) == {"AATF>BAX": -1, "AATF>CDKN1A": 0, "ABL1>BAX": 1}


def test_one_mistyped_article_does_not_hide_trrust() -> None:
    rows = "".join(f"AATF G{number} {number % 3} {10000 + number}\n" for number in range(40))
    assert signs(read_regulon(file(rows + "ABL1 BAX 2 1724219e\n")))["ABL1>BAX"] == -1


def test_a_list_of_names_is_no_table_of_edges() -> None:
    with pytest.raises(InputError, match=r"one column, HOXA9: edges need two.* list of TFs belongs to --tfs"):
        read_regulon(file("HOXA9\nSTAT1\n"))


def test_sif_has_the_relation_in_the_middle() -> None:
    text = "A activates B\nA inhibits C\nD activates C\nD binds B\nD binds E\n"
    with warned() as lines:
        regulon = read_regulon(file(text))
    assert signs(regulon) == {"A>B": 1, "A>C": -1, "D>C": 1, "D>B": 0, "D>E": 0}
    assert "read as SIF" in lines[0]


def test_the_sif_of_a_database_with_words_of_its_own() -> None:
    text = "A upregulates-expression B\nA controls C\nD upregulates-expression C\nD represses-it B\n"
    assert signs(read_regulon(file(text))) == {"A>B": 1, "A>C": 0, "D>C": 1, "D>B": -1}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("A B\nA C\nD C\n", "pairs of a TF and a gene"),
        ("A B 0.5\nC D 1e-3\n", "TF, gene and weight"),
        ("G1 G2 +\nG3 G4 -\n", "TF, gene and sign"),
        ("USF1 7391 S100A6 6277\nUSF1 7391 DUSP1 1843\n", "RegNetwork"),
        ("STAT1 TF 1\nIRF1 CD4 1\n", "TF, gene and weight"),  # transferrin has the symbol TF
    ],
)
def test_other_kinds_that_are_plain(text: str, kind: str) -> None:
    with warned() as lines:
        regulon = read_regulon(file(text))
    assert regulon.counts.edges == text.count("\n")
    assert f"read as {kind}" in lines[0]


NOT_PLAIN = [
    "A B\nC D\n",
    "A B x\nC D y\n",
    "A x B\nC y D\n",
    "A B x 1 \nC D y 2\n",
    "A B x y z\nC D x y z\n",
    "A B C D E F G H\nI J K L M N O P\n",
]


@pytest.mark.parametrize("text", NOT_PLAIN)
@pytest.mark.parametrize("mark", ["\t", ",", ";", " "])
def test_the_advice_to_add_a_header_works_for_every_separator_and_width(text: str, mark: str) -> None:
    path = file(text, mark)
    with pytest.raises(InputError, match="add the line") as caught:
        read_regulon(path)
    line = re.search("add the line `(.*?)`", str(caught.value))
    assert line is not None
    path.write_text(line[1].replace("<TAB>", "\t") + "\n" + path.read_text())
    assert read_regulon(path).counts.edges == 2


def test_a_header_that_names_only_the_first_columns_is_enough() -> None:
    text = "source target\nA B Activation 1;2\nA C Activation 3\nD C Unknown 4\n"
    with warned() as lines:
        regulon = read_regulon(file(text))
    assert regulon.counts.edges == 3
    assert "the header names 2 columns, and the rows have 4: the last 2 are not read" in lines[0]


def test_row_names_of_r_below_a_header_without_them_are_no_tfs() -> None:
    with warned():
        regulon = read_regulon(file("tf target mor\n1 A B 1\n2 A C -1\n"))
    assert signs(regulon) == {"A>B": 1, "A>C": -1}


def test_a_header_is_not_taken_for_data() -> None:
    with pytest.raises(InputError, match="no source column; found the columns factor, thing, value"):
        read_regulon(file("factor thing value\nA B 1\nC D 2\n"))


def test_warnings_of_the_first_look_do_not_stay_when_there_is_no_header() -> None:
    with warned() as lines:
        assert read_regulon(file("A B\nA B\nA C\n")).counts.edges == 2
    assert [line.split(":")[1][:15] for line in lines] == [" has no header"]


def test_sets_of_genes_without_descriptions_get_the_way_to_write_them() -> None:
    lines = [["STAT1", "CD4", "CD8A", "IRF1"], ["IRF1", "CD4"], ["SPI1", "LYZ", "CD14"]]
    path = file("\n".join(" ".join(line) for line in lines) + "\n")
    with pytest.raises(InputError, match=r"write `name<TAB>description<TAB>gene<TAB>gene...`.* \.gmt"):
        read_regulon(path)
    path = Path("sets.gmt")
    path.write_text("".join("\t".join([tf, "none", *genes]) + "\n" for tf, *genes in lines))
    assert read_regulon(path).counts.edges == 6
