"""Labels that name something else than genes are told what they name."""

from __future__ import annotations

import pandas as pd
import pytest

from grnpyg.core.errors import InputError
from grnpyg.data.matching.identifiers import match
from grnpyg.data.regulons.regulon import read_regulon

NAMES = {
    "transcripts": ["ENST00000361099", "NM_007315.4"],
    "HGNC ids": ["HGNC:11362", "HGNC:6116"],
    "motifs of JASPAR": ["MA0137.3", "MA0050.2"],
    "experiments of ENCODE": ["STAT1_ENCSR000EHJ", "STAT1_ENCSR000FAU_K562"],
}


@pytest.mark.parametrize("kind", NAMES)
def test_the_kind_is_said(kind):
    labels = pd.DataFrame({"source": NAMES[kind], "target": ["MYC", "FOS"]})
    with pytest.raises(InputError, match=f"The TFs are {kind}, not symbols or ids of genes"):
        match(read_regulon(labels), ["STAT1", "IRF1", "MYC", "FOS"])


def test_symbols_are_of_no_other_kind():
    labels = pd.DataFrame({"source": ["STAT1", "IRF1"], "target": ["MYC", "FOS"]})
    with pytest.raises(InputError, match="are of one species"):
        match(read_regulon(labels), ["JUN", "GATA1"])


def test_genes_by_entry_names_of_uniprot_are_said():
    labels = pd.DataFrame({"source": ["STAT1", "IRF1"], "target": ["MYC_HUMAN", "FOS_HUMAN"]})
    with pytest.raises(InputError, match="The target genes are UniProt entry names"):
        match(read_regulon(labels), ["STAT1", "IRF1", "MYC", "FOS"])
