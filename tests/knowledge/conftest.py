from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from knowledge.tables import forget, network, stand_in, write
from torch_geometric.data import HeteroData


@pytest.fixture
def tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Tiny tables in place of all bundled and fetched ones."""
    folder = tmp_path / "tables"
    folder.mkdir()
    write(folder)
    stand_in(monkeypatch, folder)
    yield folder
    forget()


@pytest.fixture
def graph() -> HeteroData:
    return network()
