"""Which plug-ins of a run may be imported: importing a file runs it, and a run may come from anyone.

The user's trust file lists the SHA-256 of plug-in files, `$XDG_CONFIG_HOME/grnpyg/trusted.json`, by default
in `~/.config`. Writing a run with a plug-in adds its files, and says so.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Literal

from grnpyg.core.errors import InputError, warn
from grnpyg.core.files import sha256, write_text

Trust = Literal["recorded", "all", "remember"]
LIMIT = 1 << 20  # bytes of a trust file
_trust: ContextVar[Trust | None] = ContextVar("trust", default=None)


class UntrustedError(InputError):
    """A run names a plug-in that the user has not trusted; nothing of it was imported."""

    def __init__(self, spec: str, path: Path, digest: str) -> None:
        self.spec, self.path, self.digest = spec, path, digest
        super().__init__(
            f"the run would run the plug-in {spec}, the file {path} with SHA-256 {digest}",
            fix="read the file, then add --trust-plugins (in Python: trust_plugins=True)",
        )


@contextmanager
def trusting(trust: Trust) -> Iterator[None]:
    """Inside the block a plug-in is imported only if it is trusted.

    Args:
        trust: `recorded`: if the trust file lists it; `all`: always; `remember`: always, and list it.
    """
    token = _trust.set(trust)
    try:
        yield
    finally:
        _trust.reset(token)


@contextmanager
def importing(spec: str) -> Iterator[None]:
    """Check a `module:Class` before its import, and find modules of the current folder in the block only.

    A module that is imported already runs no code and is not checked.

    Raises:
        InputError: inside `trusting`: not trusted, or not found; nothing of it was imported.
    """
    module, here = spec.partition(":")[0].removesuffix(".py"), str(Path.cwd())
    trust, path, cache = _trust.get(), list(sys.path), (sys.pycache_prefix, sys.dont_write_bytecode)
    if trust is not None:
        _check(module, spec, trust)
        # what was hashed is the source: compiled files beside it are not read
        sys.pycache_prefix, sys.dont_write_bytecode = str(trust_file().parent / "no-such-folder"), True
    if here not in path:
        sys.path.insert(0, here)
    try:
        yield
    finally:
        if here not in path and here in sys.path:
            sys.path.remove(here)
        sys.pycache_prefix, sys.dont_write_bytecode = cache


def trust_file() -> Path:
    """The user's list of trusted plug-ins; it may be missing."""
    configured = os.environ.get("XDG_CONFIG_HOME")
    return (Path(configured) if configured else Path.home() / ".config") / "grnpyg" / "trusted.json"


def plugin_files(module: str) -> list[Path] | None:
    """The files that importing a module would run: its own and those of the packages around it.

    Nothing is imported. None: there is no such module.
    """
    found: list[Path] = []
    where: list[str] | None = [str(Path.cwd()), *sys.path]
    name = ""
    for part in module.split("."):
        name = f"{name}.{part}" if name else part
        spec = importlib.machinery.PathFinder.find_spec(name, where)
        if spec is None and name == part:
            spec = importlib.util.find_spec(name)  # installed for development
        if spec is None:
            return None
        if spec.has_location and spec.origin:
            found.append(Path(spec.origin))
        where = None if spec.submodule_search_locations is None else list(spec.submodule_search_locations)
        if where is None and name != module:
            return None
    return found


def _check(module: str, spec: str, trust: Trust) -> None:
    if module in sys.modules and trust == "recorded":
        return
    try:
        files = plugin_files(module)
        hashes = {path: sha256(path) for path in files or ()}
    except (OSError, ValueError) as error:
        if trust != "recorded":
            return
        raise InputError(f"cannot be read ({error})", where=spec) from None
    if trust == "recorded":
        if not files:
            raise InputError(
                f"no module {module!r}",
                where=spec,
                fix=f"run the command in the folder that holds {module}.py, or install it",
            )
        known = _known()
        for path, digest in hashes.items():
            if digest not in known:
                raise UntrustedError(spec, path, digest)
    elif trust == "remember":
        known = _known()
        if new := {digest: str(path) for path, digest in hashes.items() if digest not in known}:
            with suppress(OSError):  # without a home, such runs need --trust-plugins
                trust_file().parent.mkdir(parents=True, exist_ok=True)
                write_text(trust_file(), f"{json.dumps(known | new, indent=2)}\n")
                for name in new.values():
                    warn(
                        f"runs with the plug-in {name} are opened without --trust-plugins from now on",
                        fix=f"remove its line from {trust_file()} if you do not want that",
                    )


def _known() -> dict[str, str]:
    """SHA-256 -> path at that time."""
    file = trust_file()
    try:
        content = json.loads(file.read_text()) if file.stat().st_size <= LIMIT else None
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
