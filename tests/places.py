"""Folders outside the tests: the repository, and copies of public data sets that not everybody has."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("GRNPYG_TEST_DATA") or REPOSITORY.parent / "shared" / "data").absolute()
"""Copies of the catalogue's data sets, laid out like the cache: what `grnpyg data fetch` leaves there."""
CASES = SHARED.parent / "cases"
"""Small files after public bug reports, one folder each: the command, what it is to do, its files."""


def needs(*folders: str) -> pytest.MarkDecorator:
    """Skip a test where the public data sets in these folders of `SHARED` are not at hand."""
    missing = [folder for folder in folders if not (SHARED / folder).is_dir()]
    return pytest.mark.skipif(
        bool(missing), reason=f"needs {' and '.join(missing)} in GRNPYG_TEST_DATA (CONTRIBUTING.md)"
    )
