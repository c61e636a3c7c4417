"""Studies, tunings and suites: each message with a fix is followed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from advice.follow import Advice, check, table
from advice.follow import run as command
from in_this_process import InThisProcess

from grnpyg.core.errors import InputError
from grnpyg.studies import read_study, run_studies, study_rows, write_rows
from grnpyg.studies.bench.suite import read_suite
from grnpyg.studies.search import read_tuning

pytestmark = pytest.mark.slow

BASE: dict[str, Any] = {
    "data": {"expression": None, "labels": "labels.tsv"},
    "evaluation": {"negatives": ["uniform"], "baselines": ["additive"]},
    "encoder": {"name": "lookup", "embedding_dim": 4},
    "head": {"name": "dual", "hidden_channels": 8, "out_channels": 4},
    "training": {"max_epochs": 1, "batch_size": 256},
}
STUDY: dict[str, Any] = {"base": BASE, "axes": {"head": ["dual", "cross"], "seed": [1, 2]}}
TUNING: dict[str, Any] = {
    "base": BASE | {"evaluation": {"negatives": ["uniform", "hard"]}},
    "models": {"dual": {}, "cross": {"head": "cross"}},
    "space": {"training.lr": {"low": 0.001, "high": 0.1}},
    "trials": 2,
    "objective": "auroc@uniform",
}
SUITE: dict[str, Any] = {"base": BASE, "seeds": [1], "baselines": {"svd": {}}, "models": {"dual": {}}}


def study(**changes: Any) -> dict[str, str]:
    return {"study.yaml": yaml.safe_dump(STUDY | changes, sort_keys=False)}


def mended(**changes: Any) -> Callable[[re.Match[str]], object]:
    return lambda _: Path("study.yaml").write_text(yaml.safe_dump(STUDY | changes, sort_keys=False))


@table(
    Advice(
        "study status study.yaml",
        "did you mean '(?P<fix>\\w+)'",
        "{command}",
        files=study(axis={}),
        edit=mended(),
    ),
    Advice(
        "study status study.yaml",
        "Choose another name",
        "{command}",
        files=study(axes={"row": ["dual"]}),
        edit=mended(),
    ),
    Advice(
        "study status study.yaml",
        "did you mean 'head'",
        "{command}",
        files=study(compare={"axis": "heads", "level": "cross", "to": "dual"}),
        edit=mended(compare={"axis": "head", "level": "cross", "to": "dual"}),
    ),
    Advice(
        "study status study.yaml",
        "did you mean 'cross'",
        "{command}",
        files=study(compare={"axis": "head", "level": "crosss", "to": "dual"}),
        edit=mended(compare={"axis": "head", "level": "cross", "to": "dual"}),
    ),
    Advice(
        "study status study.yaml",
        "a change of another axis undoes that of seed",
        "{command}",
        files=study(axes={"seed": [1, 2], "head": {"dual": {"seed": 3}, "cross": {"head": "cross"}}}),
        edit=mended(),
    ),
    Advice(
        "study table study.yaml -o table.xlsx", r"(?P<fix>\.csv)", "study status study.yaml", files=study()
    ),
    Advice(
        "study export study.yaml -o rows.tsv",
        r"Use (?P<suffix>\.csv) or",
        "study export study.yaml -o rows{suffix}",
        files=study(),
        then="no trial|0 of 4|0 rows",
    ),
)
def test_the_advice_gets_on(advice: Advice, place: Path) -> None:
    check(advice)


def test_tables_and_rows_of_a_study(place: Path) -> None:
    Path("study.yaml").write_text(study()["study.yaml"])
    refused = command("study table study.yaml")
    assert (refused.code, "`grnpyg study run` it" in refused.err) == (2, True), refused.err
    run_studies([read_study(Path("study.yaml"))], Path("runs"), InThisProcess())
    assert command("study table study.yaml").code == 0
    next(Path("runs").glob("*/metrics.parquet")).write_bytes(b"")
    refused = command("study table study.yaml")
    assert (refused.code, "`grnpyg study run` makes it again" in refused.err) == (2, True), refused.err
    run_studies([read_study(Path("study.yaml"))], Path("runs"), InThisProcess())
    assert command("study table study.yaml").code == 0
    Path("rows.csv").write_text("a,b\n1,2\n")
    refused = command("study table study.yaml --from rows.csv")
    assert (refused.code, "Write it with `study export`" in refused.err) == (2, True), refused.err
    rows = study_rows(read_study(Path("study.yaml")), Path("runs"))
    assert command("study export study.yaml -o new.csv").code == 0
    assert command("study table study.yaml --from new.csv").code == 0
    write_rows(rows.iloc[[*range(len(rows)), 0]], Path("twice.csv"))
    refused = command("study table study.yaml --from twice.csv")
    assert (refused.code, "Write it with `study export`" in refused.err) == (2, True), refused.err
    with Path("labels.tsv").open("a") as file:
        file.write("TFC\tG79\n")
    with pytest.raises(InputError, match="Remove the run to train it again") as changed:
        run_studies([read_study(Path("study.yaml"))], Path("runs"), InThisProcess())
    for folder in Path("runs").glob("*/"):
        shutil.rmtree(folder)
    assert "changed since the run" in str(changed.value)
    run_studies([read_study(Path("study.yaml"))], Path("runs"), InThisProcess())
    assert command("study table study.yaml").code == 0


TUNINGS: list[tuple[str, dict[str, Any], str, dict[str, Any]]] = [
    (
        "twice",
        {"space": {"head.dropout": {"choices": [0.1, 0.1]}}},
        "Give different values",
        {"space": {"head.dropout": {"choices": [0.1, 0.2]}}},
    ),
    (
        "measured",
        {"space": TUNING["space"] | {"training.max_epochs": {"low": 1, "high": 3}}},
        "Set it in the base",
        {"base": TUNING["base"] | {"training": {"max_epochs": 3}}},
    ),
    (
        "alike",
        {"models": {"dual": {}, "cross": {"head": "cross", "training": {"max_epochs": 9}}}},
        "Set it in the base",
        {"base": TUNING["base"] | {"training": {"max_epochs": 9}}},
    ),
    ("prune", {"base": TUNING["base"] | {"prune": [{"ratio": 0.5}]}}, "Prune the best run afterwards", {}),
    (
        "epochs",
        {"base": TUNING["base"] | {"training": {"max_epochs": 0}}},
        r"Set training\.max_epochs",
        {"base": TUNING["base"] | {"training": {"max_epochs": 1}}},
    ),
    (
        "hard",
        {"space": TUNING["space"] | {"features.n_components": {"low": 2, "high": 8}}},
        "Leave hard out",
        {"space": TUNING["space"] | {"features.n_components": {"low": 2, "high": 8}}, "base": BASE},
    ),
]


@pytest.mark.parametrize(("name", "changes", "says", "follow"), TUNINGS)
def test_tunings(name: str, changes: dict[str, Any], says: str, follow: dict[str, Any], place: Path) -> None:
    pytest.importorskip("optuna")
    path = Path("tuning.yaml")
    path.write_text(yaml.safe_dump(TUNING | changes))
    with pytest.raises(InputError, match=says):
        read_tuning(path)
    path.write_text(yaml.safe_dump(TUNING | follow))
    assert read_tuning(path)


@pytest.mark.parametrize(
    ("changes", "says", "follow"),
    [
        ({"models": {"svd": {}}}, "Rename one of them", {"models": {"other": {}}}),
        (
            {"models": {"dual": {"evaluation": {"ratio": 2}}}},
            "Change the base",
            {"base": BASE | {"evaluation": {"ratio": 2}}},
        ),
    ],
)
def test_suites(changes: dict[str, Any], says: str, follow: dict[str, Any], place: Path) -> None:
    path = Path("suite.yaml")
    path.write_text(yaml.safe_dump(SUITE | changes))
    with pytest.raises(InputError, match=says):
        read_suite(path)
    path.write_text(yaml.safe_dump(SUITE | follow))
    assert read_suite(path)
