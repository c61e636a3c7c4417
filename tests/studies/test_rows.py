"""Stored rows of trials that a study does not have any more: left out of tables, counted, never deleted."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from grnpyg.studies import Study
from grnpyg.studies.formats import render
from grnpyg.studies.rows import merged_rows, read_rows, store_rows, study_rows, write_rows
from grnpyg.studies.store import Store
from grnpyg.studies.tables import study_tables

ReadStudy = Callable[..., Study]
Pretend = Callable[..., None]


@pytest.fixture
def found(study: ReadStudy, tmp_path: Path, pretend: Pretend) -> tuple[Study, pd.DataFrame]:
    """A study of two trials, and the rows of their runs."""
    read = study(axes={"seed": [1, 2]})
    for trial in read.trials:
        pretend(tmp_path / "runs", trial, {"model": {"auroc": 0.5}, "additive": {"auroc": 0.4}})
    return read, study_rows(read, tmp_path / "runs")


def test_they_are_left_out_and_counted_once_for_each_trial(
    found: tuple[Study, pd.DataFrame], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    read, rows = found
    path = tmp_path / "rows.csv"
    write_rows(pd.concat([rows, rows.assign(seed="9"), rows.assign(config_hash="0123456789ab")]), path)
    pd.testing.assert_frame_equal(read_rows(read, path), rows, check_dtype=False)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("warning: rows.csv: 8 stored rows of 4 trials that the study does not have")
    assert f"9 {read.trials[0].hash}" in line
    assert "1 more" in line
    assert "Restore these trials" in line


def test_nothing_is_said_where_every_row_belongs(
    found: tuple[Study, pd.DataFrame], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    read, rows = found
    path = tmp_path / "rows.csv"
    store_rows(read, rows, path)
    store_rows(read, rows, path)
    pd.testing.assert_frame_equal(read_rows(read, path), rows, check_dtype=False)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_storing_rows_keeps_them(found: tuple[Study, pd.DataFrame], tmp_path: Path, suffix: str) -> None:
    """Also those at a place for which there are new rows: their config is another."""
    read, rows = found
    path, said = tmp_path / f"rows{suffix}", list[str]()
    gone = rows.assign(config_hash="0123456789ab", auroc=0.7)
    validation = rows[rows["seed"] == "1"].assign(part="validation")
    write_rows(pd.concat([gone, validation, rows.assign(auroc=0.1)]), path)
    for _ in range(2):
        said.clear()
        assert store_rows(read, rows, path, said.append).endswith("2 of 2 trials")
        assert len(said) == 1
        assert len(read_rows(read, path, say=said.append)) == len(rows)
        assert set(read_rows(read, path, say=said.append)["auroc"]) == {0.5, 0.4}
        assert len(read_rows(read, path, "validation", said.append)) == len(validation)
        table = pd.read_csv(path) if suffix == ".csv" else pd.read_parquet(path)
        kept = table[table["config_hash"] == "0123456789ab"]
        assert len(kept) == len(gone)
        assert set(kept["auroc"]) == {0.7}
        assert list(table["config_hash"][-len(gone) :]) == ["0123456789ab"] * len(gone), (
            "they stand at the end"
        )


def test_stored_rows_have_the_leaks_of_their_config(
    study: ReadStudy, tmp_path: Path, pretend: Pretend
) -> None:
    """Rows before 0.2.0 do not say that their training negatives spared what is held out."""
    read = study(axes={"negatives.scheme": ["blind", "sparing"]})
    for trial in read.trials:
        pretend(tmp_path / "runs", trial, {"model": {"auroc": 0.5}})
    rows, path = study_rows(read, tmp_path / "runs"), tmp_path / "rows.csv"
    wanted = {"blind": "", "sparing": "negatives-spare-held-out"}
    assert dict(zip(rows["negatives.scheme"], rows["leaks"], strict=True)) == wanted
    write_rows(rows.assign(leaks="cold-in-universe"), path)
    leaks = dict(zip(*(read_rows(read, path)[name] for name in ("negatives.scheme", "leaks")), strict=True))
    assert leaks == {
        "blind": "cold-in-universe",
        "sparing": "cold-in-universe,negatives-spare-held-out",
    }


def test_rows_under_the_hash_of_0_1_0_belong_and_give_way_to_new_ones(
    study: ReadStudy, tmp_path: Path, pretend: Pretend
) -> None:
    read = study(base=OF_THEN, axes={"seed": [1, 2]})
    for trial in read.trials:
        pretend(tmp_path / "runs", trial, {"model": {"auroc": 0.5}})
    rows = study_rows(read, tmp_path / "runs")
    earlier = {trial.hashes[0]: trial.hashes[1] for trial in read.trials}
    path = tmp_path / "rows.csv"
    old = rows.assign(config_hash=rows["config_hash"].map(earlier), auroc=0.2)
    write_rows(old, path)
    assert len(read_rows(read, path)) == len(rows)
    of_one = rows[rows["seed"] == "1"]
    merged = merged_rows(read, of_one, old)
    assert list(merged["config_hash"]) == [*of_one["config_hash"], *old[old["seed"] == "2"]["config_hash"]]


def test_a_run_under_the_hash_of_0_1_0_counts(study: ReadStudy, tmp_path: Path, pretend: Pretend) -> None:
    read = study(base=OF_THEN, axes={"seed": [1, 2]})
    one, two = read.trials
    for trial in read.trials:
        pretend(tmp_path, trial, {"model": {"auroc": 0.5}})
    (tmp_path / one.hash).rename(tmp_path / one.hashes[1])
    (tmp_path / two.hash).rename(tmp_path / two.hashes[1])
    (tmp_path / two.hashes[1] / "manifest.json").write_text('{"status": "interrupted"}')
    store = Store(tmp_path)
    assert (store.state(one), store.path(one)) == ("done", tmp_path / one.hashes[1])
    assert (store.state(two), store.path(two)) == ("pending", tmp_path / two.hash)
    assert set(study_rows(read, tmp_path)["config_hash"]) == {one.hash}


OF_THEN = {"negatives": {"scheme": "sparing"}}  # the training negatives of 0.1.0
LEVELS = ["=cmd|' /C calc'!A0", "+A1", "-G", "@x", "'x", "NA", "nan", "None", "-0.3", "1e3", "a,b", 'a"b']


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_names_of_levels_survive_and_none_is_a_formula(
    study: ReadStudy, tmp_path: Path, pretend: Pretend, suffix: str
) -> None:
    levels = {name: {"training": {"lr": 0.01 * (at + 1)}} for at, name in enumerate(LEVELS)}
    read = study(axes={"@axis": levels})
    for trial in read.trials:
        pretend(tmp_path / "runs", trial, {"model": {"auroc": 0.5}})
    rows, path = study_rows(read, tmp_path / "runs"), tmp_path / f"rows{suffix}"
    write_rows(rows, path)
    assert list(read_rows(read, path)["@axis"]) == LEVELS
    pd.testing.assert_frame_equal(read_rows(read, path), rows, check_dtype=False)
    tables = render(study_tables(read, rows), "csv")
    shown = [path.read_text(), tables] if suffix == ".csv" else [tables]
    for text in shown:
        for line in csv.reader(text.splitlines()):
            assert not [cell for cell in line if cell.startswith(("=", "+", "@", "-G"))], line
