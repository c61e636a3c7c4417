"""The tables of facts that the catalogue names but nobody may bundle: the columns that readers rely on."""

from __future__ import annotations

import pandas as pd
import pytest
from places import SHARED, needs

from grnpyg.data import catalog
from grnpyg.data.names.symbols import symbols

COLUMNS = {
    "cisbp-tf": ["TF_Name", "Family_Name", "Motif_ID", "TF_Status"],
    "lambert-tfs": ["Ensembl ID", "HGNC symbol", "DBD", "Is TF?", "TF assessment"],
    "motif-sets-c3": ["set", "symbol"],
    "hpa-rna": ["symbol", "A-431"],
    "collectri": ["source", "target", "weight"],
}
GENES = {"cisbp-tf": "TF_Name", "lambert-tfs": "HGNC symbol", "collectri": "target"}


def test_the_entries_are_those_of_the_catalogue() -> None:
    fetched = {entry.name for entry in catalog.entries().values() if entry.kind == "knowledge"}
    assert fetched - {"bundled-knowledge"} == set(COLUMNS) - {"collectri"}


@needs("knowledge")
@pytest.mark.parametrize("name", COLUMNS)
def test_columns_and_genes(name: str) -> None:
    [file] = catalog.get(name).files
    table = pd.read_csv(SHARED / file.path, sep=file.sep, dtype=str, keep_default_na=False)
    assert set(COLUMNS[name]) <= set(table.columns)
    genes = set(table[GENES.get(name, "symbol")])
    human = symbols("human")
    assert len(genes & (human.current | set(human.former))) > 0.9 * len(genes)


@needs("knowledge")
def test_collectri_has_signs_and_no_pair_twice() -> None:
    [file] = catalog.get("collectri").files
    table = pd.read_csv(SHARED / file.path)
    assert len(table) == 43_178
    assert set(table["weight"]) == {-1, 1}
    assert not table.duplicated(["source", "target"]).any()
