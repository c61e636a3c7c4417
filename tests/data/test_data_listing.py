"""`grnpyg data list` and `data info`: narrow enough for a terminal, and everything there is to know."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from grnpyg.core.errors import InputError
from grnpyg.data import catalog
from grnpyg_cli.data import app
from grnpyg_cli.data_tables import GROUPS, short


def shown(*arguments: str) -> list[str]:
    result = CliRunner().invoke(app, [*arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout.splitlines()


def as_json(*arguments: str) -> dict[str, Any]:
    return dict(json.loads("\n".join(shown(*arguments, "--json"))))


def rows(lines: list[str]) -> list[str]:
    """First words of the indented lines, which are data sets or families."""
    return [line.split()[0] for line in lines if line.startswith("  ")]


@pytest.mark.parametrize("arguments", [("list",), ("list", "--all"), ("list", "beeline")])
def test_a_data_set_is_one_line_of_80_characters(arguments: tuple[str, ...]) -> None:
    lines = shown(*arguments)
    table = [line for line in lines if not line.startswith("The cache")]
    assert max(map(len, table)) <= 80
    assert all("  " not in line[:2] or line.split()[1:] for line in table)


def test_families_fold_to_a_line_with_a_count() -> None:
    folded = rows(shown("list"))
    assert set(folded) == {entry.family or name for name, entry in catalog.entries().items()}
    assert len(folded) == len(set(folded)) < 30
    [line] = [line for line in shown("list") if "beeline-specific-CELL-SIZE" in line]
    assert line.split()[1:] == ["both", "2.2", "MB", "0/10", "MIT"]
    assert rows(shown("list", "--all")) == [
        name for kinds in GROUPS.values() for name, entry in catalog.entries().items() if entry.kind in kinds
    ]
    assert set(rows(shown("list", "BEELINE-split"))) == {
        name for name in catalog.entries() if name.startswith("beeline-split")
    }


def test_json_of_a_prefix_has_its_data_sets_alone() -> None:
    found = as_json("list", "beeline-split")
    assert {row["name"] for row in found["data_sets"]} == set(rows(shown("list", "beeline-split")))
    row = found["data_sets"][0]
    kept = {"name", "kind", "description", "licence", "citation", "files", "bundled", "family", "genes_from"}
    assert kept | {"note", "size", "cached", "species"} <= row.keys()


@pytest.mark.parametrize("name", sorted(catalog.entries()))
def test_info_says_all_about_a_data_set(name: str) -> None:
    entry = catalog.get(name)
    text = " ".join(" ".join(shown("info", name)).split())
    assert entry.species in text
    for words in (entry.licence, entry.citation, entry.note or "", entry.description):
        assert " ".join(words.split()) in text
    for file in entry.files:
        assert file.sha256 in text
        assert (file.url or file.derived_from or "?") in text
    source = "" if entry.fetchable else " --from DIR"
    assert entry.bundled or f"grnpyg data fetch {name}{source}" in text
    assert as_json("info", name)["cached"] is entry.bundled


def test_info_says_where_files_are_and_how_they_are_used() -> None:
    found = as_json("info", "bundled")
    assert found["use"] == "--data bundled --labels bundled"
    assert {file["status"] for file in found["files"]} == {"ok"}
    assert as_json("info", "symbol-labels")["files"][0]["made_of"] == "paper-labels, uniprot-map"
    assert as_json("info", "human-tfs")["use"] == "--tfs human-tfs"


@pytest.mark.parametrize("arguments", [["info", "trust"], ["list", "nope"]])
def test_an_unknown_name_is_answered_with_the_known_ones(arguments: list[str]) -> None:
    with pytest.raises(InputError, match=r"trrust.*uniprot-map"):
        CliRunner().invoke(app, arguments, catch_exceptions=False)


@pytest.mark.parametrize(
    ("licence", "expected"),
    [
        ("MIT (GENELink)", "MIT"),
        ("MIT (a, b); DoRothEA itself GPL-3", "MIT ..."),
        ("CC BY-SA 4.0", "CC BY-SA 4.0"),
        ("none stated by the repository", "none stated by the ..."),
    ],
)
def test_a_licence_is_cut_with_dots_where_there_is_more(licence: str, expected: str) -> None:
    assert short(licence) == expected
