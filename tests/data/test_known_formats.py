"""Tables of the field's tools, each in its true form: which columns are read, and what is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from grnpyg.core.data_config import DataConfig, FeatureConfig
from grnpyg.core.errors import InputError, warned
from grnpyg.data.load import load_grn
from grnpyg.data.regulons.regulon import Regulon, read_regulon


def file(text: str, name: str = "labels.tsv") -> Path:
    path = Path(name)
    path.write_text(text.replace(" ", "\t"))
    return path


def edges(regulon: Regulon) -> list[tuple[str, ...]]:
    """`source target sign weight` of every edge, as text."""
    table = regulon.table
    signs = table["sign"] if "sign" in table else [""] * len(table)
    columns = table["source"], table["target"], map(str, signs), table["weight"].map("{:g}".format)
    return list(zip(*columns, strict=True))


TABLES = {
    "OmniPath": (
        "source target source_genesymbol target_genesymbol is_directed is_stimulation is_inhibition "
        "consensus_direction consensus_stimulation consensus_inhibition sources\n"
        "P42224 P14784 STAT1 IL2RB 1 1 1 1 1 0 CollecTRI\nP42224 P36402 STAT1 TCF7 1 1 0 1 0 1 CollecTRI\n"
        "P10914 P04233 IRF1 CD74 1 0 0 0 0 0 ExTRI\n",
        [("IRF1", "CD74", "0", "1"), ("STAT1", "IL2RB", "1", "1"), ("STAT1", "TCF7", "-1", "1")],
        "Read as OmniPath: TFs in source_genesymbol, genes in target_genesymbol, signs in "
        "consensus_stimulation, consensus_inhibition.",
    ),
    "OmniPath's booleans": (
        "source target source_genesymbol target_genesymbol is_stimulation is_inhibition\n"
        "P42224 P14784 STAT1 IL2RB False True\nP42224 P36402 STAT1 TCF7 True False\n",
        [("STAT1", "IL2RB", "-1", "1"), ("STAT1", "TCF7", "1", "1")],
        "Read as OmniPath",
    ),
    "GENIE3": (
        "regulatoryGene targetGene weight\nSTAT1 IL2RB 0.3\nIRF1 TCF7 0.1\n",
        [("IRF1", "TCF7", "", "0.1"), ("STAT1", "IL2RB", "", "0.3")],
        "Read as GENIE3: TFs in regulatoryGene, genes in targetGene, weights in weight.",
    ),
    "GRNBoost2": (
        "TF target importance\nSTAT1 IL2RB 30.5\nIRF1 TCF7 0.1\n",
        [("IRF1", "TCF7", "", "0.1"), ("STAT1", "IL2RB", "", "30.5")],
        "Read as GRNBoost2",
    ),
    "SCENIC": (
        "TF gene highConfAnnot nMotifs bestMotif NES motifDb coexModule spearCor CoexWeight\n"
        "STAT1 IL2RB TRUE 3 cisbp__M1 4.1 10kb w001 0.3 0.02\nIRF1 TCF7 FALSE 1 m 3.1 10kb top50 0.2 0.01\n",
        [("IRF1", "TCF7", "", "0.01"), ("STAT1", "IL2RB", "", "0.02")],
        "Read as SCENIC's regulonTargetsInfo: TFs in TF, genes in gene, weights in CoexWeight.",
    ),
    "SCENIC+": (
        "Region Gene importance_R2G rho_R2G TF is_extended eRegulon_name Gene_signature_name "
        "Region_signature_name importance_TF2G regulation_TF2G rho_TF2G triplet_rank\n"
        "chr1:1-500 IL2RB 0.1 0.2 STAT1 False STAT1_direct_+/+ STAT1_direct_+/+_(2g) s 2.5 1 0.4 1\n"
        "chr1:9-900 IL2RB 0.1 0.2 STAT1 False STAT1_direct_+/+ STAT1_direct_+/+_(2g) s 2.5 1 0.4 2\n"
        "chr2:1-500 TCF7 0.1 0.2 STAT1 False STAT1_direct_-/+ STAT1_direct_-/+_(1g) s 0.5 -1 -0.4 3\n",
        [("STAT1", "IL2RB", "1", "2.5"), ("STAT1", "TCF7", "-1", "0.5")],
        "Read as SCENIC+ eRegulons: TFs in TF, genes in Gene, weights in importance_TF2G, signs in "
        "regulation_TF2G.",
    ),
    "SCENIC+ by signature": (
        "TF Region Gene Gene_signature_name\nSTAT1 chr1:1-5 IL2RB STAT1_+_+_(12g)\n"
        "STAT1 chr1:7-9 TCF7 STAT1_extended_-_+_(3g)\n",
        [("STAT1", "IL2RB", "1", "1"), ("STAT1", "TCF7", "-1", "1")],
        "signs in Gene_signature_name",
    ),
    "RegNetwork": (
        "regulator_symbol regulator_id target_symbol target_id database evidence confidence\n"
        "USF1 7391 S100A6 6277 hprd Experimental High\nUSF1 7391 DUSP1 1843 hprd Experimental Low\n",
        [("USF1", "DUSP1", "", "1"), ("USF1", "S100A6", "", "1")],
        "Read as RegNetwork",
    ),
    "TFLink": (
        "UniprotID.TF UniprotID.Target NCBI.GeneID.TF NCBI.GeneID.Target Name.TF Name.Target PubmedID\n"
        "Q9H9S0 O94907 79923 22943 NANOG DKK1 1\nP37231 P10826 5468 5915 PPARG RARB 2\n",
        [("NANOG", "DKK1", "", "1"), ("PPARG", "RARB", "", "1")],
        "Read as TFLink: TFs in Name.TF, genes in Name.Target.",
    ),
    "hTFtarget": (
        "TF target tissue\nSTAT1 IL2RB blood\nSTAT1 IL2RB colon\n",
        [("STAT1", "IL2RB", "", "1")],
        "Read as hTFtarget",
    ),
    "CellOracle links": (
        "source target coef_mean coef_abs p -logp\nSTAT1 IL2RB 0.02 0.02 0.1 3\nSTAT1 TCF7 -0.5 0.5 0 1\n",
        [("STAT1", "IL2RB", "1", "0.02"), ("STAT1", "TCF7", "-1", "-0.5")],
        "Its weights have both signs: a negative one counts as repression.",
    ),
    "decoupler": (
        "source target weight\nSTAT1 IL2RB -1\nSTAT1 TCF7 1\n",
        [("STAT1", "IL2RB", "-1", "-1"), ("STAT1", "TCF7", "1", "1")],
        "Its weights have both signs: a negative one counts as repression.",
    ),
    "words as signs": (
        "tf gene sign\nSTAT1 IL2RB repressor\nSTAT1 TCF7 +\n",
        [("STAT1", "IL2RB", "-1", "1"), ("STAT1", "TCF7", "1", "1")],
        "2 rows gave 2 edges",
    ),
}


@pytest.mark.parametrize("name", TABLES)
def test_the_table_of_a_tool_is_read_by_its_columns(name: str) -> None:
    text, expected, said = TABLES[name]
    with warned() as lines:
        regulon = read_regulon(file(text))
    assert (edges(regulon), lines) == (expected, [])
    assert said in " ".join(regulon.lines())


def test_harmonizome_has_gene_and_tf_the_other_way_round_and_a_second_header() -> None:
    path = file(
        "source source_desc source_id target target_desc target_id weight\n"
        "GeneSym NA GeneID GeneSym NA GeneID 1\nIL2RB na 3560 STAT1 na 6772 1.0\nTCF7 na 1 STAT1 na 2 1.0\n"
    )
    with warned() as lines:
        regulon = read_regulon(path)
    assert edges(regulon) == [("STAT1", "IL2RB", "", "1"), ("STAT1", "TCF7", "", "1")]
    assert "1 rows among the data are headers" in lines[0]
    assert "Harmonizome is reversed, with the gene in 'source' and the TF in 'target'" in lines[1]
    advice = lines[1].split("--columns ")[1]
    with warned():
        as_it_stands = read_regulon(path, chosen=dict(part.split("=") for part in advice.split(",")))
    assert as_it_stands.sources_all == ("IL2RB", "TCF7")


@pytest.mark.parametrize(
    ("tool", "text"),
    [
        (
            "STRING",
            "protein1 protein2 combined_score\n9606.ENSP01 9606.ENSP02 42\n9606.ENSP1 9606.ENSP3 9\n",
        ),
        ("STRING", "#node1 node2 node1_string_id combined_score\nSTAT1 IRF1 9606.ENSP01 0.9\n"),
        (
            "BioGRID",
            "#BioGRID_ID Official_Symbol_Interactor_A Official_Symbol_Interactor_B\n1 STAT1 IRF1\n",
        ),
    ],
)
def test_links_without_direction_are_refused_with_a_way_out_that_works(tool: str, text: str) -> None:
    path = file(text)
    with pytest.raises(InputError, match=f"a table of {tool}: links .* without a direction") as caught:
        read_regulon(path)
    assert "source or tf" in str(caught.value)
    advice = str(caught.value).split("--columns ")[1].strip('"')
    chosen = dict(part.split("=") for part in advice.split(","))
    assert read_regulon(path, chosen=chosen).counts.edges == text.count("\n") - 1


def test_two_columns_for_one_end_are_named_and_the_advice_to_choose_works() -> None:
    path = file("tf regulator target\nSTAT1 P42224 IL2RB\nIRF1 P10914 TCF7\n")
    with pytest.raises(InputError, match="several columns for the source: tf, regulator") as caught:
        read_regulon(path)
    kind, column = str(caught.value).split("--columns ")[1].split("=")
    assert read_regulon(path, chosen={kind: column}).sources_all == ("IRF1", "STAT1")


def test_further_names_of_columns_count_only_where_no_usual_one_is_there() -> None:
    assert read_regulon(file("TF_name Target.Gene\nA B\n")).sources_all == ("A",)
    assert read_regulon(file("tf target gene_name\nA B C\n")).targets_all == ("B",)


def test_headers_among_the_data_are_no_edges() -> None:
    with warned() as lines:
        read = read_regulon(file("tf target\nA B\ntf target\nC D\n"))
    assert read.counts.edges == 2
    assert len(lines) == 1
    assert "header" in lines[0]


@pytest.mark.parametrize("weight", ["1e300", "inf", "-1e31", "1e999", "huge"])
def test_a_weight_out_of_range_is_one_line_with_its_row(weight: str) -> None:
    with pytest.raises(InputError, match=r"weight '.*' in data row 2 is not a finite number"):
        read_regulon(file(f"tf target weight\nA B 1\nA C {weight}\n"))


def test_the_report_says_what_the_file_was_taken_for() -> None:
    path = file("regulatoryGene targetGene weight\nSTAT1 IL2RB 0.3\nIRF1 TCF7 0.1\n")
    report = load_grn(DataConfig(labels=str(path), expression=None), FeatureConfig(), 0).report
    assert report.sentences[0].startswith("Labels labels.tsv: Read as GENIE3: TFs in regulatoryGene")
