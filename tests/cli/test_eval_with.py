"""`grnpyg eval --with`: another tool's network in the same tables and in the same JSON."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from cli.command import grnpyg
from cli.conftest import Trained

from grnpyg.runs import Run


def network(trained: Trained, path: str, every: int = 1) -> Path:
    """The run's known edges, of which it keeps every so many, as arboreto writes them."""
    graph = Run.load(trained.run).graph
    tf, gene = graph["tf", "regulates", "gene"].edge_index[:, ::every].tolist()
    table = pd.DataFrame(
        {
            "TF": [graph["tf"].name[i] for i in tf],
            "target": [graph["gene"].name[i] for i in gene],
            "importance": 1.5,
        }
    )
    table.to_csv(path, sep="\t", index=False)
    return Path(path)


def test_networks_stand_beside_degree_with_their_coverage(trained: Trained, work: Path) -> None:
    files = network(trained, "all.tsv"), network(trained, "half.tsv", every=2)
    named = ("--with", files[0], "--name", "Oracle", "--with", files[1], "--name", "Half")
    content = grnpyg("eval", trained.run, *named, "--ranking", "--resamples", 0, "--json").json
    assert content["baselines"]["Oracle"]["uniform"]["auroc"] == 1
    assert content["baselines"]["Oracle"]["ranking"]["per_tf_auroc"] == 1
    assert 0.5 < content["baselines"]["Half"]["uniform"]["auroc"] < 1
    assert "degree_product" in content["baselines"]
    listed = content["lists"]["Oracle"]["listed"]["test"]["uniform"]
    assert listed == {"pairs": 0.5, "positives": 1.0, "negatives": 0.0}
    shown = grnpyg("eval", trained.run, "--with", files[1], "--resamples", 0)
    assert "half lists 200 pairs (score: importance), 200 of them in the run" in shown.err
    assert "half" in shown.out


def test_a_list_of_new_edges_alone_says_why_its_scores_say_nothing(trained: Trained, work: Path) -> None:
    assert grnpyg("predict", trained.run, "--new", "-o", "new.tsv").code == 0
    shown = grnpyg("eval", trained.run, "--with", "new.tsv", "--resamples", 0)
    assert "it lists 0 % of the edges and 100 % of the other pairs" in shown.err
    assert "written without the known edges" in shown.err
    assert "written without" not in grnpyg("eval", trained.run, "--with", network(trained, "n.tsv")).err


def test_a_pair_without_a_score_is_not_the_best_one(trained: Trained, work: Path) -> None:
    """pandas writes nan as an empty cell."""
    table = pd.read_csv(network(trained, "n.tsv"), sep="\t")
    scores = ("eval", trained.run, "--resamples", 0, "--json", "--name", "x", "--with")
    table["importance"] /= 1000
    table.iloc[5:].to_csv("less.tsv", sep="\t", index=False)
    table.assign(importance=table["importance"].mask(np.arange(len(table)) < 5)).to_csv(
        "empty.tsv", sep="\t", index=False
    )
    empty = grnpyg(*scores, "empty.tsv")
    assert "empty.tsv: 5 rows without a score, left out" in empty.err
    assert empty.json["baselines"]["x"] == grnpyg(*scores, "less.tsv").json["baselines"]["x"]
    assert grnpyg("export", "empty.tsv", "-o", "out.tsv").code == 0


def test_nothing_else_changes(trained: Trained, work: Path) -> None:
    without = grnpyg("eval", trained.run, "--resamples", 50, "--json").json
    file = network(trained, "n.tsv")
    beside = grnpyg("eval", trained.run, "--with", file, "--resamples", 50, "--json").json
    assert beside["regimes"] == without["regimes"]
    assert beside["baselines"].pop("n")
    assert beside["baselines"] == without["baselines"]


def test_what_cannot_be_judged_ends_in_one_line(trained: Trained, work: Path) -> None:
    file = network(trained, "n.tsv")
    Path("other.tsv").write_text("TF\ttarget\timportance\nQQ1\tRR1\t3\n")
    for arguments, words in (
        (("--with", "other.tsv"), "none of its 1 pairs joins a TF and a gene of the run"),
        (("--with", "none.tsv"), "none.tsv"),
        (("--with", file, "--name", "a", "--name", "b"), "--name: 2 given for 1 files of --with"),
        (("--with", file, "--with", file), "two networks are called n"),
        (("--with", file, "--name", "degree_product"), "belongs to another method"),
        (("--name", "a"), "1 given for 0 files"),
        (("--with", file, "--columns", "weight=score"), "unknown column 'score'"),
    ):
        found = grnpyg("eval", trained.run, *arguments)
        assert found.code == 2, found.out
        assert words in found.err
        assert len([line for line in found.err.splitlines() if line.startswith("error")]) == 1


def test_a_network_is_judged_by_later_curation_too(trained: Trained, work: Path) -> None:
    graph = Run.load(trained.run).graph
    known = set(zip(*graph["tf", "regulates", "gene"].edge_index.tolist(), strict=True))
    new = [(i, j) for i in range(4) for j in range(20, 40) if (i, j) not in known][:30]
    rows = [f"{graph['tf'].name[i]}\t{graph['gene'].name[j]}" for i, j in new]
    rows = [row for row in rows if row.split("\t")[0] != row.split("\t")[1]]
    Path("later.tsv").write_text("\n".join(["source\ttarget", *rows]) + "\n")
    Path("peer.tsv").write_text("\n".join(["TF\ttarget\timportance", *(f"{row}\t2" for row in rows)]) + "\n")
    asked = ("--later", "later.tsv", "--with", "peer.tsv", "--resamples", 0, "--json")
    content = grnpyg("eval", trained.run, *asked).json
    assert content["later"]["baselines"]["peer"]["auroc"] == 1
