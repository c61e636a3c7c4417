"""What is no network, no run and no study, or half of one, is refused in one line; nothing is written."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
import yaml
from cli.command import refused
from cli.test_foreign_runs import name_plugin
from report.conftest import network_table


@pytest.fixture
def net(made: Path) -> Path:
    """A copy of the network in the current folder, to be damaged: net."""
    shutil.copytree(made, "net")
    return Path("net")


def change_summary(net: Path, **values: object) -> None:
    summary = json.loads((net / "summary.json").read_text())
    (net / "summary.json").write_text(json.dumps(summary | values))


def test_a_path_that_is_none_of_the_three() -> None:
    refused("report", "nothing", says=("nothing", "no such file or folder", "name a folder"))
    Path("empty").mkdir()
    refused("report", "empty", says=("empty", "no network and no run"))
    Path("words.txt").write_text("hello\n")
    refused("report", "words.txt", says=("words.txt",))
    Path("list.yaml").write_text("- 1\n")
    refused("report", "list.yaml", says=("list.yaml",))


def test_a_folder_of_runs_names_one(trained: object, run: Path) -> None:
    refused("report", run.parent, says=(str(run),))


def test_half_a_network(net: Path) -> None:
    kept = (net / "summary.json").read_bytes()
    (net / "summary.json").unlink()
    refused("report", net, says=("half a network", "summary.json is missing", "again"))
    for damaged in (b"{", b"[]", b'{"gains": []}', b"\xff"):
        (net / "summary.json").write_bytes(damaged)
        refused("report", net, says=("summary.json is not readable",))
    (net / "summary.json").write_bytes(kept)
    (net / "network.parquet").unlink()
    refused("report", net, says=("network.parquet is missing",))


def test_a_network_that_was_changed(net: Path) -> None:
    pd.read_parquet(net / "network.parquet").head(5).to_parquet(net / "network.parquet")
    refused("report", net, says=("was changed after summary.json", "name"))


def test_half_a_run_inside_a_network(net: Path) -> None:
    for run in [manifest.parent for manifest in sorted(net.glob("runs/*/manifest.json"))]:
        (run / "graph.safetensors").rename("kept")
        refused("report", net, says=(run.name, "graph.safetensors is missing"))
        Path("kept").rename(run / "graph.safetensors")


def test_half_a_run(run: Path) -> None:
    (run / "predictions.parquet").unlink()
    refused("report", run, says=("predictions.parquet is missing",))


@pytest.mark.parametrize("entry", ["../elsewhere", "runs/../../elsewhere", "/etc", "runs/..", 3, None])
def test_a_summary_that_points_elsewhere(net: Path, entry: object) -> None:
    change_summary(net, runs=[entry])
    refused("report", net, says=("names a run elsewhere",))


@pytest.mark.parametrize("name", ["summary.json", "network.parquet", "runs"])
def test_links_are_not_followed(net: Path, name: str) -> None:
    (net / name).rename(f"outside-{name}")
    (net / name).symlink_to(Path(f"outside-{name}").absolute())
    refused("report", net, says=("symbolic link", "not followed"))


def test_no_plug_in_of_a_foreign_network_runs(net: Path) -> None:
    Path("evil.py").write_text("open('executed', 'w').close()\n")
    for manifest in net.glob("runs/*/manifest.json"):
        name_plugin(manifest.parent)
    values = yaml.safe_load((net / "study.yaml").read_text())
    values["base"]["encoder"] = {"name": "evil:Evil"}
    (net / "study.yaml").write_text(yaml.safe_dump(values))
    refused("report", net, says=("evil.py", "--trust-plugins"))


def test_an_empty_network() -> None:
    network_table(2, 3).head(0).to_parquet("empty.parquet")
    refused("report", "empty.parquet", says=("empty.parquet",))


def test_an_output_that_cannot_be_one(net: Path) -> None:
    refused("report", net, "-o", "page.txt", says=("page.txt", ".html"))
    refused("report", net, "-o", "missing/page.html", says=("missing",))
    Path("page.html").mkdir()
    refused("report", net, "-o", "page.html", says=("is a folder",))
    Path("taken").write_text("")
    refused("report", net, "--figures", "taken", says=("taken", "--figures"))


def test_rows_are_of_a_study_only(net: Path) -> None:
    Path("rows.csv").write_text("a\n")
    refused("report", net, "--from", "rows.csv", says=("only a study",))


def test_figures_never_replace_what_was_read() -> None:
    network_table(3, 20).to_csv("probabilities.csv", index=False)
    refused("report", "probabilities.csv", "--figures", ".", says=("probabilities.csv", "would be lost"))
    assert len(pd.read_csv("probabilities.csv")) == 60


def test_a_study_without_a_finished_trial(work: Path) -> None:
    Path("study.yaml").write_text("base: small.yaml\naxes: {seed: [1, 2]}\n")
    refused("report", "study.yaml", "--runs", "none", says=("no trial is done",))
