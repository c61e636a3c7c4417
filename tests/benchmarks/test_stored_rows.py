"""Every stored row belongs to a trial of its study: the hashes of 0.1.0 are still known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest
from extended import NAMES, add_key, add_option, sections

from grnpyg.studies import Study, read_study
from grnpyg.studies.bench import read_suite
from grnpyg.studies.rows import belonging, read_rows

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
RESULTS = BENCHMARKS / "results"
ROWS = {"study", "part", "regime", "row", "config_hash"}  # columns of a study's rows
BENCH = "bench.csv"
SUBSETS = ("test", "validation")  # and every test subset of a cold start
pytestmark = pytest.mark.skipif(not BENCHMARKS.is_dir(), reason="needs the benchmarks of the repository")


def tables() -> Iterator[tuple[Path, pd.DataFrame]]:
    for path in sorted(RESULTS.glob("*.csv")):
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        if set(table) >= ROWS and path.name != BENCH:
            yield path, table


def study_of(path: Path, table: pd.DataFrame) -> Study:
    """The study that a table is of: the file is named after its folder, and its rows after the study."""
    (name,) = set(table["study"])
    (folder,) = (found for found in BENCHMARKS.iterdir() if path.stem.split("_")[0] == found.name)
    return read_study(folder / "studies" / f"{name}.yaml")


def test_every_row_of_every_study_is_read() -> None:
    seen = set()
    for path, table in tables():
        study = study_of(path, table)
        lost: list[str] = []
        kept = sum(len(read_rows(study, path, part, lost.append)) for part in SUBSETS)
        assert (path.name, kept, lost) == (path.name, len(table), [])
        seen.add(study.name)
    assert seen >= {file.stem for file in BENCHMARKS.glob("*/studies/*.yaml")}


def test_every_row_is_kept_when_every_component_and_section_has_a_new_option(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for kind, name in NAMES:
        add_option(monkeypatch, kind, name)
    add_key(monkeypatch, *dict(sections()))
    for path, table in tables():
        study = study_of(path, table)
        assert belonging(study, table).all(), path.name


def test_every_row_of_the_bench_is_of_an_entry_of_its_suite() -> None:
    """They are found by entry and seed: in 0.1.0 a baseline was a line beside a model that nobody trained."""
    table = pd.read_csv(RESULTS / BENCH, dtype=str)
    trials = {
        tuple(trial.levels.values()) for trial in read_suite(BENCHMARKS / "bench" / "suite.yaml").trials
    }
    assert len(table)
    assert set(table[["entry", "seed"]].itertuples(index=False, name=None)) <= trials


def test_a_changed_config_is_noticed_in_every_study() -> None:
    """Rows whose widths the data decide have any hash; there are others beside them."""
    for path, table in tables():
        study = study_of(path, table)
        changed = table.assign(config_hash="0123456789ab")
        assert not belonging(study, changed).all(), path.name


def test_every_row_of_the_papers_other_tables_is_read(
    script: Callable[[Path], AbstractContextManager[ModuleType]],
) -> None:
    with script(BENCHMARKS / "paper" / "stored.py") as stored:
        for name in ("curves", "ensembles", "effective_rank", "roc", "spectra"):
            path = RESULTS / f"paper_{name}.csv"
            whole = pd.read_csv(path)
            assert len(whole)
            pd.testing.assert_frame_equal(stored.read(path), whole)
