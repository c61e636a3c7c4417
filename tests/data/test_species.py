"""Which species genes are of: by the config, the catalogue or the names, mouse in capitals included."""

from __future__ import annotations

import pandas as pd
import pytest

from grnpyg.core.data_config import DataConfig, FeatureConfig
from grnpyg.core.errors import InputError, warned
from grnpyg.data.load import load_grn
from grnpyg.data.matching.species import mouse_in_capitals, species_for, stated_species
from grnpyg.data.names.symbols import symbols
from grnpyg.knowledge.genes import Genes, current_names
from grnpyg.resolve import config_hash, make_config

MOUSE = sorted(symbols("mouse").current)[::400]
HUMAN = sorted(symbols("human").current)[::400]


def data(**changes: object) -> DataConfig:
    return DataConfig.model_validate({"labels": "own.tsv", "expression": None} | changes)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, None),
        ({"labels": "beeline-specific-mdc-500"}, "mouse"),
        ({"labels": "beeline-specific-hesc-500"}, "human"),
        ({"labels": "beeline-specific-hesc-500", "species": "mouse"}, "mouse"),
        ({"expression": "beeline-mdc-expression"}, "mouse"),
        ({"expression": "bundled"}, None),  # stands in where no expression was chosen
    ],
)
def test_the_config_goes_before_the_catalogue(changes: dict[str, str], expected: str | None) -> None:
    assert stated_species(data(**changes)) == expected


def test_names_tell_where_nothing_is_stated() -> None:
    with warned() as lines:
        assert species_for(data(), MOUSE) == "mouse"
        assert species_for(data(), HUMAN) == "human"
        assert species_for(data(), ["G1", "G2", "G3"]) is None
    assert lines == []


def test_mouse_genes_in_capitals_are_pointed_out() -> None:
    """BEELINE's mouse sets were read as human, silently."""
    capitals = [*mouse_in_capitals()][::40]
    both = [name for name in mouse_in_capitals() if name in symbols("human").current][::10]
    with warned() as lines:
        assert species_for(data(), [*capitals[:100], *both]) == "human"
    [line] = lines
    assert "mouse symbols in capitals" in line
    assert "--species mouse" in line
    with warned() as lines:
        assert species_for(data(species="mouse"), both) == "mouse"
        assert species_for(data(labels="beeline-specific-mdc-500"), both) == "mouse"
    assert lines == []


def test_a_species_that_the_names_are_not_of() -> None:
    with pytest.raises(InputError, match=r"own.tsv: species is human, but .* mouse.*--species mouse"):
        species_for(data(species="human"), MOUSE)
    with warned() as lines:
        assert species_for(data(species="mouse"), HUMAN) == "mouse"
    assert "species is mouse" in lines[0]


def test_knowledge_of_a_mouse_gene_in_capitals_is_that_of_its_ortholog() -> None:
    """Trp53 is TP53 of human, and a capital letter more or less does not change that."""
    assert current_names(["TRP53", "Trp53", "STAT1"], "mouse") == {
        "TRP53": "TP53",
        "Trp53": "TP53",
        "STAT1": "STAT1",
    }
    edges = pd.DataFrame({"source": ["STAT1", "TRP53"], "target": ["IRF1", "MDM2"]})
    grn = load_grn(data(), FeatureConfig(), 0, regulons=edges)
    assert "TP53" in Genes.of(grn.graph, "mouse").names


def test_the_default_changes_no_hash() -> None:
    base = {"data": {"labels": "bundled"}}
    assert config_hash(make_config(base)) == config_hash(make_config({"data": {"species": "auto"}}))
    assert config_hash(make_config(base)) != config_hash(make_config({"data": {"species": "mouse"}}))
