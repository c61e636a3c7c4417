"""A run directory that is named by the user, not by the hash of its config."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from grnpyg.core.errors import InputError
from grnpyg.core.files import unlinked
from grnpyg.runs import FILES, OPTIMIZER, Manifest
from grnpyg.runs.manifest import NAME


def require_run(folder: Path, hashes: Sequence[str], *, overwrite: bool) -> None:
    """Check that a folder that was named for a run holds nothing, or a run of this config.

    Args:
        folder: it may be missing.
        hashes: of the config, see `known_hashes`.
        overwrite: a run of another config may be replaced. Nothing else ever is.

    Raises:
        InputError: it is a file, or holds something else.
    """
    unlinked(folder.parent, folder.name)
    if not folder.exists():
        return
    names = {path.name for path in folder.iterdir()} if folder.is_dir() else {""}
    fix = "name a folder of its own for each run"
    if not names <= {*FILES, OPTIMIZER, NAME}:
        raise InputError("holds something that is no run", where=f"--run-dir {folder}", fix=fix)
    manifest = Manifest.glance(folder)
    if manifest is not None and manifest.config_hash not in hashes and not overwrite:
        raise InputError(
            "holds the run of another config", where=f"--run-dir {folder}", fix=f"{fix}, or add --overwrite"
        )
