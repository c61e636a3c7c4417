"""The bundled lists of TFs: made again they are the same, pinned, and usable with `--tfs`."""

from __future__ import annotations

import hashlib
import importlib.util

import pandas as pd
import pytest
from places import REPOSITORY

import grnpyg_data
from grnpyg.core.data_config import DataConfig
from grnpyg.data.labels import read_labels
from grnpyg.data.names.symbols import SPECIES, Species, symbols
from grnpyg.data.regulons.regulon import read_tf_list


@pytest.mark.parametrize("species", SPECIES)
def test_the_list_is_what_the_script_makes_of_the_bundled_tables(species: Species) -> None:
    script = REPOSITORY / "data" / "rebuild_tfs.py"
    spec = importlib.util.spec_from_file_location("rebuild_tfs", script)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    path = grnpyg_data.path(f"tfs_{species}.txt")
    assert list(read_tf_list(path)) == module.lists()[species]
    assert hashlib.sha256(path.read_bytes()).hexdigest() in (
        grnpyg_data.path("PROVENANCE_NAMES.md").read_text("utf-8")
    )


@pytest.mark.parametrize(("species", "tf", "no_tf"), [("human", "STAT1", "ALB"), ("mouse", "Stat1", "Alb")])
def test_the_list_holds_tfs_by_current_symbols(species: Species, tf: str, no_tf: str) -> None:
    listed = set(read_tf_list(grnpyg_data.path(f"tfs_{species}.txt")))
    assert listed <= symbols(species).current
    assert listed >= symbols(species).tfs
    assert tf in listed
    assert no_tf not in listed


def test_the_list_filters_labels_by_its_name_in_the_catalogue() -> None:
    edges = pd.DataFrame({"source": ["Stat1", "Alb"], "target": ["Irf1", "Irf1"]})
    data = DataConfig(expression=None, tfs="tfs-mouse", tfs_action="filter")
    assert read_labels(data, edges).regulon.sources_all == ("Stat1",)
