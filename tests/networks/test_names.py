"""A name of a gene survives every format, or the format refuses it and says so."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networks.tables import client, regulons_of_ctxcore

from grnpyg.core.errors import InputError, warned
from grnpyg.core.spreadsheet import bare
from grnpyg.data.text.characters import NO_NAME
from grnpyg.networks.export import formats, write_network
from grnpyg.networks.read import read_network

STRANGE = ["<x>", "a & b", "HLA-A", "'x", '"q"', "=cmd", "-G", "@x", "#1", "a,b;c", "nan", "NA", "β-catenin"]
STRANGE += ["x=1", "]]>", "a/b", "1e5", "007", "True", "é", "\U0001d6fc", "a\u3000b"]
names = st.one_of(
    st.sampled_from(STRANGE),
    st.text(min_size=1, max_size=8).filter(lambda text: text == text.strip() and not NO_NAME.search(text)),
)
pairs = st.lists(st.tuples(names, names), min_size=1, max_size=6, unique=True)


def back(name: str, table: pd.DataFrame) -> list[tuple[str, str]] | None:
    """The pairs that the format's own client finds; None if a name is refused."""
    with tempfile.TemporaryDirectory() as folder, warned():
        path = Path(folder) / f"x{formats.get(name).suffixes[0]}"
        held = formats.build(name).holds
        if not all(held(word) for end in ("TF", "target") for word in table[end]):
            with pytest.raises(InputError, match=r"names have .*Rename them"):
                write_network(table, path, name)
            return None
        write_network(table, path, name)
        if name == "graphml":
            return list(client("networkx").read_graphml(path).edges)
        if name in ("gmt", "pyscenic"):
            sets = regulons_of_ctxcore().GeneSignature.from_gmt(str(path))
            return [(one.name.removesuffix("(+)"), gene) for one in sets for gene in one.genes]
        if name == "sif":
            lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
            return [(line.split("\t")[0], line.split("\t")[2]) for line in lines]
        if name in ("arboreto", "decoupler"):
            read = pd.read_csv(path, sep="\t", keep_default_na=False, dtype={0: str, 1: str})  # type: ignore[arg-type]
            return [(bare(tf), bare(gene)) for tf, gene in read.iloc[:, :2].itertuples(index=False)]
        read = read_network(path)
        return list(zip(read["TF"], read["target"], strict=True))


@pytest.mark.parametrize("name", [name for name in formats.names() if name not in ("h5ad", "h5mu")])
@settings(deadline=None, max_examples=60)
@given(pairs)
def test_names_survive_or_are_refused(name: str, chosen: list[tuple[str, str]]) -> None:
    found = back(name, pd.DataFrame(chosen, columns=["TF", "target"]))
    assert found is None or sorted(found) == sorted(chosen)


@pytest.mark.parametrize("name", ["h5ad", "h5mu"])
def test_strange_names_in_hdf5(name: str) -> None:
    table = pd.DataFrame({"TF": STRANGE[:5] * 4, "target": [*STRANGE[3:], *STRANGE[:1]][:20]})
    table = table.drop_duplicates()
    assert back(name, table) == list(table.itertuples(index=False, name=None))


@pytest.mark.parametrize("name", ["gmt", "pyscenic", "sif"])
def test_the_usual_names_are_not_refused(name: str) -> None:
    usual = ["HLA-A", "NKX2-1", "Tg(Pou5f1)", "ENSG00000115415.19", "C1orf112", "nan", "H3-3A", "AC012345.1"]
    table = pd.DataFrame({"TF": usual, "target": usual[::-1]})
    assert back(name, table) is not None
