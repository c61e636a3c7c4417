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
    collect._add(new, path, ["study", "cell"], {"a", "b", "c"}, prefer)
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


def test_cells_that_are_others_by_now_are_dropped(collect: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "stored.csv"
    pd.DataFrame({"study": ["s"], "cell": ["x"], "seed": [1], "config_hash": ["gone"]}).to_csv(
        path, index=False
    )
    assert add(collect, path, "seed", [("y", 2, "b")]) == {"y": 2}
