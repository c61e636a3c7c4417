"""Tables of HGNC, BioMart and pandas as id maps: the columns are found by what they hold."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from grnpyg.data.matching.id_map import IdMap

GENES = ["STAT1", "IRF1", "JUN", "FOS", "MYC"]
ENSEMBL = [f"ENSG0000000{number:04d}" for number in range(1000, 1005)]
ENTREZ = [str(number) for number in range(6000, 6005)]
TABLES = {
    "HGNC": {
        "HGNC ID": [f"HGNC:{number}" for number in range(5)],
        "Approved symbol": GENES,
        "Status": ["Approved"] * 5,
        "Previous symbols": [""] * 5,
        "NCBI Gene ID": ENTREZ,
        "Ensembl gene ID": ENSEMBL,
    },
    "BioMart": {
        "Gene stable ID": ENSEMBL,
        "Gene stable ID version": [f"{name}.3" for name in ENSEMBL],
        "Transcript stable ID": [name.replace("ENSG", "ENST") for name in ENSEMBL],
        "NCBI gene (formerly Entrezgene) ID": ENTREZ,
        "Gene name": GENES,
    },
    "pandas": {"": range(5), "ensembl": ENSEMBL, "entrez": ENTREZ, "symbol": GENES},
}


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("names", [ENSEMBL, ENTREZ], ids=["ensembl", "entrez"])
def test_the_columns_are_found_by_the_names_of_the_labels(tmp_path: Path, table, names):
    path = tmp_path / "map.tsv"
    pd.DataFrame(TABLES[table]).to_csv(path, sep="\t", index=False)
    assert dict(IdMap.read(path, names).names) == dict(zip(names, GENES, strict=True))


def test_without_names_the_first_column_is_mapped(tmp_path: Path):
    path = tmp_path / "map.tsv"
    pd.DataFrame({"symbol": GENES, "ensembl": ENSEMBL, "entrez": ENTREZ}).to_csv(path, sep="\t", index=False)
    assert dict(IdMap.read(path).names) == dict(zip(GENES, ENSEMBL, strict=True))
