"""The formats that docs/inputs.md lists are read, from the header that it shows."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from cli.command import grnpyg

from grnpyg.core.errors import InputError
from grnpyg.data.regulons.regulon import read_regulon

TEXT = (Path(__file__).resolve().parents[1] / "docs" / "inputs.md").read_text()
PAIRS = [(tf, gene) for tf in ("STAT1", "SPI1", "GATA1") for gene in ("IRF1", "CXCL10", "HBB")]
# format in the document -> the row of an edge below the header that the document shows
ROWS = {
    "any table": "{tf}\t{gene}\t0.5",
    "BEELINE": "{tf},{gene}",
    "OmniPath, DoRothEA": "P1\tP2\t{tf}\t{gene}\t1\t0",
    "CollecTRI, decoupler": "{tf},{gene},-1,PMID",
    "TRRUST, without a header": "{tf}\t{gene}\tActivation\t15883160",
    "SIF, without a header": "{tf}\tactivates\t{gene}",
    "GENIE3 in R": "{tf},{gene},0.5",
    "GRNBoost2, pySCENIC's adjacencies": "{tf},{gene},0.5",
    "SCENIC's `regulonTargetsInfo`": "{tf}\t{gene}\tTRUE",
    "SCENIC+ eRegulons": "chr1:1-2,{gene},{tf},0.5,1",
    "CellOracle links": "{tf},{gene},0.5",
    "RegNetwork": "{tf}\t1\t{gene}\t2",
    "TFLink": "{tf}\t{gene}",
    "hTFtarget": "{tf}\t{gene}\tblood",
    "Harmonizome": "{gene}\tna\t{tf}\tna",
}


def header(name: str) -> str:
    (line,) = [line for line in TEXT.splitlines() if line.startswith(f"| {name} |")]
    return re.search(r"`([^`]+)`[^`]*\|$", line)[1].replace("  ", "\t").replace("\\|", "|")  # type: ignore[index]


@pytest.mark.parametrize("name", ROWS)
def test_a_format_of_the_table(name: str, tmp_path: Path) -> None:
    top = [] if "without a header" in name else [header(name)]
    rows = [ROWS[name].format(tf=tf, gene=gene) for tf, gene in PAIRS]
    path = tmp_path / "labels.txt"
    path.write_text("\n".join([*top, *rows]) + "\n")
    regulon = read_regulon(path)
    assert set(zip(regulon.table["source"], regulon.table["target"], strict=True)) == set(PAIRS)


def test_links_without_a_direction_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "string.txt"
    path.write_text("protein1 protein2 combined_score\nSTAT1 IRF1 900\nSPI1 IRF1 900\n")
    with pytest.raises(InputError, match="without a direction"):
        read_regulon(path)


def test_every_option_is_one_of_the_command() -> None:
    known = grnpyg("train", "--help").out
    for option in set(re.findall(r"`(--[a-z-]+)", TEXT)) - {"--from"}:
        assert option in known or option in grnpyg("data", "check", "--help").out, option
    assert shlex.split("grnpyg data check")[0] in TEXT
