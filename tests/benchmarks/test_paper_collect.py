"""What `collect.py` keeps where several runs stand for the same place of a stored table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

PAPER = Path(__file__).resolve().parents[2] / "benchmarks" / "paper"
pytestmark = pytest.mark.skipif(not PAPER.is_dir(), reason="needs the benchmarks of the repository")


@pytest.fixture(scope="module")
def collect(script: Callable[[Path], AbstractContextManager[ModuleType]]) -> Iterator[ModuleType]:
    with script(PAPER / "collect.py") as module:
        yield module


def add(collect: ModuleType, path: Path, column: str, lines: list[tuple[str, int, str]]) -> dict[str, int]:
    """Add (cell, value, config hash); what the file then says of each cell."""
    prefer = {"seeds": collect._members, "seed": collect._first_seed, "at": None}[column]
    names = ("study", "cell", column, "config_hash")
    new = pd.DataFrame([dict(zip(names, ("s", *line), strict=True)) for line in lines])
    collect._add(new, path, ["study", "cell"], frozenset("abc"), prefer)
    stored = pd.read_csv(path)
    assert stored["cell"].is_unique
    return dict(zip(stored["cell"], stored[column], strict=True))


@pytest.mark.parametrize(
    ("column", "kept"),
    [
        ("seeds", {"x": 5, "y": 4, "z": 1}),
        ("seed", {"x": 3, "y": 2, "z": 1}),
        ("at", {"x": 3, "y": 4, "z": 1}),
    ],
)
def test_larger_ensembles_first_seeds_and_otherwise_new_rows_are_kept(
    collect: ModuleType, tmp_path: Path, column: str, kept: dict[str, int]
) -> None:
    path = tmp_path / "stored.csv"
    add(collect, path, column, [("x", 5, "a"), ("y", 2, "b")])
    assert add(collect, path, column, [("x", 3, "a"), ("y", 4, "b"), ("z", 1, "c")]) == kept
    before = path.read_bytes()
    add(collect, path, column, [])
    assert path.read_bytes() == before


def test_rows_of_trials_that_are_others_by_now_stay_behind_the_new_ones_and_are_counted(
    collect: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "stored.csv"
    old = {"study": ["s"], "cell": ["y"], "seed": [1], "config_hash": ["gone"]}
    pd.DataFrame(old).to_csv(path, index=False)
    for _ in range(2):
        collect._add(
            pd.DataFrame({**old, "seed": [2], "config_hash": ["b"]}),
            path,
            ["study", "cell"],
            frozenset("abc"),
            collect._first_seed,
        )
        table = pd.read_csv(path)
        assert list(zip(table["seed"], table["config_hash"], strict=True)) == [(2, "b"), (1, "gone")]
        (line,) = capsys.readouterr().err.splitlines()
        assert "stored.csv: 1 stored rows of 1 trials that the study does not have" in line
        assert "s y gone" in line


def test_readers_leave_such_rows_out(collect: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "curves.csv"
    (known, *_) = sorted(collect.stored.hashes())
    found = [known, "gone", f"{known} {known}", f"{known} gone"]
    pd.DataFrame({"config_hash": found}).to_csv(path, index=False)
    assert list(collect.stored.read(path)["config_hash"]) == [known, f"{known} {known}"]
