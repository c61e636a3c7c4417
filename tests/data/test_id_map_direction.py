"""An id map that goes the wrong way is turned round or refused with the direction; advice leads on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from grnpyg.core.data_config import DataConfig, FeatureConfig
from grnpyg.core.errors import InputError
from grnpyg.data.grn import GRN
from grnpyg.data.load import load_grn

SYMBOLS = ["STAT1", "IRF1", "GBP1", "MYC"]
IDS = [f"ENSG0000000000{number}" for number in range(4)]


@pytest.fixture
def features(tmp_path: Path) -> Path:
    """10x's features.tsv: Ensembl id, symbol, kind; without a header."""
    path = tmp_path / "features.tsv"
    rows = [f"{gene}\t{symbol}\tGene Expression\n" for gene, symbol in zip(IDS, SYMBOLS, strict=True)]
    path.write_text("".join(rows))
    return path


def read(labels: list[str], genes: list[str], var: dict[str, list[str]] | None = None, **data: object) -> GRN:
    counts = np.random.default_rng(0).poisson(3, (30, len(genes))).astype(np.float32)
    types = pd.DataFrame({"cell_type": ["a", "b"] * 15}, index=[f"c{i}" for i in range(30)])
    cells = AnnData(counts, obs=types, var=pd.DataFrame(var or {}, index=genes))
    table = pd.DataFrame({"source": labels[0], "target": labels[1:]})
    return load_grn(DataConfig.model_validate(data), FeatureConfig(), 0, expression=cells, regulons=table)


@pytest.mark.parametrize("versions", ["", ".3"])
def test_a_map_the_wrong_way_is_turned_round(features: Path, versions: str) -> None:
    grn = read(SYMBOLS, [f"{gene}{versions}" for gene in IDS], id_map=str(features))
    assert bool(grn.graph["gene"].has_expression.all())
    (line,) = grn.report.warnings
    assert "features.tsv: goes from ensembl to symbol" in line
    assert "read the other way round and leads to 4 genes" in line
    assert any("Mapped 4 of 4 names from symbol to ensembl" in line for line in grn.report.sentences)


def test_former_names_of_the_labels_are_found_in_a_map(tmp_path: Path) -> None:
    path = tmp_path / "map.tsv"
    path.write_text("".join(f"{a}\t{b}\n" for a, b in zip(["KMT2D", *SYMBOLS[1:]], IDS, strict=True)))
    grn = read(["MLL2", *SYMBOLS[1:]], IDS, id_map=str(path))
    assert grn.graph["tf"].name == [IDS[0]]
    assert any("those of the id map, after HGNC: MLL2 is now KMT2D" in line for line in grn.report.warnings)


def test_the_right_way_stays(features: Path) -> None:
    grn = read(IDS, SYMBOLS, id_map=str(features))
    assert grn.graph["tf"].name == ["STAT1"]
    assert grn.report.warnings == ()


def test_a_map_between_symbols_is_turned_round_too(tmp_path: Path) -> None:
    path = tmp_path / "orthologs.tsv"
    path.write_text("human\tmouse\n" + "".join(f"{name}\t{name.capitalize()}\n" for name in SYMBOLS))
    grn = read([name.capitalize() for name in SYMBOLS], SYMBOLS, id_map=str(path))
    assert bool(grn.graph["gene"].has_expression.all())


def test_a_map_that_fits_neither_way_is_refused_with_its_direction(features: Path) -> None:
    with pytest.raises(InputError, match=r"maps ensembl to symbol, but none of the 4 names .* entrez"):
        read(["7157", "23", "1", "5"], SYMBOLS, id_map=str(features))
    with pytest.raises(InputError, match=r"(?i)the map .* leads from ensembl to symbol: give one") as error:
        read(SYMBOLS, ["7157", "23", "1", "5"], id_map=str(features))
    assert "--id-map FILE" not in str(error.value)


def test_a_map_that_no_name_needs_is_said(features: Path) -> None:
    grn = read(SYMBOLS, SYMBOLS, id_map=str(features))
    assert any("maps ensembl to symbol, but holds none of the names" in line for line in grn.report.warnings)


def test_a_map_with_numbers_that_pandas_wrote_is_read(tmp_path: Path) -> None:
    path = tmp_path / "map.csv"
    pd.DataFrame({"entrez": [1.0, 2.0, 3.0, 4.0], "symbol": SYMBOLS}).to_csv(path, index=False)
    assert read(["1", "2", "3", "4"], SYMBOLS, id_map=str(path)).graph["tf"].name == ["STAT1"]


def test_the_advice_for_symbols_beside_ensembl_ids_leads_to_a_graph(features: Path) -> None:
    with pytest.raises(InputError, match="Map symbol to ensembl with `--id-map FILE`"):
        read(SYMBOLS, IDS)
    assert bool(read(SYMBOLS, IDS, id_map=str(features)).graph["tf"].has_expression.all())
    with pytest.raises(InputError, match="Use `--var-names feature_name`"):
        read(SYMBOLS, IDS, {"feature_name": SYMBOLS})
    grn = read(SYMBOLS, IDS, {"feature_name": SYMBOLS}, var_names="feature_name")
    assert bool(grn.graph["tf"].has_expression.all())
