"""Activities of TFs: names are matched, values normalised, and what cannot be scored is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cli.command import grnpyg, refused
from networks.tables import client

import grnpyg_data
from grnpyg.core.errors import InputError, warned
from grnpyg.data.names.symbols import symbols
from grnpyg.networks import ACTIVITY_METHODS, activity, activity_anndata
from grnpyg.networks.export import write_network

BUNDLED = Path(grnpyg_data.__file__).parent
TFS = ("STAT1", "SPI1", "GATA1")


@pytest.fixture(autouse=True)
def _decoupler() -> None:
    client("decoupler")


def cells(counts: bool = True) -> Any:
    """30 cells x 60 genes; the first ten express the targets of STAT1, the next those of SPI1, and so on."""
    from anndata import AnnData

    rng = np.random.default_rng(0)
    values = rng.poisson(1.0, (30, 60)).astype(np.float32)
    for group in range(3):
        values[10 * group : 10 * group + 10, 10 * group : 10 * group + 8] += rng.poisson(8.0, (10, 8))
    adata = AnnData(
        values if counts else np.log1p(values), var=pd.DataFrame(index=[f"G{i}" for i in range(60)])
    )
    adata.obs_names = [f"cell{i}" for i in range(30)]
    adata.obsm["X_umap"] = rng.random((30, 2))
    return adata


def table() -> pd.DataFrame:
    """Eight measured targets of each TF, and one that is not measured."""
    pairs = [(tf, f"G{10 * n + i}") for n, tf in enumerate(TFS) for i in range(8)]
    return pd.DataFrame([*pairs, ("STAT1", "G99"), ("IRF1", "G1")], columns=["TF", "target"])


def own_group_is_highest(scores: pd.DataFrame) -> bool:
    means = scores.groupby(np.repeat(TFS, 10)).mean()
    return all(means[tf].idxmax() == tf for tf in TFS)


@pytest.mark.slow  # numba compiles each method
@pytest.mark.parametrize("method", ACTIVITY_METHODS)
def test_each_method_finds_the_cells_whose_targets_are_expressed(method: str) -> None:
    result = activity(cells(), table(), method=method)
    assert result.scores.shape == (30, 3)
    assert own_group_is_highest(result.scores)
    assert result.targets == dict.fromkeys(TFS, 8)
    assert result.left_out == ("IRF1",)
    assert result.state == "counts"


def test_a_repressed_target_counts_the_other_way() -> None:
    signed = table().assign(sign=[-1] * 24 + [0, 0])
    scores, unsigned = activity(cells(), signed).scores, activity(cells(), table()).scores
    np.testing.assert_allclose(scores, -unsigned, rtol=1e-6)


def test_counts_are_normalised_and_logarithms_are_not() -> None:
    """The depth of a cell must not be an activity: with ten times the counts the scores are the same."""
    deep = cells()
    deep.X[:15] *= 10
    np.testing.assert_allclose(activity(deep, table()).scores, activity(cells(), table()).scores, rtol=1e-4)
    result = activity(cells(counts=False), table())
    assert result.state == "log"
    assert "taken as they are" in result.sentences[0]


def test_the_names_are_those_of_the_cells() -> None:
    """MLL2 is the former name of KMT2D, and HLA.A is HLA-A in another spelling: both count as measured."""
    adata = cells()
    human = [name for name in sorted(symbols("human").current) if name.isalpha()][:58]
    adata.var_names = ["KMT2D", "HLA-A", *human]
    names = dict(zip(cells().var_names, ["MLL2", "HLA.A", *human], strict=True))
    named = table().replace({"target": names})
    with warned() as lines:
        result = activity(adata, named)
    assert result.targets["STAT1"] == 8
    assert any("MLL2 is now KMT2D" in line for line in lines)
    with warned():
        assert activity(adata, named, aliases=False).targets["STAT1"] == 7


def test_written_into_the_cells_and_plotted_by_name() -> None:
    sc, plt = client("scanpy"), client("matplotlib")
    plt.use("Agg")
    adata = cells()
    activity(adata, table()).add_to(adata)
    adata.write_h5ad("scored.h5ad")
    back = sc.read_h5ad("scored.h5ad")
    assert list(back.obsm["grnpyg_activity"].columns) == sorted(TFS)
    assert back.obsm["grnpyg_activity_padj"].shape == (30, 3)
    assert back.uns["grnpyg_activity"]["method"] == "ulm"
    for acts in (activity_anndata(back), client("decoupler").pp.get_obsm(back, "grnpyg_activity")):
        figure = sc.pl.umap(acts, color="STAT1", show=False, return_fig=True)
        shown = figure.axes[0].collections[0].get_array()
        np.testing.assert_allclose(np.sort(shown), np.sort(back.obsm["grnpyg_activity"]["STAT1"]), rtol=1e-5)
    assert activity_anndata(back).var["targets"].tolist() == [8, 8, 8]
    with pytest.raises(InputError, match="no activities"):
        activity_anndata(cells())


def test_a_cell_without_counts_has_no_activity() -> None:
    adata = cells()
    adata.X[3] = 0
    with warned() as lines:
        scores = activity(adata, table()).scores
    assert scores.isna().all(axis=1).to_numpy().nonzero()[0].tolist() == [3]
    assert any("1 cells have no counts" in line for line in lines)


def test_what_cannot_be_scored_is_one_line() -> None:
    other = table().assign(target=[f"X{i}" for i in range(26)])
    with pytest.raises(InputError, match=r"net: none of the 26 target genes is among"):
        activity(cells(), other, where="net")
    few = other.assign(target=["G1", *other["target"][1:]])
    with pytest.raises(InputError, match=r"net: only 1 of 26 targets .* one species"):
        activity(cells(), few, where="net")
    with pytest.raises(InputError, match=r"no TF has 9 targets .*: STAT1 has 8"):
        activity(cells(), table(), tmin=9)
    full = pd.DataFrame([(f"T{i}", f"G{j}") for i in range(5) for j in range(20)], columns=["TF", "target"])
    with pytest.raises(InputError, match=r"100 % of all: .*--top N"):
        activity(cells(), full)
    with pytest.raises(InputError, match=r"unknown method 'gsva'"):
        activity(cells(), table(), method="gsva")


def test_without_decoupler_the_way_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "decoupler", None)
    with pytest.raises(InputError, match=r'needs the package decoupler.*pip install "grnpyg\[interop\]"'):
        activity(cells(), table())


@pytest.mark.parametrize("name", ["net.tsv", "net.csv", "net.parquet", "net.gmt", "net.h5ad"])
def test_the_command_takes_every_network(name: str) -> None:
    cells().write_h5ad("cells.h5ad")
    write_network(table(), Path(name))
    told = grnpyg("activity", "cells.h5ad", name, "-o", "s.h5ad", "--activities", "a.h5ad", "--json").json
    assert (told["cells"], told["tfs"], told["left_out"]) == (30, 3, ["IRF1"])
    back = client("anndata").read_h5ad("s.h5ad")
    np.testing.assert_array_equal(back.X, cells().X)
    np.testing.assert_allclose(back.obsm["grnpyg_activity"], activity(cells(), table()).scores)
    assert client("anndata").read_h5ad("a.h5ad").shape == (30, 3)


def test_bad_input_of_the_command() -> None:
    cells().write_h5ad("cells.h5ad")
    write_network(table(), Path("net.tsv"))
    refused("activity", "cells.h5ad", "net.tsv", "-o", "s.tsv", says=("cannot write .tsv", ".h5ad"))
    refused("activity", "cells.h5ad", "nothing.tsv", "-o", "s.h5ad", says=("nothing.tsv",))
    refused("activity", "nothing.h5ad", "net.tsv", "-o", "s.h5ad", says=("nothing.h5ad",))
    refused("activity", "cells.h5ad", "net.tsv", "-o", "s.h5ad", "--layer", "x", says=("unknown layer 'x'",))
    refused("activity", "cells.h5ad", "net.tsv", "-o", "s.h5ad", "--method", "x", says=("ulm", "viper"))
    refused("activity", "cells.h5ad", "net.tsv", "-o", "s.h5ad", "--new", says=("net.tsv", "--new"))


def test_what_is_read_is_not_written_over() -> None:
    """Cells that are changed in place make the runs that were trained on them useless."""
    cells().write_h5ad("cells.h5ad")
    write_network(table(), Path("net.h5ad"))
    Path("same.h5ad").symlink_to("cells.h5ad")
    before = {name: Path(name).read_bytes() for name in ("cells.h5ad", "net.h5ad")}
    for output in ("cells.h5ad", "./cells.h5ad", "same.h5ad", "net.h5ad"):
        said = (Path(output).name, "would be lost")
        refused("activity", "cells.h5ad", "net.h5ad", "-o", output, says=said)
    twice = ("-o", "s.h5ad", "--activities", "s.h5ad")
    refused("activity", "cells.h5ad", "net.h5ad", *twice, says=("--activities", "another file"))
    refused("export", "net.h5ad", "--top", 3, "-o", "net.h5ad", says=("net.h5ad", "would be lost"))
    write_network(table(), Path("net.tsv"))
    refused("diff", "net.h5ad", "net.tsv", "-o", "net.tsv", says=("net.tsv", "would be lost"))
    assert before == {name: Path(name).read_bytes() for name in before}


def test_a_network_without_repression_says_what_that_means() -> None:
    cells().write_h5ad("cells.h5ad")
    write_network(table(), Path("net.gmt"))
    write_network(table().assign(sign=[-1, *[1] * (len(table()) - 1)]), Path("net.tsv"))
    words = "tells no repression: every target counts as activated"
    assert words in grnpyg("activity", "cells.h5ad", "net.gmt", "-o", "s.h5ad").err
    assert words not in grnpyg("activity", "cells.h5ad", "net.tsv", "-o", "s.h5ad").err


@pytest.mark.slow
def test_interferon_factors_differ_between_the_bundled_immune_cells() -> None:
    """Of the 275 TFs with five measured targets, STAT2 varies most between the cells."""
    labels = BUNDLED / "dorothea_abc.tsv.gz"
    result = grnpyg("activity", BUNDLED / "immune.h5ad", labels, "-o", "s.h5ad")
    assert result.code == 0, result.err
    assert "counts: scaled to 10,000" in result.err
    assert "5,388 of 9,228 targets" in result.err
    scores = client("anndata").read_h5ad("s.h5ad").obsm["grnpyg_activity"]
    assert scores.shape == (559, 275)
    assert scores.std().idxmax() == "STAT2"
