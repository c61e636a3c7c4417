"""Messages and tables stay short and printable, whatever names say; a wrong folder names the right ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli.command import grnpyg, refused

from grnpyg.core.errors import InputError, clean, examples


def test_grnpyg_alone_shows_its_help() -> None:
    result = grnpyg()
    assert (result.code, result.err) == (0, "")
    assert "demo" in result.out


def test_the_folder_of_the_runs_names_them_and_the_advice_works(run: Path) -> None:
    line = refused("predict", run.parent, says=("holds 1 runs", str(run)))
    assert grnpyg("predict", line.rpartition(" ")[2], "--top", 5).code == 0


@pytest.mark.parametrize("name", ["A" * 5000, "a\x1b[31mb", "a\nb\rc", "a\u202eb"])
def test_long_names_and_control_characters_in_messages(name: str) -> None:
    for line in (str(InputError("bad", where=name)), str(InputError(f"{name} is bad")), examples([name])):
        assert line.isprintable()
        assert len(line) < 1000


def test_ordinary_text_stays_as_it_is() -> None:
    text = "labels.tsv: größer als 5 \u00d7 3. Use a,b"
    assert clean(text) == text


def test_options_with_long_values_are_refused_in_a_short_line(work: Path) -> None:
    assert len(refused("train", "--config", "small.yaml", "--encoder", "A" * 5000)) < 1500
    assert refused("train", "--config", "small.yaml", "--encoder", "a\x1b[31mb").isprintable()
