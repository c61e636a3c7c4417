"""The page of a network: its numbers are those of the table, and nothing in it is taken for HTML."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import shlex
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cli.command import grnpyg
from report.conftest import EVIL_GENE, EVIL_TF, network_table

from grnpyg.report import write_report
from grnpyg.report.html import LIBRARIES, libraries
from grnpyg.report.pages import edges as carried
from grnpyg.report.pages.network import network_page
from grnpyg.report.pages.source import read_file, read_folder
from grnpyg.report.scores import gains_of_run

ASSETS = Path(carried.__file__).parents[1] / "assets"


def text_of(file: Path) -> str:
    """The words of a page, without its scripts and drawings."""
    page = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", file.read_text(), flags=re.DOTALL)
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


def embedded(file: Path) -> Any:
    found = re.search(r'<script type="application/json" id="page-data">(.*?)</script>', file.read_text())
    assert found is not None
    return json.loads(found[1])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "net.parquet"
    network_table().to_parquet(path)
    return path


def test_the_answer_counts_likely_edges_and_adds_up_their_probabilities(file: Path) -> None:
    table = network_table()
    likely = table[~table["known"] & (table["probability"] >= 0.2)]
    words = text_of(write_report(file).file)
    assert f"{len(likely):,} new edges have a probability of 0.2 or more, and about" in words
    assert f"about {likely['probability'].sum():,.0f} of them are expected to be true" in words
    most = likely["TF"].value_counts()
    assert f"({most.iloc[0]:,})" in words
    best = table[~table["known"]].iloc[0]
    assert f"The first one is {best['TF']} → {best['target']} with" in words


def test_the_page_carries_what_the_table_says(file: Path) -> None:
    data, table = embedded(write_report(file).file), network_table()
    rows = data["edges"]
    at = {
        (data["tfs"][tf], data["genes"][gene]): n
        for n, (tf, gene) in enumerate(zip(rows["TF"], rows["target"], strict=True))
    }
    line = table.iloc[40]
    n = at[line["TF"], line["target"]]
    assert rows["rank"][n] == 41
    assert rows["known"][n] == int(line["known"])
    assert rows["probability"][n] == pytest.approx(line["probability"], rel=1e-3)
    counts = data["in_file"][data["tfs"].index("TF3")]
    own = table[table["TF"] == "TF3"]["known"]
    assert counts == [own.sum(), (~own).sum()]


def test_a_large_network_gives_its_best_edges_only() -> None:
    table = network_table(tfs=400, genes=300)
    rows, each = carried.chosen(table)
    assert len(rows) <= carried.BEST + carried.OF_TFS
    place = table.groupby("TF").cumcount()
    assert set(table.index[place < each]) <= set(rows.index)
    assert set(table[~table["known"]].index[: carried.BEST]) <= set(rows.index)
    assert np.minimum(table["TF"].value_counts(), each + 1).sum() > carried.OF_TFS


def test_names_are_escaped_and_scripts_are_allowed_by_their_hash(file: Path) -> None:
    page = write_report(file).file.read_text()
    assert EVIL_GENE not in page
    assert EVIL_TF not in page
    assert html.escape(EVIL_GENE) in page or "\\u003cimg src=x onerror=alert(1)>" in page
    policy = html.unescape(re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1])  # type: ignore[index]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe-inline" not in policy.split("style-src")[0]
    scripts = re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)
    digests = {base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in scripts}
    assert digests == set(re.findall(r"'sha256-([^']+)'", policy))
    assert not re.search(r'(?:src|href)="(?!#)', re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL))


def test_libraries_are_those_that_the_list_names() -> None:
    listed = {entry["file"]: entry for entry in libraries()}
    assert set(listed) == set(LIBRARIES)
    for name, entry in listed.items():
        assert hashlib.sha256((ASSETS / name).read_bytes()).hexdigest() == entry["sha256"]
        assert entry["version"].encode() in (ASSETS / name).read_bytes()
        assert entry["licence"] == "MIT"
        assert (ASSETS / f"{name}.LICENSE").is_file()


def test_two_reports_are_the_same_bytes(file: Path, tmp_path: Path) -> None:
    pages = [write_report(file, tmp_path / f"{n}.html").file.read_bytes() for n in (1, 2)]
    assert pages[0] == pages[1]


def test_sections_without_data_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "plain.tsv"
    network_table()[["TF", "target", "importance"]].to_csv(path, sep="\t", index=False)
    report = write_report(path)
    assert report.sections == ("new-edges", "edges", "tf", "tfs")
    words = text_of(report.file)
    assert "3,120 edges, ranked by their score; the table has no probabilities" in words
    assert "does not say which of them are known" in words
    assert "Edges by TF" in words
    assert "New edges by" not in words
    assert set(embedded(report.file)["edges"]) == {"TF", "target", "importance"}


def test_a_network_of_known_edges_alone_says_so(tmp_path: Path) -> None:
    path = tmp_path / "known.parquet"
    network_table(3, 20).assign(known=True).to_parquet(path)
    assert "no new edge" in text_of(write_report(path).file)


def test_a_folder_of_a_network_has_the_evidence(made: Path, tmp_path: Path) -> None:
    report = write_report(made, tmp_path / "page.html")
    assert {"gain", "probability", "stability", "data", "rebuild"} <= set(report.sections)
    words, summary = text_of(report.file), json.loads((made / "summary.json").read_text())
    line = next(line for line in summary["gains"] if line["setting"] == "uniform")
    assert f"{line['model']:.3f} {line['degree']:.3f} {100 * line['gain']:+.1f} [" in words
    assert "2 trainings" in words or "trainings 2" in words
    assert summary["runs"][0].removeprefix("runs/") in words


def test_one_training_has_the_intervals_of_its_test_pairs(made: Path) -> None:
    """One seed has no t-interval: the bootstrap of TFs and genes stands in, and the page says so."""
    source = read_folder(made)
    assert source.summary is not None
    assert source.run is not None
    own = gains_of_run(source.run).set_index("setting")
    lines = [
        line | {"gain": own["gain"].get(line["setting"], line["gain"]), "low": None, "high": None}
        for line in source.summary["gains"]
    ]
    page = network_page(replace(source, summary=source.summary | {"gains": lines}), thorough=False)
    (figure,) = [figure for figure in page.figures if figure.name == "gain"]
    assert "two-way bootstrap" in figure.caption
    assert "another training would differ is not in them" in figure.caption
    drawn = figure.numbers.set_index("name")
    line = drawn.loc["any other pair (uniform)"]
    assert line["low"] < line["gain"] < line["high"]
    assert (line["low"], line["high"]) == tuple(own.loc["uniform", ["low", "high"]])
    assert np.isnan(drawn.loc["all genes of each TF (ranking)", "low"])  # takes the score of every pair


def test_the_command_makes_the_same_network(made: Path) -> None:
    """What differs from the recipe is in the command, so that the folder is found to be whole."""
    shutil.copytree(made, "net")
    words = text_of(write_report(Path("net"), thorough=False).file)
    command = re.search(r"grnpyg network .*? -o net", words)
    assert command is not None
    again = grnpyg(*shlex.split(command[0])[1:])
    assert again.code == 0, again.err
    assert "steps 2 and 3: the network is there already" in again.err


def test_figures_come_with_their_numbers(file: Path, tmp_path: Path) -> None:
    report = write_report(file, figures=tmp_path / "figures")
    page = network_page(read_file(file))
    assert len(report.figures) == 4 * len(page.figures) > 0
    for figure in page.figures:
        stored = pd.read_csv(tmp_path / "figures" / f"{figure.name}.csv")
        assert len(stored) == len(figure.numbers)
        heads = {
            kind: (tmp_path / "figures" / f"{figure.name}.{kind}").read_bytes()[:5]
            for kind in ("pdf", "png", "svg")
        }
        assert heads == {"pdf": b"%PDF-", "png": b"\x89PNG\r", "svg": b"<?xml"}


def test_ids_of_two_drawings_never_meet(file: Path) -> None:
    page = write_report(file).file.read_text()
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_probabilities_are_judged_in_a_thorough_report_only(made: Path) -> None:
    page = network_page(read_folder(made), thorough=False)
    assert "reliability" not in {figure.name for figure in page.figures}
    thorough = network_page(read_folder(made))
    assert "reliability" in {figure.name for figure in thorough.figures}


def test_a_report_leaves_its_inputs_alone(made: Path, tmp_path: Path) -> None:
    copy = tmp_path / "net"
    shutil.copytree(made, copy)
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    write_report(copy)
    assert {path for path in copy.rglob("*") if path.is_file()} == {*before, copy / "report.html"}
    assert all(path.read_bytes() == content for path, content in before.items())
