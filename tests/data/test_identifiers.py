from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from places import SHARED, needs

from grnpyg.core.errors import InputError
from grnpyg.data.matching.identifiers import IdMap, apply_map, detect, match, namespace, without_version
from grnpyg.data.regulons.regulon import Regulon, read_regulon, rename

property_test = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

PLAIN = ["TP53", "Sox2", "HLA-A", "H2-K1", "C1orf112", "1/2-SBSRNA4", "AC002066.1", "ENST00000357654"]
LOOKALIKES = [
    "P2RY10",
    "P2RY14",
    "B3GAT1",
    "B3GNT2",
    "B4GAT1",
    "R3HDM1",
    "R3HCC1",
    "N6AMT1",
    "H2BC18",
    "H2AC11",
]
LOOKALIKES += ["H2AFY2", "H2AZP1", "C9ORF3", "E2F3P2", "G2E3P1", "M6PRP1", "O3FAR1"]
SYMBOLS = PLAIN + LOOKALIKES
ACCESSIONS = ["P04637", "Q9Y6X3", "O14503", "P0DTU3", "G2XKQ0", "C0HLU2", "M0R2J8", "A0A024R1R8", "P22736"]
ENSEMBL = ["ENSG00000139618", "ENSG00000139618.17", "ENSMUSG00000064370", "ENSMUSG00000064370.2"]


def regulon_of(folder: Path, *pairs: str) -> Regulon:
    path = folder / "labels.tsv"
    path.write_text("\n".join(["source target", *pairs]))
    return read_regulon(path)


def map_of(folder: Path, text: str) -> IdMap:
    path = folder / "map.tsv"
    path.write_text(text)
    return IdMap.read(path)


def test_namespaces_by_shape() -> None:
    assert {name: namespace(name) for name in SYMBOLS} == dict.fromkeys(SYMBOLS, "symbol")
    assert {name: namespace(name) for name in ACCESSIONS} == dict.fromkeys(ACCESSIONS, "uniprot")
    assert {name: namespace(name) for name in ENSEMBL} == dict.fromkeys(ENSEMBL, "ensembl")
    assert namespace("7157") == "entrez"
    assert [without_version(name) for name in (ENSEMBL[1], "AC002066.1")] == [ENSEMBL[0], "AC002066.1"]


@given(st.lists(st.sampled_from([*SYMBOLS, *ACCESSIONS, *ENSEMBL, "7157", "1"]), min_size=1))
def test_detected_counts_add_up(ids: list[str]) -> None:
    report = detect(ids)
    assert sum(report.counts.values()) == len(set(ids))
    assert report.counts[report.main] == max(report.counts.values()) == len(set(ids)) - len(report.minor)
    assert all(namespace(name) != report.main for name in report.minor)
    assert report.minor_share == pytest.approx(len(report.minor) / len(set(ids)))
    json.dumps(report.to_dict())


def test_known_symbols_overrule_the_shape() -> None:
    assert detect(["P04637", "TP53"], known_symbols=["P04637"]).counts == {"symbol": 2}


@pytest.mark.parametrize(("strangers", "fails"), [(1, False), (2, True)])
def test_a_minor_share_of_one_percent_is_tolerated(strangers: int, fails: bool) -> None:
    report = detect([f"GENE{number}" for number in range(100 - strangers)] + ACCESSIONS[:strangers])
    assert len(report.minor) == strangers
    if not fails:
        report.require_one("labels.tsv")
        return
    with pytest.raises(
        InputError, match=r"labels\.tsv: mixed namespaces: 98 symbol \(98\.0 %\), 2 uniprot"
    ) as caught:
        report.require_one("labels.tsv")
    assert "--id-map FILE" in str(caught.value)
    assert "--allow-mixed-ids" in str(caught.value)


def test_no_ids_is_an_input_error() -> None:
    with pytest.raises(InputError, match="no identifier"):
        detect([])


def test_map_counts_ambiguous_ids_keeps_the_first_and_ignores_other_columns(tmp_path: Path) -> None:
    text = "id\tdescription\tsymbol\textra\n"
    text += (
        "P04637\ta tumour antigen\tTP53\t1\nP04637\tthe same\tTRP53\t2\nO14503\tbasic protein\tBHLHE40\t3\n"
    )
    id_map = map_of(tmp_path, text + "Q9Y6X3\tno symbol\t\t4\n")
    assert id_map.names == {"P04637": "TP53", "O14503": "BHLHE40"}
    assert (id_map.from_namespace, id_map.to_namespace, id_map.ambiguous) == ("uniprot", "symbol", 1)


