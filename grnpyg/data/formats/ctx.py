"""The table of enriched motifs that `pyscenic ctx` writes: three header lines, and lists of target genes."""

from __future__ import annotations

import re

import pandas as pd

from grnpyg.core.errors import InputError
from grnpyg.data.formats.rows import Rows
from grnpyg.data.text.table import parse_table

GENE = re.compile(r"\(\s*(?:'([^']+)'|\"([^\"]+)\")\s*,\s*(?:np\.float\d+\()?([-+\d.eE]+)\)?\s*\)")


def is_ctx(text: str) -> bool:
    """Whether a text begins with the three header lines."""
    lines = text.lstrip("\r\n").split("\n", 3)
    return (
        len(lines) > 3
        and "TargetGenes" in _fields(lines[1])
        and lines[2].startswith(("TF,MotifID", "TF\tMotifID"))
    )


def rows_from_ctx(text: str, where: object) -> Rows:
    """The target genes of every motif; a context `repressing` makes the sign negative.

    Raises:
        InputError: no row has a list of genes.
    """
    _, head, _, body = text.lstrip("\r\n").split("\n", 3)
    names = _fields(head)
    if not body.strip():
        raise InputError("is pySCENIC's table of motifs, but has no rows", where=where)
    frame = parse_table(body, where, [str(number) for number in range(len(names))])
    genes = frame[str(names.index("TargetGenes"))]
    contexts = frame[str(names.index("Context"))] if "Context" in names else None
    rows = []
    for number, (tf, listed) in enumerate(zip(frame["0"], genes, strict=True)):
        repressing = contexts is not None and "repressing" in str(contexts.iloc[number])
        found = GENE.findall(str(listed))
        rows += [(tf, single or double, value, -1 if repressing else 1) for single, double, value in found]
    table = pd.DataFrame(rows, columns=["source", "target", "weight", "sign"])
    if table.empty:
        raise InputError("is pySCENIC's table of motifs, but names no target genes", where=where)
    table["weight"] = pd.to_numeric(table["weight"], errors="coerce").fillna(1.0).clip(-1e30, 1e30)
    said = f"Read as the motifs of pySCENIC's ctx: {len(frame):,} rows with lists of target genes."
    return Rows(table, (said,))


def _fields(line: str) -> list[str]:
    return line.rstrip("\r").split("\t" if "\t" in line else ",")
