"""The tables of a run directory, read without loading torch: metrics, epochs and predictions.

The columns `part`, `regime` and `row` of the files are `subset`, `setting` and `method` in memory.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

import pandas as pd

from grnpyg.core.errors import InputError
from grnpyg.core.files import sha256, unlinked
from grnpyg.metrics.gains import renamed
from grnpyg.runs.manifest import AGAIN, Manifest
from grnpyg.runs.parquet import read

METRICS, EPOCHS, PREDICTIONS = "metrics.parquet", "epochs.parquet", "predictions.parquet"
METRIC_COLUMNS = ["subset", "setting", "method", "metric", "value"]
STORED = {"subset": "part", "setting": "regime", "method": "row"}  # names of columns in the files
_READ = {stored: name for name, stored in STORED.items()}


def require_unchanged(run: Path, name: str, manifest: Manifest) -> Path:
    """The path of a run's file, which is what the manifest says.

    Raises:
        InputError: the file is missing, cannot be read, or was changed after the run was written.
    """
    try:
        digest = sha256(unlinked(run, name))
    except FileNotFoundError:
        raise InputError(f"incomplete run: {name} is missing", where=run, fix=AGAIN) from None
    except OSError as error:
        raise InputError(f"{name} cannot be read ({error.strerror})", where=run, fix=AGAIN) from None
    if digest != manifest.files.get(name):
        raise InputError(f"{name} was changed after the run was written", where=run, fix=AGAIN)
    return run / name


def read_metrics(run: Path, manifest: Manifest) -> pd.DataFrame:
    """Every metric of a run as one line, in the order in which they are stored.

    Args:
        run: the run directory.
        manifest: of the same run.

    Returns:
        Columns `subset setting method metric value`; metrics have the names of this version.

    Raises:
        InputError: see `require_unchanged`.
    """
    table = _read(require_unchanged(run, METRICS, manifest), METRIC_COLUMNS[:-1], ["value"])
    return table.assign(metric=table["metric"].map(renamed))


def selected(
    metrics: pd.DataFrame,
    subset: str | None = None,
    settings: Collection[str] | None = None,
    methods: Collection[str] | None = None,
) -> pd.DataFrame:
    """The lines of a subset, of some settings and of some methods; None stands for all."""
    wanted = {"subset": None if subset is None else [subset], "setting": settings, "method": methods}
    for column, values in wanted.items():
        if values is not None:
            metrics = metrics[metrics[column].isin(values)]
    return metrics.reset_index(drop=True)


def read_epochs(run: Path, manifest: Manifest) -> pd.DataFrame:
    """One line per epoch: `epoch loss val_<metric> ... val_<metric>@<setting> ... seconds`.

    Raises:
        InputError: see `require_unchanged`.
    """
    return _read(require_unchanged(run, EPOCHS, manifest), [], ["epoch", "seconds"])


def read_predictions(run: Path, manifest: Manifest) -> pd.DataFrame:
    """The stored logit of every evaluation pair: `setting subset TF target label logit`.

    Raises:
        InputError: see `require_unchanged`.
    """
    words, numbers = ["setting", "subset", "TF", "target"], ["label", "logit"]
    return _read(require_unchanged(run, PREDICTIONS, manifest), words, numbers)


def _read(path: Path, words: list[str], numbers: list[str]) -> pd.DataFrame:
    """A table with these columns."""
    table = read(path).rename(columns=_READ)
    try:
        require_columns(table, words, numbers)
    except ValueError as error:
        raise InputError(f"not a readable table ({error})", where=path, fix=AGAIN) from None
    return table


def require_columns(table: pd.DataFrame, words: Iterable[str], numbers: Iterable[str]) -> None:
    """Check that a table has some columns, of texts and of numbers.

    Raises:
        ValueError: one is missing, is there twice, or holds something else.
    """
    names = list(table.columns)
    for name in (*words, *numbers):
        if names.count(name) != 1:
            raise ValueError(f"{names.count(name)} columns {name}")
    for name in words:
        if not all(isinstance(value, str) for value in table[name]):
            raise ValueError(f"the column {name} holds other values than words")
    for name in numbers:
        if len(table) and not pd.api.types.is_numeric_dtype(table[name]):  # an empty one has no kind
            raise ValueError(f"the column {name} holds other values than numbers")


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table of a run with the columns of its file."""
    table.rename(columns=STORED).to_parquet(path, index=False)
