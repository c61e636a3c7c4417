"""The command line and the benchmarks use what users can use: the door and the `__all__` of packages."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
USERS = sorted(path for folder in ("cli", "benchmarks") for path in (REPOSITORY / folder).rglob("*.py"))


def imports(path: Path) -> list[tuple[str, str]]:
    """(module, name) of everything that a file takes from the library, wherever the import stands."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "grnpyg":
            found += [(str(node.module), alias.name) for alias in node.names]
        elif isinstance(node, ast.Import):
            found += [(alias.name, "") for alias in node.names if alias.name.split(".")[0] == "grnpyg"]
    return found


@pytest.mark.skipif(not USERS, reason="needs the command line and the benchmarks of the repository")
def test_they_import_public_names_only() -> None:
    wrong = []
    for path in USERS:
        for module, name in imports(path):
            package = importlib.import_module(module)
            public = hasattr(package, "__path__") and (not name or name in package.__all__)
            if not public:
                wrong.append(f"{path.relative_to(REPOSITORY)}: {module}.{name}")
    assert wrong == []


def test_a_deeper_import_would_be_seen(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("def f():\n    from grnpyg.studies.rows import _read_csv\nimport grnpyg.core.errors\n")
    assert set(imports(script)) == {("grnpyg.studies.rows", "_read_csv"), ("grnpyg.core.errors", "")}
