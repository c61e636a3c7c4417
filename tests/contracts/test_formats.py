"""Every registered format writes a network whole or not at all, and gives back what it says it does."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from networks.tables import PAIRS, client, network

from grnpyg.core.errors import InputError, warned
from grnpyg.data.regulons.regulon import read_regulon
from grnpyg.networks.export import by_suffix, formats, to_anndata, write_network
from grnpyg.networks.keys import EXPLAINED
from grnpyg.networks.read import read_network

FILES = [
    pytest.param(name, suffix, id=f"{name}{suffix}")
    for name in formats.names()
    for suffix in formats.get(name).suffixes
]
every_file = pytest.mark.parametrize(("name", "suffix"), FILES)
WHOLE = ("tsv", "csv", "parquet", "h5ad", "h5mu")  # keep all columns
EXTENSIONS = (".tsv", ".csv", ".parquet", ".gmt", ".graphml", ".sif", ".h5ad", ".h5mu")


def written(name: str, suffix: str, table: pd.DataFrame | None = None) -> Path:
    if suffix == ".h5mu":
        client("mudata")
    path = Path(f"network{suffix}")
    with warned():
        write_network(network() if table is None else table, path, name)
    return path


def test_each_suffix_stands_for_one_format() -> None:
    assert set(by_suffix()) == set(EXTENSIONS)
    for name in formats.names():
        cls = formats.get(name)
        assert cls.by_suffix == all(by_suffix().get(suffix) == name for suffix in cls.suffixes)


@every_file
def test_two_columns_are_enough_and_nothing_else_is_left_behind(name: str, suffix: str) -> None:
    path = written(name, suffix, network()[["TF", "target"]])
    assert path.stat().st_size
    assert [file.name for file in Path.cwd().iterdir()] == [path.name]


@every_file
def test_the_same_network_is_the_same_file(name: str, suffix: str) -> None:
    assert written(name, suffix).read_bytes() == written(name, suffix).read_bytes()


@every_file
def test_a_format_that_fails_leaves_the_older_file(
    name: str, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(name, suffix)
    before, cls = path.read_bytes(), formats.get(name)
    fill = cls.fill

    def broken(self: Any, table: pd.DataFrame, file: Path, suffix: str) -> None:
        fill(self, table, file, suffix)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cls, "fill", broken)
    with pytest.raises(OSError, match="space"):
        write_network(network().head(2), path, name)
    assert path.read_bytes() == before
    assert [file.name for file in Path.cwd().iterdir()] == [path.name]


@every_file
def test_what_is_written_can_be_labels(name: str, suffix: str) -> None:
    """A score below 0 is no repression, and a sign that was written is the sign that is read."""
    path = written(name, suffix)
    if not formats.get(name).labels:
        with pytest.raises(InputError, match="not a text table"):
            read_regulon(path)
        return
    with warned():
        read = read_regulon(path).table
    assert set(zip(read["source"], read["target"], strict=True)) == set(PAIRS)
    if "sign" not in read:
        assert name in ("gmt", "arboreto")
        return
    signs = read.set_index(["source", "target"])["sign"]
    unknown = 1 if name in ("pyscenic", "decoupler") else 0  # as these tools have it
    for row in network().itertuples():
        assert signs[row.TF, row.target] == (row.sign or unknown), row


@every_file
def test_a_network_is_read_back(name: str, suffix: str) -> None:
    path, table = written(name, suffix), network()
    if name == "graphml":
        with pytest.raises(InputError, match="GraphML"):
            read_network(path)
        return
    with warned():
        back = read_network(path)
    if name in WHOLE:
        exact = suffix not in (".tsv", ".csv")  # text does not tell single from double precision
        pd.testing.assert_frame_equal(back, table, check_dtype=exact, rtol=0, atol=0, check_exact=True)
    else:
        assert set(zip(back["TF"], back["target"], strict=True)) == set(PAIRS)


@every_file
def test_the_columns_that_explain_are_kept_where_every_column_is(name: str, suffix: str) -> None:
    assert formats.get(name).every_column == (name in (*WHOLE, "graphml"))
    table = network().assign(**{column: np.linspace(-1, 1, len(PAIRS)) for column in EXPLAINED})
    path = written(name, suffix, table)
    if name in WHOLE:
        pd.testing.assert_frame_equal(read_network(path)[list(EXPLAINED)], table[list(EXPLAINED)])
    elif name == "graphml":
        assert all(f'attr.name="{column}"' in path.read_text() for column in EXPLAINED)


@every_file
@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"target": None}, "no column 'target'"),
        ({"TF": ["A", "A", "B", "C", None]}, "no name at one end"),
        ({"TF": ["A", "A", "B", "C", ""]}, "no name at one end"),
        ({"TF": ["A\nB", "A", "B", "C", "D"]}, "control character"),
        ({"TF": [" A", "A", "B", "C", "D"]}, "blank: ' A'"),
        ({"TF": "A", "target": "B"}, "4 pairs stand there twice"),
    ],
)
def test_a_table_that_is_no_network(name: str, suffix: str, change: dict[str, Any], says: str) -> None:
    table = network().assign(**change)
    if change.get("target", "") is None:
        table = table.drop(columns="target")
    with pytest.raises(InputError, match=says):
        write_network(table, Path(f"network{suffix}"), name)
    assert not list(Path.cwd().iterdir())


def test_an_empty_table_and_unknown_formats_are_one_line() -> None:
    with pytest.raises(InputError, match="has no pairs"):
        write_network(network().head(0), Path("network.tsv"))
    with pytest.raises(InputError, match=r"cannot write \.xlsx.*\.csv.*\.gmt.*\.graphml.*\.sif"):
        write_network(network(), Path("network.xlsx"))
    with pytest.raises(InputError, match=r"unknown format 'gtm'.*Did you mean 'gmt'.*known: arboreto"):
        write_network(network(), Path("network.gmt"), "gtm")
    with pytest.raises(InputError, match=r"cannot write \.gmt.*Use \.tsv or \.csv or \.parquet"):
        write_network(network(), Path("network.gmt"), "decoupler")
    with pytest.raises(InputError, match=r"holds no cells.*h5ad or h5mu"):
        write_network(network(), Path("network.gmt"), cells=Path("cells.h5ad"))
    assert not list(Path.cwd().iterdir())


@pytest.mark.parametrize("suffix", [".h5ad", ".h5mu"])
def test_cells_keep_all_that_they_hold(suffix: str) -> None:
    from anndata import AnnData, read_h5ad

    names = ["IRF1", "X", "STAT1", "CXCL10"]
    cells = AnnData(np.arange(12.0).reshape(3, 4), var=pd.DataFrame(index=names))
    cells.layers["counts"], cells.obsm["X_umap"] = cells.X + 1, np.zeros((3, 2))
    cells.write_h5ad("cells.h5ad")
    with warned() as lines:
        write_network(network(), Path(f"network{suffix}"), cells=Path("cells.h5ad"))
    assert "2 of 5 edges are between genes of the cells" in lines[0]
    held = (
        client("mudata").read_h5mu("network.h5mu")["rna"] if suffix == ".h5mu" else read_h5ad("network.h5ad")
    )
    np.testing.assert_array_equal(held.X, cells.X)
    np.testing.assert_array_equal(held.layers["counts"], cells.layers["counts"])
    assert "X_umap" in held.obsm
    assert held.varp["grnpyg"][2, 0] == network()["probability"][0]
    pd.testing.assert_frame_equal(read_network(Path(f"network{suffix}")), network())
    with pytest.raises(InputError, match="0 of 5 edges"):
        to_anndata(network(), AnnData(np.ones((1, 1)), var=pd.DataFrame(index=["Y"])))


@pytest.mark.slow
@every_file
def test_a_large_network_takes_a_few_times_its_own_memory(name: str, suffix: str) -> None:
    """Text formats are written part by part: a million edges as XML would be half a gigabyte in memory."""
    if suffix == ".h5mu":
        client("mudata")
    table = network([(f"TF{i % 200}", f"G{i // 200}") for i in range(60_000)])
    own = int(table.memory_usage(deep=True).sum())
    tracemalloc.start()
    try:
        with warned():
            write_network(table, Path(f"network{suffix}"), name)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 3 * own, f"{peak / own:.1f}"
