"""`grnpyg predict --explain`: columns that add up to the importance, or one line why there are none."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cli.command import grnpyg, refused

import grnpyg as gp
from grnpyg.core.errors import InputError
from grnpyg.models.baselines import baselines
from grnpyg.networks.explanation import Explanation
from grnpyg.networks.keys import BASE, BECAUSE, COLUMNS, EXPLAINED

CONFIG = """\
data: {expression: expression.h5ad, labels: labels.tsv}
evaluation: {negatives: [uniform], baselines: [degree_product]}
encoder: {name: lookup, embedding_dim: 4}
head: {name: dual, hidden_channels: 8, out_channels: 4, bias: per_node}
structure: {features: [degree, ease, coexpression], hidden_channels: 8}
training: {max_epochs: 2, batch_size: 128, lr: 0.01, disjoint_train_ratio: 0.25}
"""
GROUPS = ["because_degree", "because_known_edges", "because_knowledge", "because_vectors"]


@pytest.fixture(scope="module")
def folder(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with runs of two seeds, of pair features whose terms are added, and of a baseline."""
    folder = tmp_path_factory.mktemp("explain") / "work"
    shutil.copytree(project, folder)
    (folder / "small.yaml").write_text(CONFIG)
    here = Path.cwd()
    os.chdir(folder)
    try:
        for name, options in {
            "joint": (),
            "other": ("--seed", 7),
            "additive": ("--set", "structure.additive=true", "--set", "encoder=none", "--set", "head=zero"),
            "baseline": ("--set", "baseline=degree_product"),
        }.items():
            result = grnpyg("train", "--config", "small.yaml", "--run-dir", name, *options)
            assert result.code == 0, result.err
        yield folder
    finally:
        os.chdir(here)


def explained(folder: Path, *options: object) -> pd.DataFrame:
    os.chdir(folder)
    result = grnpyg("predict", *options, "--explain", "-o", "edges.parquet")
    assert result.code == 0, result.err
    return pd.read_parquet("edges.parquet")


def require_sums(table: pd.DataFrame) -> None:
    total = table[BASE] + table[GROUPS].sum(axis=1)
    np.testing.assert_allclose(total, table["importance"], rtol=1e-4, atol=1e-4)


def test_the_columns_are_added_and_add_up(folder: Path) -> None:
    table = explained(folder, "joint")
    assert list(table.columns) == [*COLUMNS, *EXPLAINED]
    assert [name for name in table if name.startswith(BECAUSE)] == GROUPS
    require_sums(table)
    assert table[BASE].nunique() == 1
    assert (table[GROUPS].abs().max() > 0.01).all()
    plain = grnpyg("predict", "joint", "-o", "plain.parquet")
    assert plain.code == 0
    pd.testing.assert_frame_equal(table[list(COLUMNS)], pd.read_parquet("plain.parquet"), check_exact=True)


def test_a_part_is_explained_as_the_whole(folder: Path) -> None:
    whole = explained(folder, "joint")
    for options in (("--top", 30), ("--new", "--per-tf", 2), ("--tf", "TFA")):
        part = explained(folder, "joint", *options)
        both = part.merge(whole, on=["TF", "target"], suffixes=("", "_whole"))
        assert len(both) == len(part) > 0
        for name in GROUPS:
            np.testing.assert_allclose(both[name], both[f"{name}_whole"], rtol=1e-4, atol=1e-5)


def test_several_runs_are_explained_by_their_mean(folder: Path) -> None:
    both = explained(folder, "joint", "other", "--top", 50)
    require_sums(both)
    parts = [both.merge(explained(folder, name), on=["TF", "target"]) for name in ("joint", "other")]
    for name in (BASE, *GROUPS):
        mean = np.mean([part[f"{name}_y"] for part in parts], axis=0)
        np.testing.assert_allclose(both[name], mean, rtol=1e-5, atol=1e-6)


def test_what_the_numbers_are_is_said(folder: Path) -> None:
    os.chdir(folder)
    for run, kind, words in (
        ("joint", "shapley", "exact Shapley values"),
        ("additive", "terms", "the terms of the model's sum"),
    ):
        result = grnpyg("predict", run, "--explain", "--json")
        said = result.json["explained"]
        assert said["kind"] == kind
        assert words in result.err
        assert f"With {said['base']:.3f}, the importance of an average pair" in result.err
        assert {BASE, *GROUPS} <= set(result.json["best"][0])
        require_sums(pd.DataFrame(result.json["best"]))
    assert "explained" not in grnpyg("predict", "joint", "--json").json


def test_the_screen_shows_the_groups(folder: Path) -> None:
    os.chdir(folder)
    result = grnpyg("predict", "joint", "--explain", "--top", 3)
    assert result.code == 0
    assert result.out.count("->") == 3
    assert "degree" in result.out
    assert "by degree" not in result.out


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("baseline",), "baseline hands out a baseline, whose score has no parts"),
        (("joint", "--shards", "parts"), "the parts of --shards hold scores alone"),
        (("joint", "--shards", "parts", "-o", "edges.tsv"), "the parts of --shards hold scores alone"),
        (("joint", "-o", "edges.gmt"), "no place for the columns of --explain"),
        (("joint", "-o", "net.csv", "--format", "decoupler"), "no place for the columns of --explain"),
    ],
)
def test_what_cannot_be_explained_is_refused(folder: Path, options: tuple[Any, ...], says: str) -> None:
    os.chdir(folder)
    refused("predict", *options, "--explain", says=(says,))
    assert not Path("parts").exists()


def test_pairs_of_nodes_that_the_model_has_not_seen_are_explained(folder: Path) -> None:
    """TFA, TFB and TFC are measured and no targets; G70 is measured and no TF of the labels."""
    (folder / "tfs.txt").write_text("G0\nG70\n")
    table = explained(folder, "additive", "--universe", "measured", "--tfs", "tfs.txt")
    require_sums(table)
    further = table["TF"].eq("G70") | table["target"].isin(["TFA", "TFB", "TFC"])
    assert further.any()
    assert table.loc[further, "because_knowledge"].abs().max() > 0
    own = explained(folder, "additive").merge(table[~further], on=["TF", "target"], suffixes=("", "_wide"))
    assert len(own) == (~further).sum()
    for name in GROUPS:
        np.testing.assert_allclose(own[f"{name}_wide"], own[name], rtol=1e-4, atol=1e-5)


def test_python_gives_the_same_columns(folder: Path) -> None:
    table = explained(folder, "joint", "--top", 40)
    os.chdir(folder)
    same = gp.predict("joint", top=40, explain=True)
    pd.testing.assert_frame_equal(same, table)
    assert same.attrs["explained"]["kind"] == "shapley"
    model = gp.LinkPredictor.load("joint").predict(top=40, explain=True)
    pd.testing.assert_frame_equal(model[["TF", "target", *EXPLAINED]], table[["TF", "target", *EXPLAINED]])
    with pytest.raises(InputError, match="a score without parts"):
        Explanation([baselines.build("degree_product")], gp.Run.load("joint").graph)
