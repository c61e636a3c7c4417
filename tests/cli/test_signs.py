"""`grnpyg data check --signs`: the rule for signs judged on the labels at hand."""

from __future__ import annotations

from pathlib import Path

from cli.command import grnpyg

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
