"""Where the run of a config lies in a folder of runs, and whether it is whole."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from grnpyg.core.errors import InputError
from grnpyg.core.files import sha256, unlinked
from grnpyg.runs.manifest import Manifest


def find_run(runs: Path, hashes: Sequence[str]) -> Path:
    """The directory of a config's run, or where it belongs as long as there is none.

    Args:
        runs: the folder of the run directories; it may be missing.
        hashes: from `grnpyg.resolve.known_hashes`. Under any but the first only a complete run counts.

    Example:
        >>> find_run(Path("runs"), known_hashes(config))
        PosixPath('runs/44136fa355b3')
    """
    own, *others = (runs / hash_ for hash_ in hashes)
    if not own.exists():
        for path in others:
            manifest = Manifest.glance(path)
            if manifest is not None and manifest.status == "complete":
                return path
    return own


def is_damaged(run: Path) -> bool:
    """Whether a run directory is there, but a file of it is missing, empty or not as it was written.

    A process hashes an unchanged file only once.
    """
    if not run.exists():
        return False
    try:
        files = Manifest.load(run).files
        return any(sha256(unlinked(run, name)) != digest for name, digest in files.items())
    except (InputError, OSError):
        return True
