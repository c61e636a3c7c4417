"""`grnpyg export`: from a predicted network to other formats, and a part of it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from cli.command import grnpyg, refused
from networks.tables import PAIRS, network

from grnpyg.networks.export import write_network


@pytest.fixture
def written(tmp_path: Path) -> Path:
    write_network(network(), Path("network.parquet"))
    return Path("network.parquet")


@pytest.mark.parametrize("output", ["a.tsv", "a.csv", "a.gmt", "a.sif", "a.graphml", "a.h5ad"])
def test_every_suffix_by_the_same_command(written: Path, output: str) -> None:
    told = grnpyg("export", written, "-o", output, "--json").json
    assert Path(output).stat().st_size
    assert told == {
        "network": str(written),
        "output": output,
        "format": output.removeprefix("a."),
        "pairs": 5,
        "tfs": 3,
        "targets": 5,
    }


def test_a_named_format_and_a_chain_of_formats(written: Path) -> None:
    """decoupler's table can be the input in turn; the strongest pairs come first."""
    assert grnpyg("export", written, "-o", "net.csv", "--format", "decoupler").code == 0
    assert list(pd.read_csv("net.csv").columns) == ["source", "target", "weight"]
    result = grnpyg("export", "net.csv", "--top", 2, "-o", "best.tsv")
    assert result.err.startswith("2 pairs of 1 TFs and 2 targets in best.tsv")
    best = pd.read_csv("best.tsv", sep="\t")
    assert list(zip(best["TF"], best["target"], strict=True)) == PAIRS[:2]


def test_only_new_edges_and_a_smallest_probability(written: Path) -> None:
    assert grnpyg("export", written, "--new", "-o", "new.tsv").code == 0
    assert not pd.read_csv("new.tsv", sep="\t")["known"].any()
    assert grnpyg("export", written, "--min-probability", 0.5, "-o", "likely.tsv").code == 0
    assert (
        pd.read_csv("likely.tsv", sep="\t")["probability"].tolist() == network()["probability"][:3].tolist()
    )


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("-o", "a.xlsx"), ("cannot write .xlsx", ".gmt", ".graphml")),
        (("-o", "a.gmt", "--format", "gtm"), ("unknown format", "did you mean 'gmt'", "pyscenic")),
        (("-o", "a.gmt", "--top", 0), ("0 pairs", "--top")),
        (("-o", "a.gmt", "--min-probability", 2), ("2 is no probability",)),
        (("-o", "a.gmt", "--min-probability", 0.99), ("no pair is left",)),
        (("-o", "a.gmt", "--cells", "b.h5ad"), ("gmt holds no cells", "h5ad")),
        (("-o", "a.h5ad", "--cells", "b.h5ad"), ("b.h5ad", "no such file")),
        (("-o", "nowhere/a.gmt"), ("nowhere", "does not exist")),
    ],
)
def test_what_cannot_be_done_is_one_line(
    written: Path, options: tuple[str, ...], says: tuple[str, ...]
) -> None:
    refused("export", written, *options, says=says)


def test_the_advice_to_name_the_columns_works() -> None:
    Path("odd.tsv").write_text("factor\tregulated\tgood\nSTAT1\tIRF1\t.2\nSPI1\tCD19\t.9\n")
    said = refused("export", "odd.tsv", "-o", "a.tsv", says=("no source column", "--columns source=COLUMN"))
    assert said
    columns = "source=factor,target=regulated,weight=good"
    assert grnpyg("export", "odd.tsv", "--columns", columns, "-o", "a.tsv").code == 0
    assert pd.read_csv("a.tsv", sep="\t")["TF"].tolist() == ["SPI1", "STAT1"]


@pytest.mark.parametrize("option", [("--new",), ("--min-probability", 0.5)])
def test_a_table_without_the_column_that_is_asked_for(option: tuple[str, ...]) -> None:
    Path("net.tsv").write_text("source\ttarget\tweight\nSTAT1\tIRF1\t1\n")
    refused("export", "net.tsv", *option, "-o", "a.tsv", says=("net.tsv", option[0], "not there"))


@pytest.mark.parametrize("name", ["nothing.tsv", "cells.h5ad", "broken.parquet", "broken.h5ad"])
def test_a_file_that_is_no_network(name: str) -> None:
    from anndata import AnnData

    AnnData(pd.DataFrame({"STAT1": [1.0]}, index=["a"])).write_h5ad("cells.h5ad")
    Path("broken.parquet").write_bytes(b"PAR1" + b"x" * 50)
    Path("broken.h5ad").write_bytes(Path("cells.h5ad").read_bytes()[:900])
    refused("export", name, "-o", "a.tsv", says=(name,))
