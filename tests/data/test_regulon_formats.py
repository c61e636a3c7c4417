from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from grnpyg.core.errors import InputError
from grnpyg.data.formats.genelink import read_gene_index
from grnpyg.data.regulons.regulon import Regulon, read_regulon


def write(folder: Path, text: str, name: str = "table.tsv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def edges(regulon: Regulon) -> set[tuple[str, str]]:
    return set(zip(regulon.table["source"], regulon.table["target"], strict=True))


def genelink(folder: Path, label: str) -> Path:
    write(folder, ",Gene,index\n0,AAA,10\n1,BBB,20\n2,CCC,7\n", "Target.csv")
    write(folder, ",TF,index\n0,AAA,10\n", "TF.csv")
    return write(folder, label, "Label.csv")


def test_genelink_folder_reads_indices_by_the_column_index_not_by_row(tmp_path: Path) -> None:
    label = genelink(tmp_path, ",TF,Target\n0,10,7\n1,10,20\n")
    for path in (tmp_path, label):
        assert edges(read_regulon(path)) == {("AAA", "CCC"), ("AAA", "BBB")}
    assert read_gene_index(tmp_path) == {"10": "AAA", "20": "BBB", "7": "CCC"}
    genelink(tmp_path, ",TF,Target\n0,10,8\n")
    with pytest.raises(InputError, match=r"1 indices are not in Target.csv: 8"):
        read_regulon(tmp_path)
    (tmp_path / "Target.csv").unlink()
    with pytest.raises(InputError, match=r"folder without Target\.csv"):
        read_regulon(tmp_path)


def test_listed_tfs_are_the_universe_of_tfs_with_or_without_an_edge(tmp_path: Path) -> None:
    genelink(tmp_path, ",TF,Target\n0,10,7\n1,10,20\n")
    write(tmp_path, ",TF,index\n0,AAA,10\n1,CCC,7\n", "TF.csv")
    assert read_regulon(tmp_path).sources_all == ("AAA",)
    listed = read_regulon(tmp_path, listed_tfs=True)
    assert listed.sources_all == ("AAA", "CCC")
    assert listed.targets_all == ("AAA", "BBB", "CCC")
    assert edges(listed) == {("AAA", "CCC"), ("AAA", "BBB")}


def test_what_lists_no_tf_cannot_give_them(tmp_path: Path) -> None:
    genelink(tmp_path, ",TF,Target\n0,10,7\n")
    write(tmp_path, ",Gene,index\n0,AAA,10\n", "TF.csv")
    with pytest.raises(InputError, match=r"found the columns .*Gene.*Needs TF and index"):
        read_regulon(tmp_path, listed_tfs=True)
    (tmp_path / "TF.csv").unlink()
    with pytest.raises(InputError, match=r"TF\.csv: no such file"):
        read_regulon(tmp_path, listed_tfs=True)
    with pytest.raises(InputError, match=r"only GENELink's folders list TFs"):
        read_regulon(write(tmp_path, "tf,target\nA,B\n"), listed_tfs=True)


BAD = {
    "": "the file is empty",
    " \n": "the file is empty",
    "source\ttarget\n": "no edge is left",
    "source\ttarget\nA\tA\n": "no edge is left of 1 usable rows",
    "A\tB\nC\tD\n": "no source column; found the columns A, B.*header, add the line `source<TAB>target`",
    "regulator,thing\nA,B\n": "no target column; found the columns regulator, thing. Accepted names: target",
    "tf,gene1,target\nA,B,C\n": "several columns for the source: tf, gene1",
    "tf,target\nA,B,C\n": "more fields than the 2 columns",
    "tf,target\nA,B\nA,B,C\n": "not a regular table",
    "tf,target,weight\nA,B,1\nA,C,high\n": "weight 'high' in data row 2 is not a finite number",
    "tf,target,weight\nA,B,inf\n": "'inf' in data row 1 is not a finite number",
    "tf,target,label\nA,B,2\n": "label '2' in data row 1 is not 0 or 1",
    "tf,target,mode\nA,B,sideways\n": "unknown mode 'sideways'",
    '{"A": "B"}': "not {TF: \\[genes\\]}",
    '{"A": {"B": "C"}}': "not {TF: \\[genes\\]}",
    '["A", "B"]': "not {TF: \\[genes\\]}",
    '{"A": [1]}': "not {TF: \\[genes\\]}",
    '{"A": ["B"': "not valid JSON",
    "{}": "no edge is left",
}


@pytest.mark.parametrize("text", BAD)
def test_bad_text_is_one_clear_line(text: str, tmp_path: Path) -> None:
    path = write(tmp_path, text)
    with pytest.raises(InputError, match=BAD[text]) as caught:
        read_regulon(path)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (gzip.compress(b"tf,target\nA,B\n" * 99, mtime=0)[:-12], "damaged or cut short"),
        (gzip.compress(b"tf,target\nA,B\n", mtime=0)[:6], "damaged or cut short"),
        (b"\x89HDF\r\n\x1a\n\0\0", "an HDF5 file"),
        (b"PK\3\4abc", "a zip or Excel file"),
        (b"tf,target\nA,\0B\n", "is binary"),
    ],
)
def test_bad_bytes(raw: bytes, reason: str, tmp_path: Path) -> None:
    (tmp_path / "table.tsv").write_bytes(raw)
    with pytest.raises(InputError, match=reason):
        read_regulon(tmp_path / "table.tsv")


def test_other_unusable_input(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_regulon(tmp_path / "absent.tsv")
    with pytest.raises(InputError, match=r"folder without Label\.csv"):
        read_regulon(tmp_path)
    with pytest.raises(InputError, match=r"line 2 \('B'\) has no genes"):
        read_regulon(write(tmp_path, "A\td\tX\nB\td\n", "sets.gmt"))
    table = write(tmp_path, "tf,target\nA,B\n")
    with pytest.raises(InputError, match="3 column names for 2 columns"):
        read_regulon(table, columns=["source", "target", "weight"])
    with pytest.raises(InputError, match="table that has a header"):
        read_regulon(table, columns=["source", "target"])
