"""A network from cells: the plan, the trainings, the files, and a second call that goes on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cli.command import grnpyg, refused
from slurm.fake import FakeSlurm

import grnpyg as gp
from grnpyg.core.errors import InputError
from grnpyg.pipeline import Cost, NetworkOptions, make_plan, require_fits
from grnpyg.pipeline.labels import default_labels
from grnpyg.pipeline.regulons import regulon_edges

QUICK = ("training.max_epochs=1", "training.patience=1", "knowledge.sources=[cells]")
OPTIONS = [part for change in QUICK for part in ("--set", change)]


@pytest.fixture
def cells(work: Path, make_h5ad: Callable[..., Path]) -> Path:
    """Cells whose genes are human symbols, and labels of them, as files of the current folder."""
    from grnpyg.data.names.symbols import symbols

    known = sorted(symbols("human").current)[:: len(symbols("human").current) // 83][:83]
    table = pd.read_csv("labels.tsv", sep="\t")
    names = dict(zip([*(f"G{i}" for i in range(80)), "TFA", "TFB", "TFC"], known, strict=True))
    table.replace(names).to_csv("labels.tsv", sep="\t", index=False)
    return make_h5ad(work / "cells.h5ad", genes=known)


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {
        name: (folder / name).read_bytes() for name in ("network.parquet", "regulons.gmt", "summary.json")
    }


def test_one_command_from_cells_to_files_and_the_second_call_makes_nothing_again(cells: Path) -> None:
    command = (
        "network",
        "cells.h5ad",
        "--labels",
        "labels.tsv",
        "--seeds",
        2,
        "--top",
        50,
        "-o",
        "out",
        *OPTIONS,
    )
    said = grnpyg(*command, "--json").json
    out = Path("out")
    edges = pd.read_parquet(out / "network.parquet")
    labels = pd.read_csv("labels.tsv", sep="\t")
    known = edges[edges["known"]]
    assert set(zip(known["TF"], known["target"], strict=True)) == set(
        labels.itertuples(index=False, name=None)
    )
    assert (len(edges) - len(known), said["edges"]["new"]) == (50, 50)
    assert edges["importance"].is_monotonic_decreasing
    assert said["report"] == "out/report.html"
    assert "Network out" in (out / "report.html").read_text()
    assert edges["frequency"].notna().all()
    assert {line["setting"] for line in said["gains"]} >= {"uniform", "same_tf", "ranking"}
    assert all(line["model"] - line["degree"] == pytest.approx(line["gain"]) for line in said["gains"])
    sets = {line.split("\t")[0] for line in (out / "regulons.gmt").read_text().splitlines()}
    assert sets == set(labels["source"])
    first, runs = bytes_of(out), {path: path.stat().st_mtime_ns for path in out.glob("runs/*/manifest.json")}
    assert len(runs) == 2
    (out / "network.parquet").unlink()  # as if it was stopped before
    again = grnpyg(*command, "--json")
    assert again.code == 0
    assert bytes_of(out) == first
    assert {path: path.stat().st_mtime_ns for path in out.glob("runs/*/manifest.json")} == runs
    assert "there already" in grnpyg(*command).err
    assert "made again" in grnpyg(*command, "--top", 20).err, "what is replaced is said"
    (out / "report.html").unlink()
    (out / "report.html").mkdir()
    blocked = grnpyg(*command, "--json")
    assert (blocked.code, blocked.json["report"]) == (0, None)
    assert "no report.html" in blocked.err, "the network is there without its page"
    run = refused("predict", "out", says=("folder of a network", "name its runs")).rpartition(" ")[2]
    assert grnpyg("predict", run.rstrip("."), "--top", 3).code == 0


def test_a_network_is_trained_on_a_cluster(
    cells: Path, fake: FakeSlurm, meanwhile: Callable[..., None]
) -> None:
    """A training a seed, each a task; what was interrupted is no failure, and the same command goes on."""
    small = (
        "network",
        "cells.h5ad",
        "--labels",
        "labels.tsv",
        "--seeds",
        2,
        "--top",
        5,
        "-o",
        "out",
        *OPTIONS,
    )
    command = (*small, "--executor", "slurm", "--executor-option", "time=1h")
    meanwhile(fake.finish)
    stopped = grnpyg(*command)
    assert stopped.code == 1
    assert "1 of 2 trainings were interrupted: seed=42: job 1_0 is over: it never began" in stopped.err
    assert "The same command goes on with them" in stopped.err
    assert grnpyg(*command, "--json").json["edges"]["new"] == 5
    assert len(list(Path("out/runs/.jobs").glob("grnpyg-*"))) == 2
    refused(*command, "--executor-option", "x=1", says=("executor slurm", "'x'"))


def test_a_folder_of_other_choices_is_left_alone(cells: Path) -> None:
    refused("network", "cells.h5ad", "--labels", "labels.tsv", "-o", "out", "--plan", "--seeds", 0)
    plan = make_plan("cells.h5ad", NetworkOptions("labels.tsv", seeds=1, changes=QUICK))
    from grnpyg.pipeline import write_plan

    write_plan(plan, Path("out"))
    before = (Path("out") / "study.yaml").read_bytes()
    refused(
        *("network", "cells.h5ad", "--labels", "labels.tsv", "-o", "out", "--seed", 7, *OPTIONS),
        says=("out", "other cells, edges or options", "-o"),
    )
    assert (Path("out") / "study.yaml").read_bytes() == before


@pytest.mark.parametrize(
    ("name", "content"), [("study.yaml", "a: [1, b: 2"), ("regulons.gmt", "A\tmine\tb\n"), ("", "a file")]
)
def test_what_is_not_ours_is_left_alone(cells: Path, name: str, content: str) -> None:
    if name:
        Path("out").mkdir()
    place = Path("out") / name
    place.write_text(content)
    refused("network", "cells.h5ad", "--labels", "labels.tsv", "-o", "out", *OPTIONS, says=("out", "-o"))
    assert place.read_text() == content


def test_the_plan_alone_writes_nothing(cells: Path) -> None:
    said = grnpyg("network", "cells.h5ad", "--labels", "labels.tsv", "-o", "out", "--plan", "--json")
    assert said.json["species"] == "human"
    assert said.json["seeds"] == [42, 43, 44]
    assert said.json["estimate_of_a_training"]["bytes"] > 0
    assert not Path("out").exists()
    assert "estimate:" in said.err


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--species", "mouse"), ("human", "mouse")),
        (("--species", "yeast"), ("yeast", "human")),
        (("--universe", "all"), ("all", "labels or measured")),
        (("--data", "other.h5ad"), ("--data",)),
        (("--top", "0"), ("--top",)),
        (("--set", "seed=7"), ("seed has an option of its own", "--seed")),
        (("--set", "data.expression=bundled"), ("the cells",)),
    ],
)
def test_bad_choices_are_one_line(cells: Path, options: tuple[str, ...], says: tuple[str, ...]) -> None:
    refused("network", "cells.h5ad", "--labels", "labels.tsv", "-o", "out", *options, says=says)
    assert not Path("out").exists()


def test_labels_that_cannot_be_split_are_refused_before_anything_is_written(cells: Path) -> None:
    table = pd.read_csv("labels.tsv", sep="\t")
    table[table["source"] == table["source"].iloc[0]].to_csv("one.tsv", sep="\t", index=False)
    refused("network", "cells.h5ad", "--labels", "one.tsv", "-o", "out", *OPTIONS, says=("TF",))
    assert not Path("out").exists()


def test_cells_of_no_known_species_need_labels_and_a_species(work: Path) -> None:
    refused("network", "expression.h5ad", "-o", "out", says=("neither human nor mouse", "--species"))
    with pytest.raises(InputError, match="no known edges of mouse"):
        default_labels("mouse")


def test_cells_of_two_species_are_refused(cells: Path, make_h5ad: Callable[..., Path]) -> None:
    from grnpyg.data.names.symbols import symbols

    human, mouse = (
        sorted(symbols(name).current)[5000 : 5000 + n] for name, n in (("human", 43), ("mouse", 40))
    )
    make_h5ad(Path("both.h5ad"), genes=[*human, *mouse])
    for given in ((), ("--species", "human")):
        said = ("both.h5ad", "two species", "of human and", "of mouse")
        refused("network", "both.h5ad", "--labels", "labels.tsv", "-o", "out", *given, says=said)


@pytest.mark.parametrize("plan", [(), ("--plan",)])
def test_a_place_that_cannot_be_written_is_said_first(cells: Path, plan: tuple[str, ...]) -> None:
    """Before the cells are read, which takes minutes."""
    for place in ("labels.tsv", "labels.tsv/out"):
        refused("network", "nothing.h5ad", "-o", place, *plan, says=("labels.tsv",))


def test_what_does_not_fit_in_memory_says_what_it_takes() -> None:
    huge = Cost.of(10**13, 10**6)
    with pytest.raises(InputError, match="GB"):
        require_fits(huge, 1)
    require_fits(Cost(1.0, 1.0), 2)


def test_regulons_hold_known_edges_and_likely_new_ones() -> None:
    edges = pd.DataFrame(
        {
            "TF": ["A", "A", "B", "B"],
            "target": ["x", "y", "x", "z"],
            "known": [True, False, False, False],
            "probability": [0.01, 0.9, 0.1, np.nan],
        }
    )
    assert regulon_edges(edges)[["TF", "target"]].to_numpy().tolist() == [["A", "x"], ["A", "y"]]


def test_python_gives_the_same_network(cells: Path) -> None:
    import anndata

    options = {"seeds": 1, "top": 30, "changes": QUICK}
    net = gp.network("cells.h5ad", "labels.tsv", **options)  # type: ignore[arg-type]
    in_memory = gp.network(anndata.read_h5ad("cells.h5ad"), pd.read_csv("labels.tsv", sep="\t"), **options)  # type: ignore[arg-type]
    columns = ["TF", "target", "importance", "known"]
    pd.testing.assert_frame_equal(in_memory.edges[columns], net.edges[columns])
    assert len(net.new()) == 30
    assert len(net.new(5)) == 5
    best = net.edges.iloc[0]
    assert best["TF"] in net.plot_tf(best["TF"]).get_title()
    with pytest.raises(InputError, match="plot_tf"):
        net.plot_tf("nobody")
    with pytest.raises(InputError) as refusal:
        gp.network("cells.h5ad", pd.DataFrame({"source": ["Q"], "target": ["R"]}), **options)  # type: ignore[arg-type]
    assert "labels.tsv" not in str(refusal.value), "the file is none of the caller's"
    graph = net.to_networkx()
    assert set(graph.edges) == {(tf, gene) for tf, genes in net.regulons().items() for gene in genes}
    held = net.to_anndata(anndata.read_h5ad("cells.h5ad")).uns["grnpyg"]["edges"]
    assert len(held) == len(net.edges)
    assert json.dumps(dict(net.summary))
    assert set(net.gains["setting"]) >= {"uniform"}
