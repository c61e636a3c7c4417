"""docs/network.md says what the code says: columns, keys and formats; its commands run."""

from __future__ import annotations

import inspect
import re
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cli.command import grnpyg
from networks.tables import client, network
from places import REPOSITORY

from grnpyg.models.groups import GROUPS
from grnpyg.networks.export import formats, write_network
from grnpyg.networks.keys import ANNDATA, BASE, BECAUSE, COLUMNS, EXPLAINED, MUDATA, OWN

PAGE = REPOSITORY / "docs" / "network.md"
pytestmark = pytest.mark.skipif(not PAGE.is_file(), reason="needs the documents of the repository")


def rows(width: int) -> dict[str, list[str]]:
    """First cell -> the other cells of the rows of the tables with so many columns."""
    found = [[c.strip() for c in line.strip("|").split(" | ")] for line in PAGE.read_text().splitlines()]
    return {row[0].strip("`"): row[1:] for row in found if len(row) == width}


def test_the_columns_and_keys_are_those_of_the_module() -> None:
    told = rows(3)
    del told["column"]
    assert told == {name: [column.kind, column.text] for name, column in OWN.items()}
    keys = rows(2)
    del keys["key"]
    assert keys == {key: [text] for key, text in {**ANNDATA, **MUDATA}.items()}
    assert list(network().columns) == list(COLUMNS)
    assert [name.removeprefix(BECAUSE) for name in EXPLAINED if name != BASE] == list(GROUPS)


def test_the_formats_are_those_of_the_registry() -> None:
    told = rows(5)
    del told["format"]
    assert list(told) == formats.names()
    for name, (written, holds, read_by, labels) in told.items():
        cls = formats.get(name)
        assert tuple(re.findall(r"`(\.\w+)`", written)) == cls.suffixes
        assert ("--format" in written) == (not cls.by_suffix)
        assert f"{holds}." == (inspect.getdoc(cls) or "").partition("\n")[0]
        assert read_by == cls.read_by
        assert labels == ("yes" if cls.labels else "no")


def test_the_options_of_predict_are_there() -> None:
    """Its commands need runs, which `tests/cli/test_predict.py` makes; here their options are looked up."""
    commands = re.findall(r"^grnpyg predict (.+)$", PAGE.read_text(), re.MULTILINE)
    used = {word for command in commands for word in shlex.split(command, comments=True) if word[0] == "-"}
    known = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", grnpyg("predict", "--help").out))
    assert {"--new", "--per-tf"} <= used <= known


def test_the_commands_run() -> None:
    from anndata import AnnData

    for name in ("mudata", "decoupler"):
        client(name)
    pairs = [(tf, f"G{i}") for tf, first in (("IRF1", 0), ("STAT1", 10)) for i in range(first, first + 8)]
    write_network(network(pairs), Path("network.parquet"))
    names = ["IRF1", "STAT1", *(f"G{i}" for i in range(40))]
    values = np.random.default_rng(0).poisson(2.0, (6, len(names))).astype(np.float32)
    AnnData(values, var=pd.DataFrame(index=names)).write_h5ad("cells.h5ad")
    commands = re.findall(r"^grnpyg ((?!predict).+)$", PAGE.read_text(), re.MULTILINE)  # predict needs runs
    assert len(commands) == 14
    for command in commands:
        options = shlex.split(command)
        assert grnpyg(*options).code == 0, command
        assert Path(options[options.index("-o") + 1]).stat().st_size
    written = {Path(command.split("-o ")[1].split()[0]).suffix for command in commands}
    assert written == {suffix for name in formats.names() for suffix in formats.get(name).suffixes}
