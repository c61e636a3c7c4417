"""Lists of genes in one cell, and complexes: taken apart where it is certain, and always said."""

from __future__ import annotations

from pathlib import Path

import pytest

from grnpyg.core.errors import warned
from grnpyg.data.regulons.regulon import Regulon, read_regulon


def table(*rows: str, header: str = "source|target") -> Regulon:
    path = Path("labels.tsv")
    path.write_text("\n".join([header, *rows]).replace("|", "\t") + "\n")
    return read_regulon(path)


def edges(regulon: Regulon) -> set[str]:
    return set(regulon.table["source"] + ">" + regulon.table["target"])


@pytest.mark.parametrize("mark", [";", "; ", "///", " /// ", ", ", ","])
def test_lists_of_genes_in_a_cell_are_split_and_said(mark: str) -> None:
    with warned() as lines:
        regulon = table(f"A|X{mark}Y{mark}Z", "B|X", f"C{mark}D|W")
    assert edges(regulon) == {"A>X", "A>Y", "A>Z", "B>X", "C>W", "D>W"}
    assert lines == [
        "labels.tsv: 1 cells hold lists of TFs: one row for each of them, 4 rows",
        "labels.tsv: 1 cells hold lists of genes: one row for each of them, 6 rows",
    ]


def test_lists_with_bars_brackets_and_blanks() -> None:
    path = Path("labels.csv")
    path.write_text("source,target\nA,X|Y|Z\nB,X\n")
    assert edges(read_regulon(path)) == {"A>X", "A>Y", "A>Z", "B>X"}
    assert edges(table("A|['X', 'Y']", "B|['Z']x")) == {"A>X", "A>Y", "B>['Z']x"}
    assert edges(table("A|IRF1 CD74 TAP1", "B|CD74 IRF1")) == {
        "A>IRF1",
        "A>CD74",
        "A>TAP1",
        "B>CD74",
        "B>IRF1",
    }


def test_a_list_keeps_the_values_of_its_row() -> None:
    regulon = table("A|X;Y|-1", "B|X|1", header="source|target|mor")
    assert regulon.table["sign"].tolist() == [-1, -1, 1]


def test_a_mark_without_names_on_both_sides_is_part_of_the_name() -> None:
    assert edges(table("A|HBA1;", "B|IFNA1;")) == {"A>HBA1;", "B>IFNA1;"}


def test_a_cell_of_many_names_is_read() -> None:
    names = ";".join(f"G{number}" for number in range(200_000))
    assert table(f"A|{names}").counts.edges == 200_000


COMPLEXES = {
    "FOS::JUN": {"FOS", "JUN"},
    "COMPLEX:P01100_P05412": {"P01100", "P05412"},
    "COMPLEX:FOS_JUN": {"FOS", "JUN"},
    "FOS_JUN": {"FOS", "JUN"},
    "FOS/JUN": {"FOS", "JUN"},
    "FOS-JUN": {"FOS", "JUN"},
    "NFKB": {"NFKB1", "NFKB2", "REL", "RELA", "RELB"},
    "NFKB_complex": {"NFKB1", "NFKB2", "REL", "RELA", "RELB"},
    "NF-kappaB": {"Nfkb1", "Nfkb2", "Rel", "Rela", "Relb"},
    "AP1": {"FOS", "FOSB", "FOSL1", "FOSL2", "JUN", "JUNB", "JUND"},
    "AP-1 complex": {"FOS", "FOSB", "FOSL1", "FOSL2", "JUN", "JUNB", "JUND"},
}


@pytest.mark.parametrize("name", COMPLEXES)
def test_the_members_of_a_complex_take_its_edges(name: str) -> None:
    with warned() as lines:
        regulon = table(f"{name}|X", "STAT1|RELA", "STAT1|Rela", "STAT1|JUN")
    assert edges(regulon) - {"STAT1>RELA", "STAT1>Rela", "STAT1>JUN"} == {f"{tf}>X" for tf in COMPLEXES[name]}
    (line,) = lines
    assert line.startswith(f"labels.tsv: 1 rows with complexes as TFs count for each member: {name} is ")


@pytest.mark.parametrize(
    "name", ["NKX2-1", "HLA-DRA", "C4B_2", "METAZOA_SRP.104", "BORCS8-MEF2B", "PA14_12345", "A::", "STAT1_"]
)
def test_names_of_genes_are_no_complexes(name: str) -> None:
    assert edges(table(f"{name}|X", "STAT1|RELA")) == {f"{name}>X", "STAT1>RELA"}


def test_ap1_of_plants_stays_a_gene() -> None:
    assert edges(table("AP1|AG", "LFY|AP1")) == {"AP1>AG", "LFY>AP1"}


def test_a_complex_of_unknown_members_is_named() -> None:
    with warned() as lines:
        regulon = table("SWISNF_complex|X", "STAT1|RELA")
    assert "SWISNF_complex>X" in edges(regulon)
    assert lines[0].startswith("labels.tsv: 1 names are complexes whose members are not known here")
