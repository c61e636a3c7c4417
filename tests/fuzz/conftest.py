"""The files that the readers are tried on, made once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Answer = Callable[..., object]


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a valid file of every kind; it is the current folder of what reads them."""
    from fuzz import seeds

    folder = tmp_path_factory.mktemp("seeds")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        seeds.make(folder)
    return folder


@pytest.fixture
def answer(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Answer:
    """`answer("run graph", "run/graph.safetensors", change)`: read a copy that `change(path)` changed."""
    from fuzz.readers import READERS
    from fuzz.worker import _laid_out

    def read(reader: str, file: str, change: Callable[[Path], object]) -> object:
        path = _laid_out(home, tmp_path / "trial", file)
        change(path)
        return READERS[reader].read(path)

    monkeypatch.chdir(home)
    return read
