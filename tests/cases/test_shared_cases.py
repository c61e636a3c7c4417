"""The small files after public bug reports: each command does what its folder says that it has to do."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from cases.expected import EXPECTED
from cli.command import Result, grnpyg
from places import CASES

NAMES = sorted(EXPECTED.keys() | {path.parent.name for path in CASES.glob("*/cmd")})
pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="needs the cases beside GRNPYG_TEST_DATA")


@pytest.fixture
def case(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of a case's folder as the current folder."""
    folder: Path = tmp_path / request.param
    shutil.copytree(CASES / request.param, folder)
    monkeypatch.chdir(folder)
    return folder


def commands(case: Path) -> list[list[str]]:
    """The arguments of every line of the case's `cmd`, without the program's name."""
    return [shlex.split(line)[1:] for line in (case / "cmd").read_text().splitlines() if line.strip()]


def said(result: Result) -> str:
    """All that a user reads of a command: stderr, and the sentences of the report."""
    return "\n".join([result.err, *result.json.get("report", [])])


def refusal(result: Result) -> str:
    """The one line of a refusal, without a traceback and with nothing on stdout."""
    assert result.code == 2, result.err
    lines = [line for line in result.err.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1, result.err
    assert result.err.splitlines()[-1] == lines[0], result.err
    assert result.out == ""
    return lines[0]


@pytest.mark.parametrize("case", NAMES, indirect=True)
def test_the_command_does_what_the_case_expects(case: Path) -> None:
    expected = EXPECTED.get(case.name)
    for arguments in commands(case):
        result = grnpyg(*arguments)
        assert "Traceback" not in result.err, result.err
        text, pattern = (
            (said(result), expected and expected.read)
            if result.code == 0
            else (refusal(result), expected and expected.refused)
        )
        if expected is None:
            continue  # a case that came later: no traceback, and one line or a report
        assert pattern is not None, f"exit {result.code} is wrong here: {text}"
        assert re.search(pattern, text, re.DOTALL), text
        if result.code == 0:
            counts = result.json.get("counts", {})
            assert {name: counts.get(name) for name in expected.counts} == expected.counts, text


@pytest.mark.parametrize(
    ("case", "advice"),
    [
        ("03-cellxgene-feature-name", "--var-names feature_name"),
        ("15-raw-only", "--use-raw"),
        ("16-hvg-scaled-raw-full", "--use-raw"),
        ("85-tf-list-as-filter", "--tfs-action filter"),
    ],
    indirect=["case"],
)
def test_the_advice_leads_on(case: Path, advice: str) -> None:
    (arguments,) = commands(case)
    assert advice in grnpyg(*arguments).err
    result = grnpyg(*arguments, *advice.split())
    assert result.json["identifiers"]["matched"]["tfs"] >= 15, result.err


@pytest.mark.parametrize("case", ["42-gct"], indirect=True)
def test_the_column_that_a_refusal_names_is_right(case: Path) -> None:
    (arguments,) = commands(case)
    result = grnpyg(*arguments)
    if result.code == 2 and "--var-names Description" in result.err:
        result = grnpyg(*arguments, "--var-names", "Description")
        assert result.json["identifiers"]["matched"]["tfs"] == 20, result.err


@pytest.mark.parametrize("case", ["95-three-tfs"], indirect=True)
@pytest.mark.parametrize("line", [0, 1])
def test_the_largest_feasible_ratio_is_feasible(case: Path, line: int) -> None:
    arguments = commands(case)[line]
    result = grnpyg(*arguments)
    if result.code == 0:
        return
    message = refusal(result)
    number = re.search(r"0\.\d+(?=, the largest)|(?<=ratio here is )0\.\d+", message)
    assert number, message
    advice = ["--ratio", number[0]]
    if "evaluation.ratio" in message:
        advice = ["--set", f"negatives.ratio={number[0]}", "--set", f"evaluation.ratio={number[0]}"]
    followed = grnpyg(*arguments, *advice)
    assert followed.code == 0, f"{message}\n{followed.err}"
