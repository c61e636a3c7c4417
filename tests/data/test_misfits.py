"""Expression and labels that do not belong together: refused, or with `misfits: say` named and left out."""

from __future__ import annotations

import pandas as pd
import pytest

from grnpyg.core.data_config import DataConfig, FeatureConfig
from grnpyg.core.errors import InputError
from grnpyg.data.graph import GENE, TF
from grnpyg.data.grn import GRN
from grnpyg.data.load import load_grn

MOUSE = pd.DataFrame(
    [(tf, gene) for tf in ("Gata1", "Spi1", "Tal1") for gene in ("Hbb-bs", "Klf1", "Epor", "Cd34")],
    columns=["source", "target"],
)
MIXED = pd.DataFrame(
    [(tf, gene) for tf in ("P15976", "GATA1", "SPI1") for gene in ("P13569", "P68871", "KLF1", "CD34")],
    columns=["source", "target"],
)


def load(labels: pd.DataFrame, **data: object) -> GRN:
    return load_grn(DataConfig.model_validate(data), FeatureConfig(), seed=42, regulons=labels)


def test_cells_that_measure_none_of_the_genes_are_left_out_and_named() -> None:
    grn = load(MOUSE, misfits="say")
    (line,) = [line for line in grn.report.warnings if line.startswith("expression bundled: left out")]
    assert "none of the 3 TFs" in line
    alone = load(MOUSE, expression=None).graph
    assert grn.graph[TF].name == alone[TF].name
    assert grn.graph[GENE].num_features == alone[GENE].num_features


def test_the_refusal_says_what_to_do_about_cells_that_nobody_chose() -> None:
    with pytest.raises(InputError) as refused:
        load(MOUSE)
    assert "--set data.expression=null" in str(refused.value)


def test_cells_that_fit_stay_where_misfits_are_only_said() -> None:
    human = pd.DataFrame(
        [("GATA3", "IL7R"), ("SPI1", "CD14"), ("GATA3", "CD14")], columns=["source", "target"]
    )
    assert load(human, misfits="say").graph[TF].has_expression.all()


def test_names_of_several_kinds_are_kept_and_named() -> None:
    with pytest.raises(InputError, match="mixed namespaces"):
        load(MIXED, expression=None)
    grn = load(MIXED, expression=None, misfits="say")
    assert any("mixed namespaces" in line and "kept as they are" in line for line in grn.report.warnings)
    allowed = load(MIXED, expression=None, misfits="say", allow_mixed_ids=True)
    assert not any("mixed namespaces" in line for line in allowed.report.warnings)
    assert grn.graph[GENE].name == allowed.graph[GENE].name
