"""The script that rebuilds the bundled tables of facts, on databases of a few genes made here."""

from __future__ import annotations

import gzip
import importlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

DATA = Path(__file__).resolve().parents[2] / "data"
PACKAGES = os.environ.get("GRNPYG_TEST_PACKAGES")  # folder with the six packages: rebuilds the real tables


@pytest.fixture(scope="module")
def script() -> Iterator[ModuleType]:
    if not (DATA / "rebuild_knowledge.py").is_file():
        pytest.skip("data/rebuild_knowledge.py is only in the repository")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(DATA))
        yield importlib.import_module("rebuild_knowledge")


@pytest.fixture(scope="module")
def tables(script: ModuleType) -> ModuleType:
    return importlib.import_module("knowledge_tables")


@pytest.fixture
def human(tables: ModuleType) -> object:
    current = frozenset({"KMT2D", "SPI1", "GATA1", "SOX2", "CD99", "XIST", "PAX6"})
    return tables.Names(current, frozenset({"SPI1", "GATA1"}), {"MLL2": "KMT2D", "PU.1": "SPI1"})


@pytest.fixture
def database() -> Iterator[Callable[..., sqlite3.Connection]]:
    """Make a database from tables of the form `name=(columns, rows)`."""
    opened = []

    def make(**contents: tuple[str, list[tuple[object, ...]]]) -> sqlite3.Connection:
        made = sqlite3.connect(":memory:")
        opened.append(made)
        for name, (columns, rows) in contents.items():
            made.execute(f"create table {name} ({columns})")
            made.executemany(f"insert into {name} values ({', '.join('?' * len(columns.split(',')))})", rows)
        return made

    yield make
    for made in opened:
        made.close()


def test_a_former_symbol_counts_for_one_gene_only(tables: ModuleType, human: object, database) -> None:
    rows = [(1, "SPI1"), (2, "PU.1"), (3, "MLL2"), (4, "LOC1"), (5, "GATA1")]
    genes = database(gene_info=("_id, symbol", rows))
    found = tables.symbols_of_genes(genes, human)
    assert found == {1: "SPI1", 3: "KMT2D", 5: "GATA1"}  # PU.1 would be a second SPI1
    genes.execute("insert into gene_info values (6, 'MLL2')")
    assert 3 not in tables.symbols_of_genes(genes, human)  # and two genes cannot both be KMT2D


def test_go_keeps_evidence_and_drops_what_says_nothing(tables: ModuleType, database) -> None:
    columns = "_id, go_id, evidence"
    genes = database(
        go_bp=(columns, [(1, "GO:1", "IDA"), (1, "GO:1", "IEA"), (2, "GO:1", "IDA"), (1, "GO:8", "ND")]),
        go_mf=(columns, [(1, "GO:2", "ISS")]),
        go_cc=(columns, []),
    )
    expected = {("SPI1", "GO:1", "IDA"), ("SPI1", "GO:1", "IEA"), ("SPI1", "GO:2", "ISS")}
    assert tables.go(genes, {1: "SPI1"}) == expected


def test_go_parents_are_those_that_pass_genes_on(tables: ModuleType, database) -> None:
    columns = "_id, _parent_id, relationship_type"
    ontology = database(
        go_term=("_id, go_id", [(0, "all"), (1, "GO:1"), (2, "GO:2"), (3, "GO:3")]),
        go_bp_parents=(columns, [(2, 1, "isa"), (3, 2, "regulates"), (3, 1, "part of"), (1, 0, "isa")]),
        go_mf_parents=(columns, []),
        go_cc_parents=(columns, []),
    )
    assert tables.go_parents(ontology) == {("GO:2", "GO:1", "isa"), ("GO:3", "GO:1", "part of")}


def test_positions_span_the_transcripts_of_one_place(tables: ModuleType, database) -> None:
    places = [
        (1, "11", -500, -900),  # minus strand: negative, two transcripts
        (1, "11", -400, -700),
        (1, "11_random", 1, 2),
        (2, "X", 10, 20),  # on X and Y
        (2, "Y", 10, 20),
        (3, "1", 5, 9),  # on two chromosomes
        (3, "2", 5, 9),
        (4, "3", 5, 9),  # on both strands
        (4, "3", -5, -9),
    ]
    genes = database(chromosome_locations=("_id, seqname, start_location, end_location", places))
    names = {1: "SPI1", 2: "CD99", 3: "GATA1", 4: "SOX2"}
    assert tables.positions(genes, names) == {
        ("SPI1", "11", "400", "900", "-"),
        ("CD99", "X", "10", "20", "+"),
    }


