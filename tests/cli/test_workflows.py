"""docs/workflows.md: the Snakefile runs, and a second call makes nothing again."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from cli.command import grnpyg
from places import REPOSITORY

PAGE = REPOSITORY / "docs" / "workflows.md"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PAGE.is_file(), reason="needs the documents of the repository"),
]


def block(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    return str(found)


def commands(text: str) -> list[str]:
    return [command for command in re.findall(r'"(grnpyg [^"]+)"', text) if command]


def typed(command: str, **values: object) -> None:
    """Run a rule's command with its placeholders filled in."""
    text = re.sub(r"\$?\{(?:params\.|wildcards\.)?(\w+)\}", lambda found: str(values[found[1]]), command)
    assert grnpyg(*text.split()[1:]).code == 0, text


def test_the_commands_of_the_rules_run(work: Path) -> None:
    """Also where Snakemake is not installed."""
    predict, train = commands(block("snakemake"))
    for seed in (1, 2):
        typed(train, input="small.yaml", seed=seed, run=f"results/seed{seed}")
        assert Path(f"results/seed{seed}/manifest.json").is_file()
    typed(predict, runs="results/seed1 results/seed2", output="results/edges.tsv")
    assert not pd.read_csv("results/edges.tsv", sep="\t")["known"].any()
    (process,) = commands(block("nextflow"))
    typed(process, config="small.yaml", seed=1)
    assert Path("seed1/manifest.json").is_file()


def test_snakemake_runs_it(work: Path) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    snakemake, environment = shutil.which("snakemake", path=path), {**os.environ, "PATH": path}
    if snakemake is None:
        pytest.skip("needs snakemake: pip install snakemake")
    (work / "Snakefile").write_text(block("snakemake"))

    def run() -> str:
        done = subprocess.run([snakemake, "--cores", "1"], capture_output=True, text=True, env=environment)
        assert done.returncode == 0, done.stderr
        return done.stderr

    assert "3 of 3 steps (100%) done" in run()
    edges = (work / "results" / "edges.tsv").read_bytes()
    assert "Nothing to be done" in run()
    shutil.rmtree(work / "results" / "seed2")
    run()
    assert (work / "results" / "edges.tsv").read_bytes() == edges
