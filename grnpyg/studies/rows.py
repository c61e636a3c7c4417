"""The rows of a study: one for every trial, regime and table row (model or baseline), metrics as columns."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from grnpyg.core.errors import InputError, examples
from grnpyg.core.spreadsheet import bare, shielded
from grnpyg.core.tables import write_table
from grnpyg.metrics.gains import GAINS, renamed
from grnpyg.runs import Manifest, read_metrics
from grnpyg.runs.parquet import read as read_parquet
from grnpyg.runs.tables import require_columns
from grnpyg.studies.store import Store
from grnpyg.studies.study import Study
from grnpyg.studies.trial import Trial

METRICS = (
    *GAINS,
    "auroc",
    "ap",
    "accuracy",
    "f1",
    "distinct_scores",
    "positives",
    "negatives",
)  # then others
OF_THE_RUN = ("parameters", "best_epoch", "epochs", "seconds", "config_hash", "run_seed", "leaks", "threads")
COUNTS = ("parameters", "best_epoch", "epochs")
SUFFIXES = (".csv", ".parquet")
Say = Callable[[str], None]


def to_stderr(line: str) -> None:
    """A line on standard error."""
    print(line, file=sys.stderr)


def study_rows(study: Study, runs: Path, part: str = "test") -> pd.DataFrame:
    """Read the runs of the trials that are done.

    Args:
        study: from `read_study`.
        runs: folder of the run directories.
        part: a held-out part; `test` stands for all test subsets, each with its own rows.

    Returns:
        One row per (trial, part, regime, row), in the order of the trials. Columns: `study`, the axes
        (names of levels), `part regime row`, the metrics (nan where a row has none), `parameters
        best_epoch epochs seconds` (of the model, empty for baselines), `config_hash run_seed threads`,
        `leaks` (names joined by commas), and the version of every package.

    Raises:
        InputError: metrics that cannot be read or were changed after they were written, two runs that read
            different contents of the same input, or an axis with the name of a column.
    """
    store = Store(runs)
    manifests = [(trial, store.manifest(trial)) for trial in study.trials]
    done = [(trial, manifest) for trial, manifest in manifests if manifest is not None]
    for trial, manifest in manifests:
        if manifest is None:
            store.refuse_damage(trial)
    _require_same_inputs(done)
    metrics, versions = set[str](), set[str]()
    records: list[dict[str, Any]] = []
    for trial, manifest in done:
        about = _about(trial, manifest)
        versions |= manifest.versions.keys()
        for found, regime, row, values in _metrics(store.path(trial), manifest, part):
            metrics |= values.keys()
            own = about if _is_model(row) else {**about, **dict.fromkeys((*COUNTS, "seconds"))}
            place = {"study": study.name, **trial.levels, "part": found, "regime": regime, "row": row}
            records.append({**place, **values, **own, **manifest.versions})
    if clash := set(study.axes) & (metrics | versions):
        raise InputError(f"an axis cannot be called {clash.pop()!r}", where=f"study {study.name}")
    named = [*(m for m in METRICS if m in metrics), *sorted(metrics - set(METRICS))]
    columns = ["study", *study.axes, "part", "regime", "row", *named, *OF_THE_RUN, *sorted(versions)]
    rows = pd.DataFrame(records, columns=columns).astype(dict.fromkeys(COUNTS, "Int64"))
    return with_gains(study, rows)


def read_rows(study: Study, path: Path, part: str = "test", say: Say = to_stderr) -> pd.DataFrame:
    """Read the rows of a study from a file that `write_rows` wrote, to the bit.

    Rows that do not belong to the study any more are left out and counted: their trial is gone, or has
    another config by now.

    Args:
        study: from `read_study`.
        path: a `.csv` or `.parquet` file.
        part: see `study_rows`.
        say: gets the warning about rows that are left out, one line.

    Raises:
        InputError: the file cannot be read or holds no rows of this study.
    """
    rows = _read_table(study, path)
    current = belonging(study, rows)
    if warning := orphans(rows[~current], study.axes, path.name):
        say(warning)
    rows = rows[current & _is_of(rows["part"], part)].reset_index(drop=True)
    _require_unique(study, rows, path)
    return with_gains(study, _with_leaks(study, rows))


def _with_leaks(study: Study, rows: pd.DataFrame) -> pd.DataFrame:
    """Stored rows with every leak of their config; versions before 0.2.0 did not know all of them."""
    leaks = {tuple(trial.levels.values()): trial.config.leaks for trial in study.trials}
    places = rows[list(study.axes)].itertuples(index=False, name=None)
    named = [
        ",".join(sorted({*leaks[place], *filter(None, stored.split(","))}))
        for place, stored in zip(places, rows["leaks"], strict=True)
    ]
    return rows.assign(leaks=named)


def belonging(study: Study, rows: pd.DataFrame) -> pd.Series:
    """Which rows are of a trial that the study has, trained with the config that the trial has now.

    Args:
        study: from `read_study`. Of a trial whose widths are not matched to the data yet, the hash that comes
            first in the table is taken as its own.
        rows: with the columns `study`, the axes and `config_hash`.
    """
    hashes = {tuple(trial.levels.values()): trial.known_hashes for trial in study.trials}
    kept = []
    for name, hash_, *levels in rows[["study", "config_hash", *study.axes]].itertuples(index=False):
        place = tuple(levels)
        own = name == study.name and place in hashes
        if own and not hashes[place]:
            hashes[place] = (hash_,)
        kept.append(own and hash_ in hashes[place])
    return pd.Series(kept, rows.index, dtype=bool)


def orphans(rows: pd.DataFrame, axes: Iterable[str], file: str) -> str:
    """The warning about rows that belong to no trial of a study, in one line; empty where there are none.

    Args:
        rows: those that `belonging` is false for.
        axes: the columns that name the trial.
        file: name of the table.
    """
    if rows.empty:
        return ""
    named = rows[[*axes, "config_hash"]].drop_duplicates()
    trials = [" ".join(map(str, line)) for line in named.itertuples(index=False)]
    return (
        f"warning: {file}: {len(rows):,} stored rows of {len(trials)} trials that the study does not have "
        f"any more ({examples(trials)}); they stay in the file and are left out of tables. Restore these "
        "trials in the study, or remove the rows"
    )


def _read_table(study: Study, path: Path, fix: str = "write it with `study export`") -> pd.DataFrame:
    """All rows of a file; `fix` says what to do where it holds something else."""
    words = ("study", *study.axes, "part", "regime", "row", "config_hash", "leaks")
    if path.exists() and not path.is_file():
        raise InputError("is not a file", where=path, fix=fix)
    try:
        rows = read_parquet(path) if path.suffix == ".parquet" else _read_csv(path, words)
        require_columns(
            rows, [name for name in words if name in rows], [name for name in COUNTS if name in rows]
        )
    except InputError as error:
        raise InputError(error.what, where=path, fix=fix) from None
    except (OSError, ValueError, TypeError) as error:
        raise InputError(
            f"not a table of rows ({' '.join(str(error).split())})", where=path, fix=fix
        ) from None
    if missing := [name for name in (*words, *OF_THE_RUN) if name not in rows]:
        raise InputError(f"has no column {missing[0]!r}", where=path, fix=fix)
    return rows.rename(columns=renamed)


def _require_unique(study: Study, rows: pd.DataFrame, path: Path) -> None:
    if rows.duplicated([*study.axes, "part", "regime", "row"]).any():
        raise InputError("holds a row twice", where=path, fix="write it with `study export`")


def _is_of(parts: pd.Series, part: str) -> pd.Series:
    return (parts == part) | parts.str.startswith("test_") if part == "test" else parts == part


def with_gains(study: Study, rows: pd.DataFrame) -> pd.DataFrame:
    """Gains from the rows beside, whatever a run stored: over the best of the degree rows that it has.

    Args:
        study: gives the axes.
        rows: from `study_rows`; a column that is missing is put before `auroc`.
    """
    keys = [*study.axes, "part", "regime"]
    score = rows.get("auroc")
    if score is None:
        return rows
    if "per_tf_auroc" in rows:  # of a full ranking
        score = score.fillna(rows["per_tf_auroc"])
    for gain, names in GAINS.items():
        best = score[rows["row"].isin(names)].groupby([rows[key] for key in keys]).max()
        beside = best.reindex(pd.MultiIndex.from_frame(rows[keys])).to_numpy()
        derived = score - beside
        if gain in rows:
            rows[gain] = derived.fillna(rows[gain])
        else:
            rows.insert(list(rows.columns).index("auroc"), gain, derived)
    return rows


def merged_rows(study: Study, rows: pd.DataFrame, stored: pd.DataFrame) -> pd.DataFrame:
    """New rows over stored ones.

    Args:
        study: from `read_study`.
        rows: of the runs that are there, from `study_rows`.
        stored: a whole table. Rows of a trial and part that are among the new ones go.

    Returns:
        The rows of the study in the order of its trials, and behind them those that belong to it no more.
    """
    axes = list(study.axes)
    current = belonging(study, stored)
    new = pd.MultiIndex.from_frame(rows[[*axes, "part"]])
    replaced = current & pd.MultiIndex.from_frame(stored[[*axes, "part"]]).isin(new)
    kept = stored[~replaced]
    both = pd.concat([rows, kept], ignore_index=True) if len(rows) else kept
    end = list(dict.fromkeys([*_of_the_run(rows), *_of_the_run(stored)]))
    both = both[[*(name for name in both if name not in end), *end]]  # metrics that only one has, too
    order = {tuple(trial.levels.values()): at for at, trial in enumerate(study.trials)}
    places = [order.get(tuple(levels), -1) for levels in both[axes].itertuples(index=False)]
    own = [*[True] * len(rows), *current[~replaced]]
    at = [place if here else len(order) for place, here in zip(places, own, strict=True)]
    return both.assign(at=at).sort_values("at", kind="stable").drop(columns="at").reset_index(drop=True)


def _of_the_run(rows: pd.DataFrame) -> list[str]:
    """The columns behind the metrics: facts and package versions of a run."""
    names = list(rows.columns)
    return names[names.index(OF_THE_RUN[0]) :]


def stored_hashes(path: Path) -> set[str]:
    """The config hashes of a file that `write_rows` wrote, whatever study it is of.

    Raises:
        InputError: the file cannot be read or holds no rows.
    """
    if path.exists() and not path.is_file():
        raise InputError("is not a file", where=path, fix="name one that `study export` wrote")
    try:
        parquet = path.suffix == ".parquet"
        rows = pd.read_parquet(path) if parquet else pd.read_csv(path, dtype={"config_hash": str})
        hashes = rows["config_hash"]
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"not a table of rows ({' '.join(str(error).split())})", where=path) from None
    return {str(hash_) for hash_ in hashes}


def write_rows(rows: pd.DataFrame, path: Path) -> None:
    """Write rows as `.csv` or `.parquet`, whole or not at all.

    Raises:
        InputError: another suffix, or a place that cannot be written to.
    """
    write_table(rows, path, SUFFIXES)


def store_rows(study: Study, rows: pd.DataFrame, path: Path, say: Say = to_stderr) -> str:
    """Write rows of a study over the stored ones: those of trials whose runs are not there stay.

    Rows that do not belong to the study any more stay as well, and are counted.

    Args:
        study: the study.
        rows: of the runs that are there, from `study_rows`.
        path: the table, made where there is none yet and something to store.
        say: gets the warning about rows that do not belong to the study, one line.

    Returns:
        How many of the study's trials are stored now, in words.

    Raises:
        InputError: see `read_rows` and `write_rows`.
    """
    current = pd.Series(True, rows.index)
    if path.exists():
        rows = merged_rows(study, rows, _read_table(study, path, "name another file"))
        current = belonging(study, rows)
        _require_unique(study, rows[current], path)
        if warning := orphans(rows[~current], study.axes, path.name):
            say(warning)
    if len(rows):
        write_rows(rows, path)
    return f"{study.name}: {rows['config_hash'][current].nunique()} of {len(study.trials)} trials"


def _read_csv(path: Path, words: Sequence[str]) -> pd.DataFrame:
    """Numbers come back to the bit; a word that looks like a number or like nothing stays a word."""
    columns = list(pd.read_csv(path, nrows=0).columns)
    words = [str(shielded(name)) for name in words]
    if OF_THE_RUN[-1] in columns:  # the versions stand behind it
        words = [*words, *columns[columns.index(OF_THE_RUN[-1]) + 1 :]]
    numbers = [name for name in columns if name not in words]
    kinds: dict[str, Any] = {**dict.fromkeys(words, str), **dict.fromkeys(COUNTS, "Int64")}
    rows = pd.read_csv(
        path,
        dtype=kinds,
        float_precision="round_trip",
        keep_default_na=False,
        na_values={name: [""] for name in numbers},
    )
    here = [name for name in words if name in rows]
    return rows.assign(**{name: rows[name].map(bare) for name in here}).rename(columns=bare)


def _about(trial: Trial, manifest: Manifest) -> dict[str, Any]:
    return {
        "parameters": manifest.parameters.total,
        "best_epoch": manifest.best_epoch,
        "epochs": manifest.epochs,
        "seconds": manifest.seconds,
        "config_hash": trial.hash,
        "run_seed": manifest.seed,
        "leaks": ",".join(sorted({*manifest.leaks, *trial.config.leaks})),
        "threads": manifest.machine.threads,
    }


def _metrics(run: Path, manifest: Manifest, part: str) -> Iterator[tuple[str, str, str, dict[str, float]]]:
    """Subset, setting, method and metrics of a run, in the order in which they are stored."""
    table = read_metrics(run, manifest)
    table = table[_is_of(table["subset"], part)]
    for (subset, setting, method), lines in table.groupby(["subset", "setting", "method"], sort=False):
        named = dict(zip(lines["metric"], lines["value"].astype(float), strict=True))
        yield str(subset), str(setting), str(method), named


def _is_model(row: str) -> bool:
    return row == "model" or row.startswith("model_")


def _require_same_inputs(done: Iterable[tuple[Trial, Manifest]]) -> None:
    """A table of runs that read the same name and found something else in it would compare nothing."""
    seen: dict[tuple[str, str], tuple[str, Trial]] = {}
    for trial, manifest in done:
        for role, read in manifest.inputs.items():  # one name may stand for a file of each role
            digest, other = seen.setdefault((role, read["source"]), (read["sha256"], trial))
            if digest != read["sha256"]:
                raise InputError(
                    f"{read['source']} was changed between the runs {other.hash} and {trial.hash}",
                    where=f"study {trial.study}",
                    fix="remove the older run and run the study again",
                )
