"""`grnpyg data`: exactly one JSON object on standard output, and errors that the main program can show."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from grnpyg.core.errors import InputError
from grnpyg.data import catalog
from grnpyg.data.catalog_entries import Entry, File
from grnpyg_cli.data import app


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A mirror folder and a catalogue of `bundled` and one data set without public address."""
    monkeypatch.setenv(catalog.CACHE_VARIABLE, str(tmp_path / "cache"))
    content = b"source,target\n"
    file = File(
        path="toy.csv",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        role="labels",
        derived_from="nothing",
    )
    texts = dict.fromkeys(("description", "licence", "citation"), "toy")
    toy = Entry(name="toy", kind="labels", species="human", files=(file,), **texts)
    known = {"toy": toy, "bundled": catalog.get("bundled")}
    monkeypatch.setattr(catalog, "load", lambda: known)
    folder = tmp_path / "mirror"
    folder.mkdir()
    (folder / "toy.csv").write_bytes(content)
    return folder


def run(*arguments: str) -> dict[str, Any]:
    result = CliRunner().invoke(app, [*arguments, "--json"], catch_exceptions=False)
    assert result.exit_code == 0
    return dict(json.loads(result.stdout))


def test_list_and_fetch_as_json(mirror: Path, tmp_path: Path) -> None:
    def here() -> list[tuple[str, bool]]:
        return [(row["name"], row["cached"]) for row in run("list")["data_sets"]]

    assert here() == [("toy", False), ("bundled", True)]
    skipping = run("fetch", "--all")
    assert skipping["skipped"] == ["toy"]
    assert list(skipping["fetched"]) == ["bundled"]
    found = run("fetch", "--all", "--from", str(mirror))
    assert found["skipped"] == []
    assert found["fetched"]["toy"] == [str(tmp_path / "cache" / "toy.csv")]
    assert here() == [("toy", True), ("bundled", True)]


def test_output_for_people(mirror: Path) -> None:
    listed = CliRunner().invoke(app, ["list"], catch_exceptions=False).stdout
    assert "toy" in listed
    assert "bundled" in listed
    left_out = CliRunner().invoke(app, ["fetch", "--all"], catch_exceptions=False)
    assert "toy: skipped" in left_out.stderr
    assert "immune.h5ad" in left_out.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["fetch"],
        ["fetch", "toy", "--all"],
        ["fetch", "nope"],
        ["fetch", "toy", "--from", "nowhere"],
        ["fetch", "toy"],
    ],
)
def test_bad_input_is_an_input_error(mirror: Path, arguments: list[str]) -> None:
    with pytest.raises(InputError):
        CliRunner().invoke(app, arguments, catch_exceptions=False)


def test_help_shows_an_example() -> None:
    for command in ("list", "info", "fetch"):
        assert f"grnpyg data {command}" in CliRunner().invoke(app, [command, "--help"]).stdout


def test_the_command_imports_nothing_heavy() -> None:
    code = "import sys, grnpyg_cli.data; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "pandas", "pooch", "anndata", "pydantic"} & set(done.stdout.split())
