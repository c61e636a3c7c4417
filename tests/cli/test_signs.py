"""`grnpyg data check --signs`: the rule for signs judged on the labels at hand."""

from __future__ import annotations

from pathlib import Path

from cli.command import grnpyg

from grnpyg.data.graph import REGULATES, pair_codes
from grnpyg.networks import provenance_of, signs_of
from grnpyg.runs import Run

CHECK = ("data", "check", "--set", "data.expression=null", "--labels", "mine.tsv", "--signs")


def labels(edges_per_tf: int) -> None:
    """Ten TFs, of which every third represses all its targets."""
    pairs = [(tf, (7 * tf + gene) % 40) for tf in range(10) for gene in range(edges_per_tf)]
    rows = [f"T{tf}\tg{gene}\t{-1 if tf % 3 == 0 else 1}" for tf, gene in pairs]
    Path("mine.tsv").write_text("\n".join(["source\ttarget\tmor", *rows]) + "\n")


def test_the_rule_stands_beside_the_majority() -> None:
    labels(20)
    methods = {row["method"]: row for row in grnpyg(*CHECK, "--json").json["signs"]}
    assert methods["all activation"]["accuracy"] == 0.6
    assert methods["rule"]["accuracy"] == methods["rule"]["right"] == 1
    shown = grnpyg(*CHECK)
    assert "Signs: 120 known edges activate, 80 repress, 0 are unknown." in shown.out
    assert "all activation" in shown.out


def test_too_few_signs_end_in_one_line() -> None:
    labels(2)
    found = grnpyg(*CHECK)
    assert found.code == 2
    assert "error: signs: 12 known edges activate and 8 repress: too few signs" in found.err


def test_a_run_keeps_the_signs_and_one_of_0_3_0_has_none(work: Path) -> None:
    rows = (work / "labels.tsv").read_text().splitlines()
    signed = [f"{row}\t{1 - 2 * (number % 2)}\tA" for number, row in enumerate(rows[1:])]
    (work / "labels.tsv").write_text("\n".join([f"{rows[0]}\tmor\tconfidence", *signed]) + "\n")
    run = Run.load(grnpyg("train", "--config", "small.yaml", "--max-epochs", 0, "--json").json["run"])
    store = run.graph[REGULATES]
    codes = pair_codes(run.graph, store.edge_index).numpy()
    assert set(signs_of(run)(codes).tolist()) == {-1, 1}
    assert set(provenance_of(run)(codes)) == {"labels.tsv:A"}
    assert not {"sign", "confidence", "provenance"} & set(run.split.graph[REGULATES])
    for name in ("sign", "confidence", "provenance"):
        del store[name]  # as the graph of an older run is read
    assert set(signs_of(run)(codes).tolist()) == {0}
    assert set(provenance_of(run)(codes)) == {"labels.tsv"}
