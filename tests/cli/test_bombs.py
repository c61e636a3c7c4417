"""Small files that would take all memory or all time: refused in one line before anything is built."""

from __future__ import annotations

import struct
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cli.command import refused
from cli.test_foreign_runs import seal

from grnpyg.core.config_file import override, read_yaml
from grnpyg.core.errors import InputError
from grnpyg.runs import Manifest, read_metrics

ALIASES = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
MERGES = "a: &a {x: 1}\n" + "".join(
    f"{name}: &{name} {{<<: [{', '.join([f'*{before}'] * 9)}]}}\n"
    for before, name in zip("abcdefghijkl", "bcdefghijklm", strict=True)
)
YAML = {
    "aliases": (ALIASES, "aliases|values"),
    "merge keys": (MERGES, "aliases|values"),
    "recursion": ("a: &a [*a]\n", "holds itself"),
    "depth": ("[" * 50_000, "not YAML"),
    "length": (f"a: '{'x' * (1 << 20)}'\n", "1 MB"),
}


@pytest.mark.parametrize("kind", YAML)
def test_a_config_that_grows(kind: str, tmp_path: Path) -> None:
    text, says = YAML[kind]
    (tmp_path / "config.yaml").write_text(text)
    with pytest.raises(InputError, match=says):
        read_yaml(tmp_path / "config.yaml")


def test_a_run_whose_config_grows(run: Path) -> None:
    (run / "config.yaml").write_text(ALIASES)
    seal(run)
    refused("eval", run, says=("config.yaml", "alias"))


def test_an_assignment_that_holds_itself() -> None:
    with pytest.raises(InputError, match="holds itself"):
        override({}, ["seed=&a [*a]"])


def test_aliases_of_an_ordinary_config_are_read(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("a: &a {x: 1}\nb: {<<: *a, y: 2}\nc: *a\n")
    assert read_yaml(tmp_path / "config.yaml") == {"a": {"x": 1}, "b": {"x": 1, "y": 2}, "c": {"x": 1}}


def test_a_table_of_a_run_that_grows(run: Path) -> None:
    one = pa.table({name: pa.nulls(1 << 20) for name in ("part", "regime", "row", "metric", "value")})
    with pq.ParquetWriter(run / "metrics.parquet", one.schema) as file:
        for _ in range(1 << 8):
            file.write_table(one)
    assert (run / "metrics.parquet").stat().st_size < 1 << 22
    seal(run)
    with pytest.raises(InputError, match=r"metrics.parquet: declares 268,435,456 rows"):
        read_metrics(run, Manifest.load(run))


def test_a_table_of_a_run_that_is_none(run: Path) -> None:
    (run / "metrics.parquet").write_bytes(b"PAR1 no table PAR1")
    seal(run)
    with pytest.raises(InputError, match=r"metrics.parquet: not a readable table"):
        read_metrics(run, Manifest.load(run))


@pytest.mark.parametrize("name", ["model.safetensors", "graph.safetensors", "split.safetensors"])
@pytest.mark.parametrize("header", [1 << 40, 100], ids=["long header", "long tensor"])
def test_tensors_larger_than_their_file(run: Path, name: str, header: int) -> None:
    tensor = b'{"x":{"dtype":"F32","shape":[1000000000000],"data_offsets":[0,4000000000000]}}'.ljust(100)
    (run / name).write_bytes(struct.pack("<Q", header) + tensor)
    seal(run)
    refused("predict", run, says=(name, "readable"))


@pytest.mark.parametrize("option", ["encoder.embedding_dim", "head.hidden_channels", "head.out_channels"])
def test_a_width_that_no_memory_holds(work: Path, option: str) -> None:
    line = refused("train", "--config", "small.yaml", "--set", f"{option}=100000000000")
    assert option.rpartition(".")[2] in line