def test_map_header_is_optional_and_direction_is_the_column_order(tmp_path: Path) -> None:
    bare = map_of(tmp_path, "TP53\tENSG00000141510.18\nSOX2\tENSG00000181449\n")
    assert bare.names == {"TP53": "ENSG00000141510", "SOX2": "ENSG00000181449"}
    assert map_of(tmp_path, "mouse,human\nSox2,SOX2\n").names == {"Sox2": "SOX2"}
    with pytest.raises(InputError, match="no two columns of different identifiers among a, b, c"):
        map_of(tmp_path, "a,b,c\nTP53,SOX2,MYC\n")
    with pytest.raises(InputError, match="no two columns"):
        map_of(tmp_path, "a\nTP53\n")


def test_mapping_counts_the_duplicates_and_self_loops_it_makes(tmp_path: Path) -> None:
    id_map = map_of(tmp_path, "uniprot\tsymbol\nP04637\tTP53\nO14503\tBHLHE40\n")
    regulon = regulon_of(tmp_path, "P04637 MYC", "TP53 MYC", "P04637 TP53", "O14503 Q9Y6X3", "SP1 SP1")
    mapped, report = apply_map(regulon, id_map)
    assert mapped.table[["source", "target"]].to_numpy().tolist() == [["BHLHE40", "Q9Y6X3"], ["TP53", "MYC"]]
    assert (report.edges_before, report.edges, report.duplicates, report.self_loops) == (4, 2, 1, 1)
    assert (report.ids, report.mapped, report.unmapped) == (6, 2, ("Q9Y6X3",))
    assert mapped.sources_all == ("BHLHE40", "SP1", "TP53")
    assert mapped.counts.self_loops == 2
    json.dumps(report.to_dict())
    assert report.lines()[-1] == "4 edges became 2: 1 merged as duplicates, 1 removed as self-loops."


def test_a_map_for_other_identifiers_is_an_error(tmp_path: Path) -> None:
    id_map = map_of(tmp_path, "uniprot\tsymbol\nP04637\tTP53\n")
    with pytest.raises(InputError, match=r"maps uniprot to symbol, but none of the 3 names of .*3 ensembl"):
        apply_map(regulon_of(tmp_path, *(f"{ENSEMBL[0]} ENSG0000000000{n}" for n in (1, 2))), id_map)


@given(
    targets=st.lists(st.sampled_from(["TP53", "MYC", "P2RY10", "B3GNT2"]), min_size=3, max_size=3),
    pairs=st.lists(
        st.tuples(st.sampled_from(ACCESSIONS[:4]), st.sampled_from([*ACCESSIONS[:4], "MYC"])), min_size=1
    ),
)
@property_test
def test_mapping_twice_is_mapping_once(
    targets: list[str], pairs: list[tuple[str, str]], tmp_path: Path
) -> None:
    id_map = IdMap(dict(zip(ACCESSIONS[:3], targets, strict=True)), "uniprot", "symbol", 0, "map.tsv")
    regulon = regulon_of(tmp_path, "FIRST LAST", *(" ".join(pair) for pair in pairs))
    once, _ = apply_map(regulon, id_map)
    twice, report = apply_map(once, id_map)
    pd.testing.assert_frame_equal(once.table, twice.table)
    assert (once.counts, once.sources_all, once.targets_all) == (
        twice.counts,
        twice.sources_all,
        twice.targets_all,
    )
    assert (report.mapped, report.duplicates, report.self_loops) == (0, 0, 0)


def test_match_lists_both_ends_in_full(tmp_path: Path) -> None:
    regulon = regulon_of(tmp_path, "A B", "A C", "D B", "E E", "c B")
    report = match(regulon, ["A", "B", "C", "E", "X"])
    assert (report.tfs_matched, report.tfs_unmatched) == (("A", "E"), ("D", "c"))
    assert (report.genes_matched, report.genes_unmatched) == (("B", "C", "E"), ())
    assert (report.edges, report.edges_matched, report.duplicates_merged, report.renamed) == (4, 2, 0, {})
    assert report.lines() == [
        "2 of 4 TFs have expression; without expression: D, c.",
        "3 of 3 target genes have expression.",
        "2 of 4 edges have expression at both ends.",
        "1 unmatched names match a var_name in a different case (c: C).",
    ]
    json.dumps(report.to_dict())


