"""Folders outside the tests: the repository, and copies of public data sets that not everybody has."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("GRNPYG_TEST_DATA") or REPOSITORY.parent / "shared" / "data").absolute()
"""Copies of the catalogue's data sets, laid out like the cache: what `grnpyg data fetch` leaves there."""

needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="needs GRNPYG_TEST_DATA (see CONTRIBUTING.md)")
