"""The scripts of the benchmarks as modules."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def script() -> Callable[[Path], AbstractContextManager[ModuleType]]:
    """`with script(path) as module`: a script, its neighbours importable as they are when it runs."""

    @contextmanager
    def load(path: Path) -> Iterator[ModuleType]:
        sys.path.insert(0, str(path.parent))
        try:
            yield importlib.import_module(path.stem)
        finally:
            sys.path.remove(str(path.parent))
            for neighbour in path.parent.glob("*.py"):  # another folder may have one of the same name
                sys.modules.pop(neighbour.stem, None)

    return load
