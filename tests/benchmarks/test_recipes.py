"""What the recipes are said to reach is what the stored rows say."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

from grnpyg.recipes import MEASURED, recipe_names

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
pytestmark = pytest.mark.skipif(not BENCHMARKS.is_dir(), reason="needs the benchmarks of the repository")


def test_measured_is_what_the_stored_rows_give(
    script: Callable[[Path], AbstractContextManager[ModuleType]],
) -> None:
    with script(BENCHMARKS / "recipes.py") as module:
        table = module.table()
    assert set(table["recipe"]) <= set(recipe_names())
    text = table.to_csv(index=False, float_format="%.4f")
    pd.testing.assert_frame_equal(pd.read_csv(io.StringIO(text)), pd.read_csv(MEASURED))
