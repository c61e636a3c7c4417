"""What the contracts of `lint-imports` (pyproject.toml) cannot say about the layers of the library."""

from __future__ import annotations

import ast
from pathlib import Path

import grnpyg

PACKAGE = Path(grnpyg.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))


def imported(path: Path) -> set[tuple[str, str]]:
    """(module, name) of every `from module import name` in a file, wherever it stands."""
    found = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)]
    return {(node.module or "", alias.name) for node in found for alias in node.names}


def test_the_top_level_stays_easy_to_survey() -> None:
    names = {path.stem if path.suffix == ".py" else path.name for path in PACKAGE.iterdir()}
    names -= {"__init__", "__init__.pyi", "__pycache__", "py.typed"}
    assert len(names) <= 21, sorted(names)


def test_no_module_enters_through_the_front_door() -> None:
    """`from grnpyg import evaluate` inside the library would tie every layer to all others."""
    parts = {path.stem for path in PACKAGE.iterdir()}
    through = {
        f"{path.relative_to(PACKAGE)}: {name}"
        for path in MODULES
        for module, name in imported(path)
        if module == "grnpyg" and name not in parts
    }
    assert through == set()
