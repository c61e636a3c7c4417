"""The stored tables of the paper's studies, without the rows of trials that are others by now."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from grnpyg.studies import read_study

STUDIES = Path(__file__).resolve().parent / "studies"


@cache
def hashes() -> frozenset[str]:
    """Every config hash of a trial; without those of trials whose widths the data decide."""
    studies = [read_study(path) for path in sorted(STUDIES.glob("*.yaml"))]
    return frozenset(hash_ for study in studies for trial in study.trials for hash_ in trial.known_hashes)


def is_current(table: pd.DataFrame, current: frozenset[str]) -> pd.Series:
    """Which rows are of such trials; a row of several runs has their hashes with spaces between them."""
    of_rows = [current.issuperset(str(text).split()) for text in table["config_hash"]]
    return pd.Series(of_rows, table.index, dtype=bool)


def read(path: Path, **options: Any) -> pd.DataFrame:
    """The current rows of a table; `options` are those of `pd.read_csv`."""
    table = pd.read_csv(path, **options)
    return table[is_current(table, hashes())]