def test_orthologs_are_one_to_one_after_renaming(tables: ModuleType, human: object) -> None:
    mouse = tables.Names(frozenset({"Kmt2d", "Spi1", "Gata1", "Sox2"}), frozenset(), {"Mll2": "Kmt2d"})
    text = "Gene name,Mouse gene name,Mouse homology type\n" + "".join(
        f"{ours},{theirs},{kind}\n"
        for ours, theirs, kind in (
            ("MLL2", "Mll2", "ortholog_one2one"),
            ("SPI1", "Spi1", "ortholog_one2one"),
            ("PU.1", "Gata1", "ortholog_one2one"),  # a second mouse gene of SPI1
            ("SOX2", "Sox2", "ortholog_one2many"),
            ("NOVEL", "Sox2", "ortholog_one2one"),
        )
    )
    assert tables.orthologs(text, human, mouse) == {("KMT2D", "Kmt2d")}


def test_identifiers_of_two_genes_are_left_out(tables: ModuleType, human: object, database) -> None:
    genes = database(
        genes=("_id, gene_id", [(1, "6688"), (2, "2623"), (3, "1")]),
        ensembl=("_id, ensembl_id", [(1, "ENSG1"), (1, "ENSG2"), (2, "ENSG2")]),
        uniprot=("_id, uniprot_id", [(2, "P15976"), (3, "Q00001")]),
    )
    mouse = tables.Names(frozenset({"Spi1", "Gata1"}), frozenset(), {"Sfpi1": "Spi1"})
    text = (
        "Mouse gene name,Mouse gene stable ID,Mouse homology type\n"
        "Sfpi1,ENSMUSG1,ortholog_one2one\nGata1,ENSMUSG2,ortholog_one2one\nSpi1,ENSMUSG3,ortholog_one2many\n"
    )
    names = {1: "SPI1", 2: "GATA1"}
    expected = {("6688", "SPI1"), ("2623", "GATA1"), ("ENSG1", "SPI1"), ("P15976", "GATA1")}
    expected |= {("ENSMUSG1", "SPI1")}  # Gata1 has no ortholog here
    assert tables.identifiers(genes, names, text, {("SPI1", "Spi1")}, mouse) == expected


def test_families_of_tfs(tables: ModuleType, human: object, database) -> None:
    mouse = tables.Names(frozenset({"Sfpi1"}), frozenset(), {})
    factors = tables.Factors(human, mouse, {("SPI1", "Sfpi1")})
    matrices = [(1, "Sfpi1"), (2, "Gata1"), (3, "SOX2::PAX6"), (4, "SOX2"), (5, "PAX6")]
    said = [(number, "tax_group", "vertebrates") for number in range(1, 5)] + [(5, "tax_group", "plants")]
    said += [(1, "family", "THAP"), (2, "family", "THAP-related factors"), (2, "class", "Uncharacterized")]
    said += [
        (3, "class", "Paired box factors"),
        (4, "family", "thap-related factors "),
        (5, "class", "Plant"),
    ]
    said += [(1, "class", "Tryptophan cluster factors")]
    jaspar = database(MATRIX=("ID, NAME", matrices), MATRIX_ANNOTATION=("ID, TAG, VAL", said))
    [spelling] = {row[2] for row in tables.jaspar_families(jaspar, factors) if row[1] == "jaspar_family"}
    assert tables.jaspar_families(jaspar, factors) == {
        ("SPI1", "jaspar_family", spelling),
        ("GATA1", "jaspar_family", spelling),
        ("SOX2", "jaspar_family", spelling),
        ("SPI1", "jaspar_class", "Tryptophan cluster factors"),
    }
    text = "Motif\tFactor\tEvidence\tCurated\n" + "".join(
        f"{motif}\t{factor}\t{evidence}\tY\n"
        for motif, factor, evidence in (
            ("GM.5.0.Sox.0001", "Sox2", "SELEX"),
            ("GM.5.0.Mixed.0002", "SPI1", "PBM"),
            ("GM.5.0.Ets.0003", "SPI1", "TRANSFAC"),
            ("GM.5.0.GATA.0004", "SPI1", "ChIP-seq"),  # the motif of a partner
            ("GM.5.0.Ets.0003", "UNKNOWN", "PBM"),
        )
    )
    assert tables.gimme_families(text, factors) == {
        ("SOX2", "gimme_motif", "GM.5.0.Sox.0001"),
        ("SOX2", "gimme_family", "Sox"),
        ("SPI1", "gimme_motif", "GM.5.0.Mixed.0002"),
        ("SPI1", "gimme_motif", "GM.5.0.GATA.0004"),
    }


