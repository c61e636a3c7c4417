"""Where a cell stands is read off the folder of the runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from grnpyg.studies import Cell, Store, Study
from grnpyg.studies.estimate import duration, seconds_left
from grnpyg.studies.status import study_status
from grnpyg.training.scratch import locked

ReadStudy = Callable[..., Study]
MODEL = {"model": {"auroc": 0.5, "ap": 0.5}}


@pytest.fixture
def cells(study: ReadStudy) -> tuple[Cell, ...]:
    return study(axes={"head": {"dual": {}, "cross": {"head": "cross"}}, "seed": [1, 2, 3]}).cells


def test_states(cells: tuple[Cell, ...], tmp_path: Path, pretend: Callable[..., None]) -> None:
    store, cell = Store(tmp_path), cells[0]
    assert store.state(cell) == "pending"
    with locked(tmp_path / ".partial" / cell.hash):
        assert store.state(cell) == "running"
        assert store.held(cell)
    assert store.state(cell) == "pending"
    assert not list(tmp_path.rglob(cell.hash))
    partial = tmp_path / ".partial" / cell.hash
    with locked(partial):
        (partial / "last.ckpt").touch()
    assert store.state(cell) == "interrupted"
    store.fail(cell, "KeyError: 'x\n  y'", "Traceback ...")
    assert store.state(cell) == "failed"
    store.forget(cell)
    assert store.state(cell) == "interrupted"
    pretend(tmp_path, cell, MODEL, status="interrupted")  # Ctrl-C in `grnpyg train`
    assert store.state(cell) == "interrupted"
    (tmp_path / cell.hash / "manifest.json").write_text("{")
    assert store.state(cell) == "interrupted"
    pretend(tmp_path, cells[1], MODEL)
    store.fail(cells[1], "an older error")
    assert store.state(cells[1]) == "done"
    assert [store.state(other) for other in cells[2:]] == ["pending"] * 4


def test_looking_leaves_nothing_behind(cells: tuple[Cell, ...], tmp_path: Path) -> None:
    for cell in cells:
        assert Store(tmp_path / "runs").state(cell) == "pending"
        Store(tmp_path / "runs").forget(cell)
    assert list(tmp_path.iterdir()) == [tmp_path / "study.yaml"]


def test_a_failure_is_one_line_with_its_traceback(cells: tuple[Cell, ...], tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.fail(cells[0], "ValueError: two\nlines", "Traceback:\n  line")
    (file,) = (tmp_path / ".failed").iterdir()
    content = json.loads(file.read_text())
    assert file.stem == content["hash"] == cells[0].hash
    assert (content["cell"], content["study"]) == ("head=dual seed=1", "study")
    assert content["error"] == store.error(cells[0]) == "ValueError: two lines"
    assert content["traceback"] == "Traceback:\n  line"
    assert content["time"]


def test_status(study: ReadStudy, tmp_path: Path, pretend: Callable[..., None]) -> None:
    found = study(axes={"head": {"dual": {}, "cross": {"head": "cross"}}, "seed": [1, 2, 3]})
    empty = study_status(found, tmp_path / "runs")
    assert empty.counts == {"done": 0, "running": 0, "failed": 0, "interrupted": 0, "pending": 6}
    assert empty.seconds_left is None
    pretend(tmp_path / "runs", found.cells[0], MODEL, seconds=10.0)
    pretend(tmp_path / "runs", found.cells[3], MODEL, seconds=100.0)
    Store(tmp_path / "runs").fail(found.cells[1], "no")
    with locked(tmp_path / "runs" / ".partial" / found.cells[2].hash):
        status = study_status(found, tmp_path / "runs")
        assert status.counts == {"done": 2, "running": 1, "failed": 1, "interrupted": 0, "pending": 2}
    assert status.errors == ((found.cells[1], "no"),)
    assert status.seconds_left == 2 * 10 + 2 * 100
    assert study_status(found, tmp_path / "runs", jobs=2).seconds_left == 110


def test_the_time_left(study: ReadStudy) -> None:
    axes = {"negatives.ratio": [1, 2], "seed": [1, 2, 3]}
    one, two, three, *others = study(axes=axes).cells
    cells = (one, two, three, *others)
    assert seconds_left([], cells, {}, 1) == 0
    assert seconds_left([three], cells, {}, 1) is None
    assert seconds_left([three], cells, {one.hash: 2.0, two.hash: 4.0}, 1) == 3
    assert seconds_left([three, *others], cells, {one.hash: 2.0, two.hash: 4.0}, 1) == 12
    assert seconds_left([three, *others], cells, {one.hash: 2.0, two.hash: 4.0}, 100) == 3
    assert seconds_left([three, *others[1:]], cells, {one.hash: 2.0, others[0].hash: 8.0}, 1) == 18


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, "unknown time"), (0, "0 s"), (59.6, "1 min 00 s"), (3900, "1 h 05 min"), (90000, "25 h 00 min")],
)
def test_durations(seconds: float | None, words: str) -> None:
    assert duration(seconds) == words
