"""What lies in the folder that a run is made in, `runs/.partial/<hash>`, until the run is complete."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from grnpyg.core.claims import is_claim
from grnpyg.core.errors import InputError
from grnpyg.core.files import unlinked
from grnpyg.core.locks import LOCK

LAST = "last.ckpt"  # the checkpoint of an unfinished run


def empty(folder: Path) -> None:
    """Remove everything but the lock and the claim."""
    for path in unlinked(folder.parent, folder.name).iterdir():
        if path.name != LOCK and not is_claim(path):
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def require_same_origin(scratch: Path, origin: dict[str, Any]) -> None:
    """Let a run go on only with the data, plug-ins and devices that it began with.

    Raises:
        InputError: something of it has changed.
    """
    file = unlinked(scratch, "origin.json")
    unlinked(scratch, LAST)
    if not (scratch / LAST).exists():
        file.write_text(json.dumps(origin))
    elif file.exists():
        try:
            before = json.loads(file.read_text())
        except (ValueError, RecursionError):
            before = None
        for key in origin:
            if not isinstance(before, dict) or before.get(key) != origin[key]:
                raise InputError(
                    f"its {key} changed since the run was interrupted",
                    where=scratch,
                    fix="put them back, remove the folder, or start again with --overwrite",
                )
