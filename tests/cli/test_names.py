"""Former names of genes on the command line: replaced and said, or left alone."""

from __future__ import annotations

from pathlib import Path

from cli.command import grnpyg

CHECK = ("data", "check", "--labels", "labels.tsv", "--set", "data.expression=null")


def test_aliases_can_be_turned_off(work: Path) -> None:
    pairs = [("MLL2", "MYC"), ("STAT1", "IRF1"), ("KMT2D", "MYC"), ("STAT1", "CD19")]
    Path("labels.tsv").write_text("source\ttarget\n" + "".join(f"{a}\t{b}\n" for a, b in pairs))
    replaced = grnpyg(*CHECK)
    assert replaced.code == 0
    assert "MLL2 is now KMT2D. Keep them with `--no-aliases`" in replaced.err
    assert "2 TFs x 3 genes, 3 known edges" in replaced.out
    kept = grnpyg(*CHECK, "--no-aliases")
    assert kept.code == 0
    assert "MLL2" not in kept.err
    assert "3 TFs x 3 genes, 4 known edges" in kept.out