def test_list_of_tfs_says_where_each_is_from(tables: ModuleType, human: object) -> None:
    assert tables.tfs(human, {("SPI1", "gimme_motif", "m"), ("SOX2", "gimme_motif", "m")}) == {
        ("SPI1", "1", "1"),
        ("GATA1", "1", "0"),
        ("SOX2", "0", "1"),
    }


def test_expression_goes_by_identifier_before_name(tables: ModuleType, human: object, database) -> None:
    genes = database(ensembl=("_id, ensembl_id", [(1, "ENSG1"), (2, "ENSG2"), (3, "ENSG2")]))
    text = (
        "gene_id\tGene_Name\tLiver\tBlood\n"
        "ENSG1.4\tOLD\t0\t3\n"  # known by its identifier
        "ENSG9.1\tSPI1\t50\t50\n"  # another row that calls itself SPI1
        "ENSG2.1\tMLL2\t1\t0.5\n"  # two genes have the identifier: by its former name
        "ENSG7.1\tGATA1\t0.4\t0\n"  # hardly there
        "ENSG8.1\tSOX2\t2\t2\nENSG8.2\tSOX2\t7\t0\n"
    )
    tissues, rows = tables.expression(text, genes, {1: "SPI1", 2: "PAX6", 3: "XIST"}, human)
    assert tissues == ["Liver", "Blood"]
    assert rows == {("SPI1", "0", "2"), ("KMT2D", "1", "0.6"), ("SOX2", "3", "0")}


@given(rows=st.lists(st.tuples(st.text("AB"), st.text("ab")), max_size=8), seed=st.randoms())
def test_bytes_depend_on_the_content_alone(script: ModuleType, rows: list[tuple[str, str]], seed) -> None:
    shuffled = rows + rows[:2]
    seed.shuffle(shuffled)
    content = script.compressed(("x", "y"), rows)
    assert content == script.compressed(("x", "y"), shuffled)
    lines = gzip.decompress(content).decode().splitlines()
    assert lines == ["x\ty", *("\t".join(row) for row in sorted(set(rows)))]


def test_provenance_names_the_packages(script: ModuleType) -> None:
    text = (DATA / "grnpyg_data/knowledge/PROVENANCE.md").read_text("utf-8")
    for package, digest in script.SHA256.items():
        assert f"`{package}`" in text
        assert digest in text
        assert script.MEMBERS[package].rpartition("/")[2] in text


def test_another_package_is_refused(script: ModuleType, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("sys.argv", ["rebuild_knowledge.py", "--from", str(tmp_path)])
    with pytest.raises(SystemExit, match="file not found"):
        script.main()
    (tmp_path / script.HUMAN).write_bytes(b"x")
    with pytest.raises(SystemExit, match="SHA-256 is"):
        script.main()


@pytest.mark.skipif(PACKAGES is None, reason="set GRNPYG_TEST_PACKAGES to a folder with the six packages")
def test_the_real_packages_give_the_bundled_tables(script: ModuleType, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("sys.argv", ["rebuild_knowledge.py", "--from", str(PACKAGES), "--to", str(tmp_path)])
    script.main()
    for path in sorted(tmp_path.iterdir()):
        bundled = DATA / "grnpyg_data/knowledge" / path.name
        assert gzip.decompress(path.read_bytes()) == gzip.decompress(bundled.read_bytes()), path.name
