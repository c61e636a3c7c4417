"""The bundled tables of facts about genes: what they hold, that they are pinned, what they cover."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from places import SHARED, needs

import grnpyg_data
from grnpyg.data import catalog
from grnpyg.data.names.namespaces import namespace
from grnpyg.data.names.symbols import symbols

FOLDER = grnpyg_data.path("knowledge")
COLUMNS = {
    "go_human": ["symbol", "go_id", "evidence"],
    "go_parents": ["term", "parent", "relationship_type"],
    "identifiers_human": ["identifier", "symbol"],
    "orthologs_human_mouse": ["human", "mouse"],
    "pfam_human": ["symbol", "pfam_id"],
    "positions_human": ["symbol", "chromosome", "start", "end", "strand"],
    "tf_families_human": ["symbol", "scheme", "family"],
    "tfs_human": ["symbol", "go", "motif"],
}
TABLES = [*COLUMNS, "expression_gtex_human"]


@cache
def read(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / f"{name}.tsv.gz", sep="\t", dtype=str, keep_default_na=False)


def current(names: pd.Series) -> pd.Series:
    """What a reader makes of names: a former one becomes the current one."""
    return names.map(lambda name: symbols("human").former.get(name, name))


def test_the_catalogue_pins_every_table() -> None:
    pinned = [Path(file.path).name for file in catalog.get("bundled-knowledge").files]
    assert pinned == sorted(path.name for path in FOLDER.glob("*.tsv.gz"))
    assert sorted(pinned) == sorted(f"{name}.tsv.gz" for name in TABLES)
    assert {found.status for found in catalog.check(["bundled-knowledge"])} == {"ok"}
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 5_000_000


def test_provenance_names_tables_hashes_and_licences() -> None:
    text = (FOLDER / "PROVENANCE.md").read_text("utf-8")
    for file in catalog.get("bundled-knowledge").files:
        [line] = [line for line in text.splitlines() if f"| `{Path(file.path).name}`" in line]
        assert file.sha256 in line
        assert f"{file.size:,} bytes" in line
        assert f"| {len(read(Path(file.path).name.partition('.')[0])):,} |" in line
    for licence in FOLDER.glob("LICENSE.*"):
        assert f"`{licence.name}`" in text


@pytest.mark.parametrize("name", TABLES)
def test_rows_are_sorted_unique_and_complete(name: str) -> None:
    table = read(name)
    if name in COLUMNS:
        assert list(table.columns) == COLUMNS[name]
    rows = list(table.itertuples(index=False, name=None))
    assert rows == sorted(set(rows))
    assert (table != "").all(axis=None)


@pytest.mark.parametrize("name", [name for name in TABLES if name != "go_parents"])
def test_genes_go_by_their_current_symbols(name: str) -> None:
    genes = "human" if name == "orthologs_human_mouse" else "symbol"
    assert set(read(name)[genes]) <= symbols("human").current


def test_identifiers_are_one_genes_and_look_like_identifiers() -> None:
    table = read("identifiers_human").set_index("identifier")["symbol"]
    assert table.index.is_unique
    kinds = table.index.map(namespace).value_counts()
    assert set(kinds.index) == {"ensembl", "entrez", "uniprot"}
    assert kinds.min() > 30_000
    for name in ("ENSG00000141510", "7157", "P04637", "ENSMUSG00000059552"):  # the last one is of Trp53
        assert table[name] == "TP53"


@pytest.mark.parametrize("name", ["positions_human", "tfs_human", "expression_gtex_human"])
def test_a_gene_has_one_row(name: str) -> None:
    assert read(name)["symbol"].is_unique


def test_orthologs_are_one_to_one() -> None:
    table = read("orthologs_human_mouse")
    assert table["human"].is_unique
    assert table["mouse"].is_unique
    assert set(table["mouse"]) <= symbols("mouse").current
    assert dict(zip(table["human"], table["mouse"], strict=True))["TP53"] == "Trp53"


def test_every_go_term_has_a_way_to_a_root() -> None:
    parents = read("go_parents").groupby("term")["parent"].agg(list)
    roots = {"GO:0003674", "GO:0005575", "GO:0008150"}
    reached, ahead = set(roots), set(roots)
    children = read("go_parents").groupby("parent")["term"].agg(list)
    while ahead:
        ahead = {child for term in ahead for child in children.get(term, ())} - reached
        reached |= ahead
    assert set(parents.index) | roots == reached  # which also says that no circle hangs loose
    assert set(read("go_human")["go_id"]) <= reached


def test_values_are_in_their_ranges() -> None:
    positions = read("positions_human")
    assert (positions["start"].astype(int) < positions["end"].astype(int)).all()
    assert set(positions["chromosome"]) == {*map(str, range(1, 23)), "X", "Y"}
    assert set(positions["strand"]) == {"+", "-"}
    levels = read("expression_gtex_human").set_index("symbol").astype(float)
    assert levels.shape[1] == 53
    assert levels.min(axis=None) == 0
    assert levels.max(axis=None) < 20  # log2 of a million
    assert set(read("tf_families_human")["scheme"]) == {
        "gimme_family",
        "gimme_motif",
        "jaspar_class",
        "jaspar_family",
    }


def test_well_known_facts() -> None:
    families = read("tf_families_human").groupby(["symbol", "scheme"])["family"].agg(set)
    assert families["SOX2", "gimme_family"] == {"Sox"}
    assert families["TP53", "jaspar_class"] == {"p53 domain factors"}
    assert families["TP53", "jaspar_class"] == families["TP73", "jaspar_class"]
    levels = read("expression_gtex_human").set_index("symbol").astype(float)
    assert levels.loc["ALB"].idxmax() == "Liver"
    assert set(levels.loc["MYH7"].nlargest(2).index) == {"Muscle - Skeletal", "Heart - Left Ventricle"}
    tfs = read("tfs_human").set_index("symbol")
    assert set(tfs.index[tfs["go"] == "1"]) == symbols("human").tfs
    assert tfs.loc["SPI1"].tolist() == ["1", "1"]


@needs("regulons")
def test_former_symbols_of_labels_are_found_through_the_bundled_names() -> None:
    labels = pd.read_csv(SHARED / "regulons/labels_dorothea_trrust_symbols.tsv", sep="\t", dtype=str)
    tfs, genes = labels.iloc[:, 0].drop_duplicates(), labels.iloc[:, 1].drop_duplicates()
    for name, of, least in (
        ("expression_gtex_human", genes, 0.985),
        ("go_human", genes, 0.985),
        ("go_human", tfs, 0.99),
        ("pfam_human", genes, 0.94),
        ("positions_human", genes, 0.99),
        ("tf_families_human", tfs, 0.64),
        ("orthologs_human_mouse", genes, 0.90),
    ):
        known = set(read(name).iloc[:, 0])
        plain, mapped = of.isin(known).mean(), current(of).isin(known).mean()
        assert mapped > plain, name
        assert mapped >= least, name
