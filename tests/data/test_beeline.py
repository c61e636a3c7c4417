"""Every label set of BEELINE, and the expression that is there, by catalogue name and in one command."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli.command import grnpyg, refused
from places import SHARED, needs

CELLS = ("hesc", "hhep", "mdc", "mesc", "mhsc-e")
SETS = [
    *(f"{kind}-{cell}" for kind in ("string", "non-specific", "specific") for cell in CELLS),
    "lofgof-mesc",
]
NAMES = [f"beeline-{name}-{size}" for name in SETS for size in (500, 1000)]
GENES = {"hesc": 410, "hhep": 448, "mdc": 321, "mesc": 620, "mhsc-e": 204}  # before the variable ones


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache with every data set of BEELINE."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRNPYG_CACHE", str(folder))
        assert grnpyg("data", "fetch", *NAMES, "beeline-mdc-expression", "--from", SHARED).code == 0
    return folder


def test_the_catalogue_knows_them_all() -> None:
    listed = {entry["name"]: entry["kind"] for entry in grnpyg("data", "list", "--json").json["data_sets"]}
    assert len(NAMES) == 32
    assert {name for name, kind in listed.items() if name.startswith("beeline") and kind == "labels"} == set(
        NAMES
    )


@pytest.mark.slow
@needs("beeline")
@pytest.mark.parametrize("name", NAMES)
def test_a_label_set_loads_in_one_command(name: str, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRNPYG_CACHE", str(cache))
    without = ("--labels", name, "--set", "data.expression=null", "--json")
    counts = grnpyg("data", "check", *without).json["counts"]
    listed = grnpyg("data", "check", *without, "--set", "data.listed_tfs=true").json["counts"]
    assert counts["edges"] == listed["edges"] == counts["rows_read"]
    cell, size = name.removeprefix("beeline-").split("-", 1)[1].removeprefix("specific-").rsplit("-", 1)
    assert counts["genes"] == listed["genes"] == GENES[cell] + int(size)
    assert listed["tfs"] >= GENES[cell] > counts["tfs"]


@needs("beeline")
@pytest.mark.parametrize("kind", ["string", "non-specific", "specific"])
def test_the_expression_covers_its_networks(kind: str, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRNPYG_CACHE", str(cache))
    data = ("--data", "beeline-mdc-expression", "--labels", f"beeline-{kind}-mdc-500")
    counts = grnpyg("data", "check", *data, "--json").json["counts"]
    assert counts["genes"] == 821
    assert counts["tfs_without_expression"] == counts["genes_without_expression"] == 0


def test_a_list_of_tfs_is_asked_of_genelinks_folders_alone(tmp_path: Path) -> None:
    labels = tmp_path / "labels.tsv"
    labels.write_text("source\ttarget\nA\tB\n")
    options = ("--labels", labels, "--set", "data.expression=null", "--set", "data.listed_tfs=true")
    refused("data", "check", *options, says=("labels.tsv", "data.listed_tfs"))