def test_a_var_name_that_looks_like_an_accession_is_a_symbol_among_symbols(tmp_path: Path) -> None:
    report = match(regulon_of(tmp_path, "G2XKQ0 MYC", "P04637 MYC"), ["G2XKQ0", "MYC", "TP53", "SOX2"])
    assert report.tf_namespaces.counts == {"symbol": 1, "uniprot": 1}


def test_ensembl_versions_are_set_aside_and_noted(tmp_path: Path) -> None:
    base = "ENSG0000000000"
    regulon = regulon_of(tmp_path, f"{base}1.1 {base}2", f"{base}1.2 {base}2", f"{base}3 {base}4.4")
    report = match(regulon, [f"{base}1", f"{base}2.9", f"{base}3", f"{base}4.4"])
    assert report.renamed == {f"{base}1.1": f"{base}1", f"{base}1.2": f"{base}1", f"{base}2": f"{base}2.9"}
    assert (report.edges_matched, report.duplicates_merged) == (3, 1)
    assert rename(regulon, report.renamed).counts.edges == 2
    assert "Ensembl version" in report.notes[0]


@pytest.mark.parametrize(
    ("pair", "var_names", "message"),
    [
        ("Sox2 Myc", ["SOX2", "MYC"], r"2 symbol.*differ in case \(Myc against MYC\).*same species"),
        ("P04637 O14503", ["TP53", "MYC"], r"1 uniprot.*Map uniprot to symbol with `--id-map FILE`"),
        ("TP53 MYC", ENSEMBL[:1], r"1 symbol \(100\.0 %\), such as TP53;.*1 ensembl.*Map symbol to ensembl"),
        ("12 7", ["TP53", "MYC"], "Map entrez to symbol.*GENELink indices.*Label"),
        ("TP53 MYC", ["GATA1", "SPI1"], "none of the 1 TFs is among the 2 genes.*one species"),
        ("TP53 P04637", ["TP53", "MYC"], "none of the 1 target genes is among"),
    ],
)
def test_no_overlap_names_both_namespaces_and_the_fix(
    pair: str, var_names: list[str], message: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=message) as caught:
        match(regulon_of(tmp_path, pair), var_names)
    assert "\n" not in str(caught.value)


@needs("paper", "regulons")
def test_the_papers_labels_are_mixed_and_map_to_the_symbol_table_exactly() -> None:
    paper = read_regulon(SHARED / "paper/merged_priors.json")
    found = detect([*paper.sources_all, *paper.targets_all])
    assert found.counts == {"uniprot": 5_273, "symbol": 2_862}
    with pytest.raises(
        InputError, match=r"mixed namespaces: 5,273 uniprot \(64\.8 %\), 2,862 symbol \(35\.2 %\)"
    ):
        found.require_one(paper.where)
    mapped, report = apply_map(paper, IdMap.read(SHARED / "regulons/uniprot_to_symbol.human.tsv"))
    symbols = read_regulon(SHARED / "regulons/labels_dorothea_trrust_symbols.tsv")
    pd.testing.assert_frame_equal(mapped.table, symbols.table)
    assert (mapped.sources_all, mapped.targets_all) == (symbols.sources_all, symbols.targets_all)
    assert (report.mapped, report.edges, report.duplicates, report.self_loops) == (5_263, 20_189, 3_481, 0)
    assert len(report.unmapped) == 10
    report.namespaces.require_one(symbols.where)
    assert report.namespaces.minor == report.unmapped


@needs("regulons")
@pytest.mark.parametrize(
    "name",
    ["dorothea_hs_A-E.tsv.gz", "omnipath_transcriptional_symbols.tsv.gz", "uniprot_to_symbol.human.tsv"],
)
def test_no_real_symbol_is_taken_for_an_accession(name: str) -> None:
    columns = ["symbol"] if name.startswith("uniprot") else ["source", "target"]
    frame = pd.read_csv(SHARED / "regulons" / name, sep="\t", usecols=columns, keep_default_na=False)
    report = detect(set(frame.to_numpy().ravel()))
    assert report.counts.keys() == {"symbol"}


@needs("brain", "regulons")
def test_the_papers_labels_against_the_brain_data() -> None:
    labels = read_regulon(SHARED / "regulons/labels_dorothea_trrust_symbols.tsv")
    genes = pd.read_csv(SHARED / "brain/darmanis_data.csv.gz", sep="\t", usecols=[0]).iloc[:, 0]
    report = match(labels, genes)
    assert (len(report.tfs_matched), len(report.genes_matched), report.edges_matched) == (805, 5_585, 19_444)
