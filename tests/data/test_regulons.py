from __future__ import annotations

import gzip
import json
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from places import SHARED, needs

from grnpyg.core.errors import InputError
from grnpyg.data.regulons.regulon import Regulon, check_tfs, read_regulon, read_tf_list, rename

property_test = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

names = st.text("ABCXYZ019-", min_size=1, max_size=5).map(lambda text: f"G{text}")
edge_lists = st.lists(st.tuples(names, names), min_size=1, max_size=30).filter(
    lambda pairs: any(source != target for source, target in pairs)
)


def write(folder: Path, text: str, name: str = "table.tsv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def edges(regulon: Regulon) -> set[tuple[str, str]]:
    return set(zip(regulon.table["source"], regulon.table["target"], strict=True))


def as_json(pairs: list[tuple[str, str]]) -> str:
    targets: dict[str, list[str]] = {}
    for source, target in pairs:
        targets.setdefault(source, []).append(target)
    return json.dumps(targets)


def as_gmt(pairs: list[tuple[str, str]]) -> str:
    return "\n".join(
        "\t".join([tf, "a description", *genes]) for tf, genes in json.loads(as_json(pairs)).items()
    )


def as_table(pairs: list[tuple[str, str]], header: str, separator: str, row: str) -> str:
    return "\n".join([header, *(row.format(s, t, i) for i, (s, t) in enumerate(pairs))]).replace(
        "|", separator
    )


FORMATS = {
    "decoupler.tsv": lambda pairs: as_table(pairs, "source|target|weight", "\t", "{}|{}|1"),
    "arboreto.csv": lambda pairs: as_table(pairs, "TF|target|importance", "\t", "{}|{}|1.0"),
    "genelink.csv": lambda pairs: as_table(pairs, "|TF|Target|Label", ",", "{2}|{0}|{1}|1"),
    "beeline.txt": lambda pairs: as_table(pairs, "Gene1|Gene2", ",", "{}|{}"),
    "dorothea.tsv": lambda pairs: as_table(pairs, "tf|confidence|target|mor", ";", "{}|A|{}|-1"),
    "spaces.txt": lambda pairs: as_table(pairs, "TF|TARGET", "  ", "{}|{}"),
    "sets.json": as_json,
    "sets.gmt": as_gmt,
}


@pytest.mark.parametrize("name", FORMATS)
@given(pairs=edge_lists)
@property_test
@pytest.mark.slow
def test_every_format_gives_back_the_edges_written(
    name: str, pairs: list[tuple[str, str]], tmp_path: Path
) -> None:
    plain = write(tmp_path, FORMATS[name](pairs), name)
    zipped = tmp_path / f"{name}.gz"
    zipped.write_bytes(gzip.compress(plain.read_bytes()))
    for path in (plain, zipped):
        regulon = read_regulon(path)
        assert edges(regulon) == {(s, t) for s, t in pairs if s != t}
        assert regulon.sources_all == tuple(sorted({s for s, _ in pairs}))
        assert regulon.targets_all == tuple(sorted({t for _, t in pairs}))
        assert regulon.counts.rows == len(pairs)
        assert (regulon.table["weight"] == 1.0).all()


rows = st.lists(
    st.tuples(
        st.sampled_from(["A", "B", ""]),
        st.sampled_from(["A", "C", "D", "NA"]),
        st.integers(-3, 3),
        st.sampled_from(["A", "B", ""]),
        st.sampled_from([-1, 0, 1]),
        st.sampled_from([0, 1]),
    ),
    min_size=1,
    max_size=25,
)


@given(table=rows, shuffle=st.randoms(use_true_random=False))
@property_test
@pytest.mark.slow
def test_row_order_never_matters_and_the_counts_add_up(table: list[tuple], shuffle, tmp_path: Path) -> None:
    sure = [("A", "C", 1, "A", 1, 1)]
    shuffled = table + sure
    shuffle.shuffle(shuffled)
    results = []
    for number, listed in enumerate((table + sure, shuffled)):
        path = tmp_path / f"{number}.tsv"
        frame = pd.DataFrame(listed, columns=["source", "target", "weight", "confidence", "mor", "label"])
        frame.to_csv(path, sep="\t", index=False)
        results.append(read_regulon(path))
    first, second = results
    pd.testing.assert_frame_equal(first.table, second.table)
    counts = first.counts
    assert counts == second.counts
    assert first.sources_all == second.sources_all
    gone = counts.missing + counts.filtered + counts.negatives + counts.self_loops + counts.duplicates
    assert counts.rows == len(table) + 1 == gone + counts.edges
    assert first.table[["source", "target"]].duplicated().sum() == 0
    assert first.table.equals(first.table.sort_values(["source", "target"], ignore_index=True))


def test_merging_keeps_the_largest_magnitude_the_best_level_and_no_contradicting_sign(tmp_path: Path) -> None:
    text = "tf,target,weight,mor,confidence\nA,B,1,1,D\nA,B,-3,-1,B\nA,B,2,0,\nA,C,-2,-1,\nA,C,2,0,\n"
    table = read_regulon(write(tmp_path, text)).table
    assert table.to_dict("list") == {
        "source": ["A", "A"],
        "target": ["B", "C"],
        "weight": [-3.0, 2.0],
        "confidence": ["B", ""],
        "sign": [0, -1],
        "contradicting": [True, False],
    }


def test_names_that_lose_their_only_edge_stay_in_the_universe(tmp_path: Path) -> None:
    regulon = read_regulon(write(tmp_path, "TF,Target,Label\nA,A,1\nB,C,1\nD,E,0\nF,,1\n"))
    assert edges(regulon) == {("B", "C")}
    assert regulon.sources_all == ("A", "B", "D", "F")
    assert regulon.targets_all == ("A", "C", "E")
    counts = regulon.counts
    assert (counts.self_loops, counts.negatives, counts.missing, counts.sources, counts.targets) == (
        1,
        1,
        1,
        1,
        1,
    )
    assert counts.lines() == [
        "4 rows gave 1 edges, 1 TFs to 1 genes.",
        "Rows removed: without a name at one end 1, labelled 0 or of weight 0 1, self-loops 1.",
    ]


def test_names_and_cells_lose_outer_space_and_a_gene_called_nan_stays(tmp_path: Path) -> None:
    regulon = read_regulon(
        write(tmp_path, "\ufeff Source \tTARGET\tScore\n A \t nan \t 2.5\nA\tNA\t1\nB\tnull\t\n")
    )
    assert edges(regulon) == {("A", "nan"), ("B", "null")}
    assert regulon.table["weight"].tolist() == [2.5, 1.0]


def test_trrust_without_header_reads_the_mode_as_sign(tmp_path: Path) -> None:
    path = write(tmp_path, "A\tB\tRepression\t1\nA\tC\tActivation\t2\nA\tD\tUnknown\t3\n")
    regulon = read_regulon(path, columns=["source", "target", "mode", "references"])
    assert regulon.table["sign"].tolist() == [-1, 1, 0]


def test_a_tf_twice_in_json_keeps_both_lists_and_one_without_genes_stays_a_name(tmp_path: Path) -> None:
    regulon = read_regulon(write(tmp_path, '{"A": ["B"], "A": ["C"], "D": []}'))
    assert edges(regulon) == {("A", "B"), ("A", "C")}
    assert regulon.sources_all == ("A", "D")


def test_confidence_levels_filter_edges_and_names(tmp_path: Path) -> None:
    path = write(tmp_path, "tf\tconfidence\ttarget\nA\tA\tX\nB\tE\tY\n")
    regulon = read_regulon(path, confidence={"A"})
    assert edges(regulon) == {("A", "X")}
    assert regulon.sources_all == ("A",)
    assert regulon.counts.filtered == 1
    with pytest.raises(InputError, match=r"unknown confidence level 'Q'.*A, E"):
        read_regulon(path, confidence={"A", "Q"})
    with pytest.raises(InputError, match="no confidence column"):
        read_regulon(write(tmp_path, "tf,target\nA,B\n", "other.csv"), confidence={"A"})


def test_rename_carries_counts_and_universe_on(tmp_path: Path) -> None:
    regulon = read_regulon(write(tmp_path, "tf,target\nP1,G1\nP2,G1\nP1,P2\nZ,Z\n"))
    new = rename(regulon, {"P1": "A", "P2": "A"})
    assert edges(new) == {("A", "G1")}
    assert new.sources_all == ("A", "Z")
    assert new.targets_all == ("A", "G1", "Z")
    counts = new.counts
    assert (counts.rows, counts.self_loops, counts.duplicates, counts.edges) == (4, 2, 1, 1)


def test_tf_list_and_check(tmp_path: Path) -> None:
    regulon = read_regulon(write(tmp_path, "tf,target\nA,B\nC,D\n"))
    tfs = read_tf_list(write(tmp_path, "C\n\n A \nA\n", "tfs.txt"))
    assert tfs == ("A", "C")
    check_tfs(regulon.table, tfs, regulon.where)
    with pytest.raises(InputError, match="1 of 2 sources are not in the TF list: C"):
        check_tfs(regulon.table, ["A"], regulon.where)
    with pytest.raises(InputError, match="not a list of names"):
        read_tf_list(write(tmp_path, "A\tB\n", "two.txt"))


@needs("paper", "regulons")
@pytest.mark.parametrize(
    ("name", "options", "rows", "edges", "universe"),
    [
        ("paper/merged_priors.json", {}, 23_694, 23_670, (1_164, 7_664)),
        ("regulons/labels_dorothea_trrust_symbols.tsv", {}, 20_213, 20_189, (820, 5_863)),
        ("regulons/dorothea_hs_A-E.tsv.gz", {"confidence": {"A", "B", "C"}}, 454_504, 13_223, (271, 5_321)),
        ("regulons/omnipath_transcriptional_symbols.tsv.gz", {}, 103_939, 103_938, (1_254, 15_468)),
        (
            "regulons/trrust_rawdata.human.tsv",
            {"columns": ["source", "target", "mode", "references"]},
            9_396,
            8_403,
            (795, 2_492),
        ),
        ("beeline/networks/Specific/mDC/TFs+500", {}, 756, 756, (20, 821)),
    ],
)
@pytest.mark.slow
def test_real_tables(name: str, options: dict, rows: int, edges: int, universe: tuple[int, int]) -> None:
    regulon = read_regulon(SHARED / name, **options)
    assert (regulon.counts.rows, regulon.counts.edges) == (rows, edges)
    assert (len(regulon.sources_all), len(regulon.targets_all)) == universe


@needs("beeline")
def test_one_network_in_two_formats_is_one_network() -> None:
    """GENELink's mDC folder and GRN-Transformer's symbol table describe the same ChIP-seq labels."""
    folder = read_regulon(SHARED / "beeline/networks/Specific/mDC/TFs+500")
    table = read_regulon(SHARED / "beeline/mDC500_chip/label.csv")
    assert edges(folder) == edges(table)
