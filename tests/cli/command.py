"""Run `grnpyg` inside this process as the installed script would, and judge how it answers bad input."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import traceback
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

QUIET = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)


@dataclass(frozen=True)
class Result:
    """What a shell would see of a command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON object on stdout; fails on anything else there."""
        assert self.code == 0, self.err
        content = json.loads(self.out, parse_constant=_no_constant)
        assert isinstance(content, dict)
        return content


def grnpyg(*arguments: object) -> Result:
    """Run the command; an exception that reaches the top is a traceback and exit 1, as in Python itself."""
    from grnpyg_cli.main import main

    out, err = io.StringIO(), io.StringIO()
    argv, path, modules = sys.argv, list(sys.path), set(sys.modules)
    sys.argv = ["grnpyg", *map(str, arguments)]
    code: object = 0
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), _warnings_on_stderr():
            try:
                main()
            except SystemExit as end:
                code = end.code
            except pytest.skip.Exception:
                raise  # --fast
            except BaseException:
                traceback.print_exc()
                code = 1
    finally:
        sys.argv, sys.path[:] = argv, path
        for name in set(sys.modules) - modules:  # plug-ins of this test's folder
            if not name.startswith("grnpyg") and str(getattr(sys.modules[name], "__file__", "")).startswith(
                str(Path.cwd())
            ):
                del sys.modules[name]
    return Result(int(code or 0), out.getvalue(), err.getvalue())  # type: ignore[call-overload]


HEAVY = ("torch", "pandas", "numpy", "scanpy", "sklearn")


def said_without_heavy_imports(*arguments: object) -> Any:
    """The JSON of a command in a process of its own, which may not import what takes seconds."""
    code = (
        "import sys; from grnpyg_cli.main import main\n"
        f"sys.argv = {['grnpyg', *map(str, arguments)]!r}\n"
        "try: main()\n"
        f"finally: print(sorted(set({HEAVY}) & set(sys.modules)), file=sys.stderr)\n"
    )
    paths = os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path)
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": paths},
    )
    assert done.stderr.strip() == "[]", done.stderr
    return json.loads(done.stdout)


def refused(*arguments: object, says: tuple[str, ...] = ()) -> str:
    """Run the command, which has to refuse its input; returns the one line that it says.

    Exit 2, one line `error: ...` at the end of stderr (the report on the data may come before it), no
    warning, nothing on stdout, and the current folder as it was before.
    """
    before = contents(Path.cwd())
    result = grnpyg(*arguments)
    shown = f"grnpyg {' '.join(map(str, arguments))}\n{result.err}"
    assert "Traceback" not in result.err, shown
    assert result.code == 2, shown
    *report, line = result.err.splitlines()
    assert line.startswith("error: "), shown
    assert not [other for other in report if other.startswith("error: ") or "Warning: " in other], shown
    assert result.out == "", shown
    for text in says:
        assert text.lower() in line.lower(), f"{text!r} is not in: {shown}"
    assert contents(Path.cwd()) == before, shown
    return line


def contents(folder: Path) -> dict[str, tuple[int, int] | None]:
    """Every path below a folder, files with size and time of change; without what Python caches."""

    def state(path: Path) -> tuple[int, int] | None:
        # a lock is opened to be tried
        return (
            None if path.is_dir() or path.name == "lock" else (path.stat().st_size, path.stat().st_mtime_ns)
        )

    paths = [path for path in sorted(folder.rglob("*")) if "__pycache__" not in path.parts]
    found = {path.relative_to(folder): state(path) for path in paths}
    # the cache of data sets lies in the folder of a test, and prepared cells in it
    return {str(path): own for path, own in found.items() if path.parts[:2] != ("cache", "prepared")}


def _no_constant(name: str) -> float:
    raise AssertionError(f"{name} is not JSON")


@contextlib.contextmanager
def _warnings_on_stderr() -> Iterator[None]:
    """Show warnings as Python does outside pytest: they would be lines that nobody can act on."""
    with warnings.catch_warnings():
        warnings.resetwarnings()
        for category in QUIET:
            warnings.simplefilter("ignore", category)

        def show(message: Any, category: type[Warning], *where: Any, **_: Any) -> None:
            print(f"{category.__name__}: {message}", file=sys.stderr)

        warnings.showwarning = show
        yield
