"""Read a network, its summary and its runs; nothing outside the folder is read, and nothing is executed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from grnpyg.core.errors import InputError
from grnpyg.core.files import sha256, unlinked
from grnpyg.networks import read_network
from grnpyg.networks.keys import IMPORTANCE, KNOWN, PROBABILITY
from grnpyg.pipeline.complete import NETWORK, RUNS, SUMMARY
from grnpyg.runs import Manifest, Run
from grnpyg.runs.tables import require_unchanged

LIMIT = 1 << 24  # bytes of a summary
AGAIN = "call `grnpyg network` again: it makes what is missing"
NEEDED = {"gains": list, "runs": list, "files": dict, "seeds": list}


@dataclass(frozen=True)
class NetworkSource:
    """A network that was read.

    Attributes:
        path: the folder, or the file of a network alone.
        edges: the network table, best first.
        summary: of the folder; None for a file.
        run: the first training of the folder; None for a file.
    """

    path: Path
    edges: pd.DataFrame
    summary: dict[str, Any] | None = None
    run: Run | None = None

    @property
    def new(self) -> pd.DataFrame:
        """The edges that the labels do not name."""
        return self.edges[~self.edges[KNOWN].astype(bool)] if KNOWN in self.edges else self.edges

    @property
    def noun(self) -> str:
        """What the pairs of `new` are called: a table may not say which edges are known."""
        return "new edges" if KNOWN in self.edges else "edges"

    @property
    def has_probabilities(self) -> bool:
        """Whether the new edges have a probability."""
        return PROBABILITY in self.edges and bool(self.new[PROBABILITY].notna().any())

    @property
    def manifest(self) -> Manifest | None:
        """Of the first training."""
        return None if self.run is None else self.run.manifest


def read_folder(folder: Path, *, trust_plugins: bool = False) -> NetworkSource:
    """A folder that `grnpyg network` wrote.

    Args:
        folder: with the table, its summary and its runs.
        trust_plugins: run the plug-in files that a run names.

    Raises:
        InputError: a file is missing, damaged, or was changed after it was written.
    """
    summary = _summary(unlinked(folder, SUMMARY), folder)
    file = unlinked(folder, NETWORK)
    if not file.is_file():
        raise InputError(f"is half a network: {NETWORK} is missing", where=folder, fix=AGAIN)
    if sha256(file) != summary["files"].get(NETWORK):
        fix = f"{AGAIN}; or name {file} itself"
        raise InputError(f"{NETWORK} was changed after {SUMMARY} was written", where=folder, fix=fix)
    runs = tuple(unlinked(folder, RUNS, _run_name(entry, folder)) for entry in summary["runs"])
    for run in runs:
        manifest = Manifest.load(run)
        for name in manifest.files:
            require_unchanged(run, name, manifest)
    first = Run.load(runs[0], trust_plugins=trust_plugins) if runs else None
    return NetworkSource(folder, _numbered(read_network(file)), summary, first)


def read_file(file: Path) -> NetworkSource:
    """A file that `grnpyg predict` or another tool wrote.

    Raises:
        InputError: it holds no network.
    """
    return NetworkSource(file, _numbered(read_network(file)))


def _numbered(edges: pd.DataFrame) -> pd.DataFrame:
    """The table best first, with places, without the columns that hold nothing."""
    edges = edges.dropna(axis="columns", how="all")
    if "rank" in edges:
        edges = edges.sort_values("rank", kind="stable").reset_index(drop=True)
    elif IMPORTANCE in edges:
        edges = edges.sort_values(IMPORTANCE, ascending=False, kind="stable").reset_index(drop=True)
    return edges


def _summary(file: Path, folder: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text()) if file.stat().st_size <= LIMIT else None
    except FileNotFoundError:
        raise InputError(f"is half a network: {SUMMARY} is missing", where=folder, fix=AGAIN) from None
    except (OSError, ValueError, RecursionError):
        content = None
    if not isinstance(content, dict) or not all(isinstance(content.get(k), t) for k, t in NEEDED.items()):
        raise InputError(f"{SUMMARY} is not readable", where=folder, fix=AGAIN)
    return content


def _run_name(entry: object, folder: Path) -> str:
    name = Path(str(entry)).name
    if str(entry) != f"{RUNS}/{name}" or name in ("", "..", "."):
        raise InputError(f"{SUMMARY} names a run elsewhere", where=folder, fix=AGAIN)
    return name
