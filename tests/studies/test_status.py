"""How far a study is, and the plan that makes the answer quick."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from cli.command import said_without_heavy_imports

from grnpyg.core.errors import InputError
from grnpyg.core.locks import locked
from grnpyg.studies import Store, Trial, read_study, resolve_widths, run_studies, study_status
from grnpyg.studies.executors import Event, Executor
from grnpyg.studies.plan import read_plan, write_plan

Write = Callable[..., Path]
MODEL = {"model": {"auroc": 0.5, "ap": 0.5}}
HEADS = {"dual": {}, "cross": {"head": {"name": "cross", "hidden_channels": 8}}}
AXES = {"head": HEADS, "seed": [1, 2, 3]}
MATCHED = {"axes": AXES, "match": {"axis": "head", "to": "dual"}}


class Idle(Executor):
    """Trains nothing."""

    def run(self, trials: Sequence[Trial], store: Store, on_event: Callable[[Event], None]) -> None:
        """Do nothing."""


def begin(file: Path, runs: Path) -> tuple[Trial, ...]:
    """What `study run` does before it trains; the trials."""
    study = resolve_widths(read_study(file))
    run_studies([study], runs, Idle())
    return study.trials


@pytest.mark.parametrize("planned", [True, False])
def test_status(write: Write, tmp_path: Path, pretend: Callable[..., None], planned: bool) -> None:
    """The same with and without a plan."""
    file, runs = write(axes=AXES), tmp_path / "runs"
    empty = study_status(file, runs)
    assert {state: count for state, count in empty.counts.items() if count} == {"pending": 6}
    assert list(empty.counts) == ["done", "running", "failed", "interrupted", "queued", "pending"]
    assert empty.seconds_left is None
    assert not runs.exists()
    trials = begin(file, runs) if planned else read_study(file).trials
    assert (read_plan(file, runs) is not None) == planned
    pretend(runs, trials[0], MODEL, seconds=10.0)
    pretend(runs, trials[3], MODEL, seconds=100.0)
    Store(runs).fail(trials[1], "no")
    with locked(runs / ".partial" / trials[2].hash):
        status = study_status(file, runs)
    assert status.counts == {
        "done": 2,
        "running": 1,
        "failed": 1,
        "interrupted": 0,
        "queued": 0,
        "pending": 2,
    }
    assert [(trial.hash, error) for trial, error in status.errors] == [(trials[1].hash, "no")]
    assert [(trial.name, trial.hash) for trial, _ in status.trials] == [(t.name, t.hash) for t in trials]
    assert status.seconds_left == 2 * 10 + 2 * 100
    assert study_status(file, runs, jobs=2).seconds_left == 110
    assert (status.study, status.unmatched) == ("study", 0)


@pytest.fixture
def no_data(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """`no_data()`: from now on, loading a data set is an error."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a data set is loaded")

    return lambda: monkeypatch.setattr(importlib.import_module("grnpyg.training.prepare"), "load_grn", refuse)


@pytest.mark.slow
def test_matched_trials_are_known_from_the_plan_alone(
    write: Write, tmp_path: Path, pretend: Callable[..., None], no_data: Callable[[], None]
) -> None:
    """Their configs depend on the data, which are never loaded to tell how far a study is."""
    file, runs = write(**MATCHED), tmp_path / "runs"
    trials = begin(file, runs)
    for trial in (trials[0], trials[3], trials[4]):
        pretend(runs, trial, MODEL)
    no_data()
    assert study_status(file, runs).counts["done"] == 3
    (runs / ".studies" / "study.json").unlink()
    status = study_status(file, runs)
    assert (status.counts["done"], status.counts["pending"], status.unmatched) == (1, 5, 3)
    assert status.seconds_left == 5 * 2.0


@pytest.mark.slow
def test_a_plan_is_written_once(write: Write, tmp_path: Path) -> None:
    file, runs = write(**MATCHED), tmp_path / "runs"
    begin(file, runs)
    (plan,) = (runs / ".studies").iterdir()
    content, time = json.loads(plan.read_text()), plan.stat().st_mtime_ns
    begin(file, runs)
    assert plan.stat().st_mtime_ns == time
    assert [len(trial["notes"]) for trial in content["trials"]] == [0, 0, 0, 1, 1, 1]


