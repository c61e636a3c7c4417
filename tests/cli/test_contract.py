"""What holds for every command: help with an example, JSON alone on stdout, exit codes, no traceback."""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from cli.command import Result, contents, grnpyg

from grnpyg_cli.listing import KINDS

COMMANDS = (
    ("demo",),
    ("data", "list"),
    ("data", "info"),
    ("data", "fetch"),
    ("data", "check"),
    ("list",),
    ("train",),
    ("eval",),
    ("predict",),
    ("export",),
    ("activity",),
    ("prune",),
    ("report",),
    ("study", "run"),
    ("study", "status"),
    ("study", "table"),
    ("study", "export"),
    ("bench",),
    ("tune",),
    ("doctor",),
)
HEAVY = {"torch", "scanpy", "anndata", "pandas", "numpy", "torch_geometric", "pytorch_lightning", "yaml"}
MAIN = (sys.executable, "-m", "grnpyg_cli.main")
TRAIN = ("train", "--config", "small.yaml")


def environment() -> dict[str, str]:
    """A new process finds the modules that this one finds, whatever its folder."""
    return os.environ | {"PYTHONPATH": os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path)}


def process(*arguments: str, cwd: Path) -> Result:
    """The command in a process of its own."""
    done = subprocess.run(
        [*MAIN, *arguments], cwd=cwd, env=environment(), capture_output=True, text=True, check=False
    )
    return Result(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_shows_an_example_and_json(command: tuple[str, ...]) -> None:
    result = grnpyg(*command, "--help")
    assert result.code == 0
    assert f"Example: grnpyg {' '.join(command)}" in " ".join(result.out.split())
    assert "--json" in result.out
    assert result.err == ""


def test_help_names_every_command() -> None:
    result = grnpyg("--help")
    assert result.code == 0
    for command, *_ in COMMANDS:
        assert f" {command} " in result.out


def test_no_help_imports_anything_heavy() -> None:
    code = (
        "import sys\n"
        "from grnpyg_cli.main import app\n"
        f"for command in {[[], *map(list, COMMANDS)]!r}:\n"
        "    try:\n"
        "        app([*command, '--help'])\n"
        "    except SystemExit as end:\n"
        "        assert not end.code\n"
        "print(*sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment()
    )
    assert not HEAVY & set(done.stderr.split())


@pytest.mark.parametrize("kind", KINDS)
def test_list(kind: str) -> None:
    listed = grnpyg("list", kind, "--json").json[kind]
    shown = grnpyg("list", kind).out
    assert listed
    for name, entry in listed.items():
        assert name in shown
        assert entry["summary"].endswith(".")
        assert isinstance(entry["options"], dict)


def test_doctor() -> None:
    facts = grnpyg("doctor", "--json").json
    assert facts["torch"]
    assert facts["corrupt_files"] == []
    assert facts["torch"] in grnpyg("doctor").out


def test_data_list(work: Path) -> None:
    found = grnpyg("data", "list", "--json").json
    assert found["cache"] == str(work / "cache")
    assert {"bundled", "brain", "symbol-labels"} <= {row["name"] for row in found["data_sets"]}
    assert "brain" in grnpyg("data", "list").out


def test_data_check(work: Path) -> None:
    check = ("data", "check", "--config", "small.yaml")
    before = contents(work)
    report = grnpyg(*check, "--json").json
    assert {"identifiers", "counts"} <= report.keys()
    counts = report["counts"]
    assert (counts["tfs"], counts["genes"], counts["edges"], counts["tfs_that_are_genes"]) == (
        15,
        80,
        400,
        12,
    )
    assert counts["density"] == pytest.approx(400 / (15 * 80))
    assert report["identifiers"]["matched"] == {"tfs": 15, "genes": 80}
    shown = grnpyg(*check)
    assert "15 TFs x 80 genes" in shown.out
    assert shown.err == ""
    assert contents(work) == before


def test_json_leaves_stderr_to_the_report(trained: Any, work: Path) -> None:
    result = grnpyg(*TRAIN, "--json")
    assert result.out.count("\n") == 1
    assert "Graph: 15 TFs x 80 genes" in result.err
    assert "Warning" not in result.err


def test_an_error_gives_no_json(work: Path) -> None:
    result = grnpyg("eval", "nowhere", "--json")
    assert (result.code, result.out) == (2, "")


def test_a_failure_that_is_not_the_users_exits_with_one(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from grnpyg.core.errors import LeakageError

    def leak(*_: object) -> None:
        raise LeakageError("train-test: 1 pair in both")

    monkeypatch.setattr("grnpyg.splits.leakage.check", leak)
    result = grnpyg(*TRAIN)
    assert result.code == 1
    assert result.err.splitlines()[-1] == "failed: train-test: 1 pair in both"


def test_ctrl_c_while_the_data_are_read(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(importlib.import_module("grnpyg.training.prepare"), "load_grn", interrupt)
    result = grnpyg(*TRAIN)
    assert result.code == 1
    assert result.err.splitlines()[-1] == "interrupted: nothing was kept"
    assert not Path("runs").exists()


@pytest.mark.slow
def test_a_new_process_gives_the_same_numbers_without_a_warning(trained: Any) -> None:
    options = ("--split", "validation", "--resamples", "0", "--json")
    evaluated = process("eval", trained.json["run"], *options, cwd=trained.folder)
    assert (evaluated.code, evaluated.err) == (0, "")
    assert json.loads(evaluated.out)["regimes"]["uniform"] == trained.json["validation"]


@pytest.mark.slow
def test_a_new_process_refuses_bad_input_with_one_line(work: Path) -> None:
    result = process("train", "--config", "small.yaml", "--layer", "counts", cwd=work)
    assert result.code == 2
    assert result.out == ""
    assert result.err.startswith("error: expression.h5ad: unknown layer 'counts'")
    assert result.err.count("\n") == 1


def test_a_reader_that_goes_away_gets_no_traceback() -> None:
    """As with `grnpyg data list | head -n 0`."""
    with subprocess.Popen(
        [*MAIN, "data", "list", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    ) as shell:
        assert shell.stdout is not None
        assert shell.stderr is not None
        shell.stdout.close()
        errors = shell.stderr.read()
    assert shell.returncode == 1
    assert errors == ""


@pytest.mark.slow
def test_ctrl_c_in_training_keeps_the_best_weights(work: Path) -> None:
    arguments = (*TRAIN, "--max-epochs", "100000", "--set", "training.patience=100000", "--json")
    with subprocess.Popen(
        [*MAIN, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=work,
        env=environment(),
    ) as shell:
        deadline = time.monotonic() + 60
        while not list(work.glob("runs/.partial/*/last.ckpt")):
            assert time.monotonic() < deadline
            assert shell.poll() is None, shell.stderr and shell.stderr.read()
            time.sleep(0.1)
        os.kill(shell.pid, signal.SIGINT)
        out, err = shell.communicate(timeout=60)
    assert shell.returncode == 1, err
    assert "Traceback" not in err
    assert "Warning" not in err
    assert "--resume" in err.splitlines()[-1]
    said = json.loads(out)
    assert said["status"] == "interrupted"
    assert grnpyg("eval", said["run"]).code == 0
