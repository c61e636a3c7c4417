"""docs/shards.md: its commands, its query and its Python run, and the columns are those of a part."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from cli.command import grnpyg
from networks.tables import client
from places import REPOSITORY

PAGE = REPOSITORY / "docs" / "shards.md"
pytestmark = pytest.mark.skipif(not PAGE.is_file(), reason="needs the documents of the repository")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.+?)```", PAGE.read_text(), re.DOTALL)


def test_the_page_does_what_it_says(trained: Any, work: Path) -> None:
    commands = [line for block in blocks("sh") for line in block.splitlines()]
    assert len(commands) == 10
    for command in commands:
        words = shlex.split(command, comments=True)[1:]
        words = [str(trained.run) if word.startswith("runs/") else word for word in words]
        assert grnpyg(*words).code == 0, command
    one = (Path("net/names.parquet"), Path("shared/names.parquet"))
    assert one[0].read_bytes() == one[1].read_bytes()
    assert len(list(Path("shared").glob("part-*.parquet"))) == 3
    assert len(Path("best.tsv").read_text().splitlines()) == 1001
    told = re.findall(r"^\| `([a-z_]+)`(?:, `([a-z_]+)`)? \| \w+ \|", PAGE.read_text(), re.MULTILINE)
    columns = [name for pair in told for name in pair if name]
    assert columns == pq.read_schema("net/part-00000.parquet").names
    for package in ("duckdb", "polars"):
        client(package)
    (query,) = blocks("sql")
    assert len(client("duckdb").sql(query).fetchall()) == 10
    (code,) = blocks("python")
    names: dict[str, Any] = {}
    exec(code, names)
    assert names["best"].height == 10 * 15
