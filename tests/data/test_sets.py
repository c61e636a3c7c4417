"""Sets of genes: the names that tools give them, what else stands among the genes, and what is no TF."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from grnpyg.core.errors import InputError, warned
from grnpyg.data.formats.set_names import parse
from grnpyg.data.regulons.regulon import Regulon, read_regulon


def gmt(*lines: str) -> Path:
    path = Path("sets.gmt")
    path.write_text("\n".join(line.replace("|", "\t") for line in lines) + "\n")
    return path


def edges(regulon: Regulon) -> list[str]:
    table = regulon.table
    signs = table["sign"] if "sign" in table else [""] * len(table)
    return [f"{s}>{t}{v}" for s, t, v in zip(table["source"], table["target"], signs, strict=True)]


NAMES = {
    "STAT1(+)": ("STAT1", 1),
    "STAT1(-)": ("STAT1", -1),
    "STAT1_(+)": ("STAT1", 1),
    "STAT1 (+)": ("STAT1", 1),
    "STAT1(+) (12g)": ("STAT1", 1),
    "NKX2-1_(-)_(7g)": ("NKX2-1", -1),
    "STAT1 (12g)": ("STAT1", 0),
    "STAT1_extended": ("STAT1", 0),
    "STAT1_extended (12g)": ("STAT1", 0),
    "STAT1_+_+_(12g)": ("STAT1", 1),
    "STAT1_-_+": ("STAT1", -1),
    "STAT1_direct_+/-_(12g)": ("STAT1", 1),
    "STAT1_extended_-/-": ("STAT1", -1),
    "STAT1 human": ("STAT1", 0),
    "Stat1 (mouse)": ("Stat1", 0),
    "STAT1": ("STAT1", 0),
    "Su(H)": ("Su(H)", 0),
    "E(spl)m3-HLH": ("E(spl)m3-HLH", 0),
    "HLA-DRA": ("HLA-DRA", 0),
}


@pytest.mark.parametrize("name", NAMES)
def test_tf_and_sign_in_the_name_of_a_regulon(name: str) -> None:
    assert parse(name)[:2] == NAMES[name]


def test_pyscenic_regulons_have_signs_and_a_score_among_the_genes() -> None:
    with warned() as lines:
        regulon = read_regulon(
            gmt("STAT1(+)|gene signature|score=2.77|IRF1|CD74", "IRF1_(-)|tf=IRF1,score=2|TAP1")
        )
    assert edges(regulon) == ["IRF1>TAP1-1", "STAT1>CD741", "STAT1>IRF11"]
    assert lines == [
        "sets.gmt: 1 fields such as score=1 among the genes are not read",
        "sets.gmt: 2 names of regulons as of pySCENIC are read as TFs: STAT1(+) is STAT1, IRF1_(-) is IRF1",
    ]


def test_names_of_regulons_in_json_and_in_tables() -> None:
    Path("sets.json").write_text(json.dumps({"STAT1(+)": ["IRF1"], "IRF1(-)": ["CD74"]}))
    Path("table.tsv").write_text("regulator\ttarget\nSTAT1_extended (9g)\tIRF1\nSTAT1 (5g)\tIRF1\n")
    with warned() as lines:
        assert edges(read_regulon("sets.json")) == ["IRF1>CD74-1", "STAT1>IRF11"]
        assert edges(read_regulon("table.tsv")) == ["STAT1>IRF1"]
    assert ["are read as TFs" in line for line in lines] == [True, True]


def test_gtrd_sets_of_msigdb_are_refused_with_what_makes_them_tfs() -> None:
    url = "http://www.gsea-msigdb.org/x"
    path = gmt(f"STAT1_TARGET_GENES|{url}|IRF1", f"IRF1_TARGET_GENES|{url}|TAP1", f"STAT1_01|{url}|CD74")
    with pytest.raises(InputError, match=r"names of its sets are no genes .*take it off: sed") as caught:
        read_regulon(path)
    pattern = re.search(r"sed 's/(.*?)//'", str(caught.value))
    assert pattern is not None
    path.write_text(re.sub(pattern[1], "", path.read_text()))
    with warned() as lines:
        assert edges(read_regulon(path)) == ["IRF1>TAP1", "STAT1>IRF1"]
    assert lines == ["sets.gmt: 1 sets are left out, as their names are no genes: STAT1_01"]


@pytest.mark.parametrize(
    "names",
    [
        ["STAT1_01", "V$GATA_C", "GGGCGGR_SP1_Q6"],
        ["AAANWWTGC_UNKNOWN", "RYTTCCTG_ETS2_B"],
        ["HALLMARK_HYPOXIA", "KEGG_APOPTOSIS", "GOBP_MITOSIS"],
        ["interferon response", "T cell activation"],
        ["AAAGGGA_MIR204_MIR211", "ACTGTAG_MIR139"],
    ],
)
def test_sets_named_after_something_else_are_refused(names: list[str]) -> None:
    with pytest.raises(InputError, match="names of its sets are no genes but motifs, pathways") as caught:
        read_regulon(gmt(*(f"{name}|about|IRF1|CD74" for name in names)))
    assert "Give sets named after their TFs" in str(caught.value)


def test_genes_with_underscores_are_no_motifs() -> None:
    assert read_regulon(gmt("PA14_12345|x|PA14_00010", "MSMEG_0001|x|MSMEG_0100")).counts.edges == 2


def test_enrichr_names_sets_by_tf_and_experiment_and_writes_weights() -> None:
    path = gmt(
        "STAT1 17558387 ChIP-Seq HELA Human||IRF1,1.0|TAP1,0.5",
        "IRF1 K562 hg19||CD74,1.0",
        "SPI1 CHEA||LYZ,2.0",
    )
    with warned() as lines:
        regulon = read_regulon(path)
    assert edges(regulon) == ["IRF1>CD74", "SPI1>LYZ", "STAT1>IRF1", "STAT1>TAP1"]
    assert regulon.table["weight"].tolist() == [1.0, 2.0, 1.0, 0.5]
    assert "the first word of 3 names of sets is taken for the TF: STAT1 17558387 ChIP-Seq" in lines[0]
    assert "number behind the comma" in " ".join(regulon.lines())


CTX = (
    ",,Enrichment,Enrichment,Enrichment,Enrichment,Enrichment,Enrichment,Enrichment,Enrichment\n"
    ",,AUC,NES,MotifSimilarityQvalue,OrthologousIdentity,Annotation,Context,TargetGenes,RankAtMax\n"
    "TF,MotifID,,,,,,,,\n"
    "STAT1,cisbp__M1,0.06,3.0,0.0,1.0,gene is directly annotated,\"frozenset({'activating', 'hg38'})\","
    "\"[('IRF1', 1.5), ('CD74', np.float64(2e-1))]\",1500\n"
    "STAT1,cisbp__M2,0.06,3.0,0.0,1.0,gene is directly annotated,\"frozenset({'activating', 'hg38'})\","
    "\"[('IRF1', 2.5)]\",1500\n"
    "IRF1,cisbp__M3,0.06,3.0,0.0,1.0,gene is orthologous,\"frozenset({'hg38', 'repressing'})\","
    "\"[('TAP1', 0.5)]\",1500\n"
)


def test_the_motifs_of_pyscenic_ctx() -> None:
    Path("reg.csv").write_text(CTX)
    regulon = read_regulon("reg.csv")
    assert edges(regulon) == ["IRF1>TAP1-1", "STAT1>CD741", "STAT1>IRF11"]
    assert regulon.table["weight"].tolist() == [0.5, 0.2, 2.5]
    assert regulon.lines()[0] == "Read as the motifs of pySCENIC's ctx: 3 rows with lists of target genes."


def test_the_lists_of_ctx_are_never_run() -> None:
    evil = CTX.replace("[('IRF1', 2.5)]", "__import__('os').system('touch ran')")
    Path("reg.csv").write_text(evil)
    assert read_regulon("reg.csv").counts.edges == 3
    assert not Path("ran").exists()


@pytest.mark.parametrize("rows", ["", "\n", "STAT1,cisbp__M1\n", "STAT1" + "," * 9 + "\n", "a,b\nc,d,e\n"])
def test_a_damaged_table_of_ctx_is_one_line(rows: str) -> None:
    Path("reg.csv").write_text("".join(CTX.splitlines(True)[:3]) + rows)
    with pytest.raises(InputError, match=r"reg\.csv: "):
        read_regulon("reg.csv")


def test_a_gmt_file_with_another_suffix_is_known_by_its_lines() -> None:
    Path("library.txt").write_text("STAT1\t\tIRF1\tCD74\nIRF1\t\tTAP1\n")
    regulon = read_regulon("library.txt")
    assert edges(regulon) == ["IRF1>TAP1", "STAT1>CD74", "STAT1>IRF1"]
    assert regulon.lines()[0] == "Read as GMT, with one set a line."
