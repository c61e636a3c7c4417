"""docs/slurm.md says what the code says: its commands run, its options are those of the executor."""

from __future__ import annotations

import inspect
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from cli.command import grnpyg
from pages import blocks
from places import REPOSITORY
from slurm.fake import FakeSlurm

from grnpyg.studies.executors import executors
from grnpyg.studies.jobs import Jobs

PAGE = REPOSITORY / "docs" / "slurm.md"
pytestmark = pytest.mark.skipif(not PAGE.is_file(), reason="needs the documents of the repository")


def yaml_blocks() -> list[str]:
    return re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE)


def first_cells() -> list[str]:
    return re.findall(r"^\| `([^`]+)` \|", PAGE.read_text(), re.MULTILINE)


def test_the_commands_run_in_their_order(
    base: dict[str, Any], fake: FakeSlurm, meanwhile: Callable[..., None]
) -> None:
    Path("small.yaml").write_text(yaml.safe_dump(base))
    study, section = yaml_blocks()
    Path("study.yaml").write_text(study)
    commands = re.findall(r"^grnpyg .+$", PAGE.read_text(), re.MULTILINE)
    assert len(commands) == 6
    for command in commands:
        words = shlex.split(command)
        assert words.pop(0) == "grnpyg"
        result = grnpyg(*words)
        assert result.code == 0, f"{command}\n{result.err}"
        (name, *_) = [path.name for path in Path("runs").iterdir() if path.name[0] != "."]
        assert grnpyg("study", "logs", name).code == 0
    Path("study.yaml").write_text(study + section)
    assert grnpyg("study", "run", "study.yaml", "--runs", "anew", "--detach").code == 0
    (job,) = Jobs(Path("anew")).folders
    assert job.facts["resources"]["mem"] == "4G"
    assert Path("results/first/manifest.json").is_file()


def test_the_tutorial_submits_its_study_and_makes_its_table(base: dict[str, Any], fake: FakeSlurm) -> None:
    """docs/tutorials/study.md: between its commands, the cluster works on what is in the queue."""
    shown = blocks("docs/tutorials/study.md")
    (study,) = [block.text for block in shown if block.file == "study.yaml"]
    Path("study.yaml").write_text(yaml.safe_dump(yaml.safe_load(study) | {"base": base}))
    (commands,) = [block.commands for block in shown if block.language == "sh"]
    assert ["--detach" in command for command in commands] == [True, False, False]
    answers = []
    for command in commands:
        answers.append(grnpyg(*shlex.split(command)[1:]))
        assert answers[-1].code == 0, f"{command}\n{answers[-1].err}"
        while fake.tasks:
            fake.work()
    assert len(fake.read()["over"]) == 4
    assert "cross" in answers[-1].out


def test_the_options_are_those_of_the_executor() -> None:
    cls = executors.get("slurm")
    options = [name for name in inspect.signature(cls).parameters if name != "self"]
    assert sorted(set(first_cells()) & set(options)) == sorted(options)


def test_the_layout_and_the_messages_are_those_of_the_code() -> None:
    code = "".join(path.read_text() for path in (REPOSITORY / "grnpyg" / "studies").rglob("*.py"))
    cells = first_cells()
    assert {Path(cell).name for cell in cells if cell.startswith("runs/.jobs")} == {
        "sbatch.sh",
        "trials.jsonl",
        "job.json",
        "log",
    }
    for name in ("sbatch.sh", "trials.jsonl", "job.json"):
        assert f'"{name}"' in code
    for said in ("it never began: it was cancelled, or its node does not see the folder of the runs",):
        assert said in cells
        assert said in code
    for part in ("gives this config another hash: use one version", "where the job was submitted"):
        assert part in code
        assert part in PAGE.read_text()