def edit_study(folder: Path) -> None:
    file = folder / "study.yaml"
    file.write_text(file.read_text().replace("axes:", "# another note\naxes:"))


def edit_base(folder: Path) -> None:
    (folder / "base.yaml").write_text((folder / "base.yaml").read_text() + "seed: 5\n")


def edit_level(folder: Path) -> None:
    (folder / "cross.yaml").write_text("head: {name: cross, hidden_channels: 16}\n")


def edit_plug_in(folder: Path) -> None:
    (folder / "of_the_plan.py").write_text(PLUG_IN.replace("16", "32"))


def break_plan(folder: Path) -> None:
    (folder / "runs" / ".studies" / "study.json").write_text("{")


def shorten_plan(folder: Path) -> None:
    (folder / "runs" / ".studies" / "study.json").write_text("[]")


PLUG_IN = """
from grnpyg.models.heads.dual import DualHead


class Mine(DualHead):
    def __init__(self, in_channels, *, hidden_channels: int = 16, out_channels: int = 16):
        super().__init__(in_channels, hidden_channels=hidden_channels, out_channels=out_channels)
"""


@pytest.mark.parametrize(
    "edit",
    [edit_study, edit_base, edit_level, edit_plug_in, break_plan, shorten_plan],
    ids=lambda f: f.__name__,
)
def test_a_plan_fits_as_long_as_nothing_that_it_was_made_from_changed(
    write: Write,
    base: dict[str, Any],
    tmp_path: Path,
    edit: Callable[[Path], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "base.yaml").write_text(yaml.safe_dump(base))
    (tmp_path / "cross.yaml").write_text("head: {name: cross, hidden_channels: 8}\n")
    (tmp_path / "of_the_plan.py").write_text(PLUG_IN)
    heads = {"cross": "cross.yaml", "recipe": "recipe:best-dual", "mine": {"head": "of_the_plan:Mine"}}
    file, runs = write(base="base.yaml", axes={"head": heads, "seed": [1, 2]}), tmp_path / "runs"
    begin(file, runs)
    assert read_plan(file, runs) is not None
    del sys.modules["of_the_plan"]
    edit(tmp_path)
    assert read_plan(file, runs) is None


def test_another_version_of_grnpyg_plans_anew(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A default may be another one there."""
    file = write(axes=AXES)
    begin(file, tmp_path)
    monkeypatch.setattr("grnpyg.studies.plan.__version__", "0")
    assert read_plan(file, tmp_path) is None


def test_a_study_of_the_same_name_has_no_part_in_the_plan(write: Write, tmp_path: Path) -> None:
    one = write(axes=AXES)
    other = one.with_name("other.yaml")
    other.write_text("name: study\naxes: {seed: [1]}\n")
    begin(one, tmp_path / "runs")
    begin(other, tmp_path / "runs")
    counts = [len(study_status(file, tmp_path / "runs").trials) for file in (one, other)]
    assert counts == [6, 1]


def test_a_study_that_no_file_describes_has_no_plan(write: Write, tmp_path: Path) -> None:
    from dataclasses import replace

    write_plan(replace(read_study(write(axes=AXES)), file=None), tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("text", ["axes: [\n", "seed: 1\n", "name: [a]\naxes: {}\n"])
def test_a_bad_study_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "study.yaml"
    file.write_text(text)
    with pytest.raises(InputError, match=r"study\.yaml"):
        study_status(file, tmp_path / "runs")


def test_status_from_a_plan_imports_nothing_heavy(
    write: Write, tmp_path: Path, pretend: Callable[..., None]
) -> None:
    """Under a second, counted in imports: they are what took nine."""
    file, runs = write(**MATCHED), tmp_path / "runs"
    for trial in begin(file, runs)[:2]:
        pretend(runs, trial, MODEL)
    said = said_without_heavy_imports("study", "status", file, "--runs", runs, "--json")
    assert said["done"] == 2
