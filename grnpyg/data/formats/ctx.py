"""The table of enriched motifs that `pyscenic ctx` writes: three header lines, and lists of target genes."""

from __future__ import annotations

import io
import re

import pandas as pd

from grnpyg.core.errors import InputError
from grnpyg.data.formats.rows import Rows

GENE = re.compile(r"\(\s*(?:'([^']+)'|\"([^\"]+)\")\s*,\s*(?:np\.float\d+\()?([-+\d.eE]+)\)?\s*\)")


def is_ctx(text: str) -> bool:
    """Whether a text begins with the three header lines."""
    lines = text.lstrip("\r\n").split("\n", 3)
    return len(lines) > 3 and "TargetGenes" in lines[1] and lines[2].startswith(("TF,MotifID", "TF\tMotifID"))


def rows_from_ctx(text: str, where: object) -> Rows:
    """The target genes of every motif; a context `repressing` makes the sign negative.

    Raises:
        InputError: no row has a list of genes.
    """
    head = text.lstrip("\r\n").split("\n", 2)[1].rstrip("\r")
    mark = "\t" if "\t" in head else ","
    names = head.split(mark)
    frame = pd.read_csv(
        io.StringIO(text.lstrip("\r\n")), sep=mark, header=None, skiprows=3, dtype=str, keep_default_na=False
    )
    places = {name: names.index(name) for name in ("TargetGenes", "Context") if name in names}
    if max(places.values()) >= frame.shape[1]:
        raise InputError("is pySCENIC's table of motifs, but its rows have no TargetGenes", where=where)
    genes, contexts = frame[places["TargetGenes"]], frame[places["Context"]] if "Context" in places else None
    rows = []
    for number, (tf, listed) in enumerate(zip(frame[0], genes, strict=True)):
        repressing = contexts is not None and "repressing" in str(contexts.iloc[number])
        found = GENE.findall(str(listed))
        rows += [(tf, single or double, value, -1 if repressing else 1) for single, double, value in found]
    table = pd.DataFrame(rows, columns=["source", "target", "weight", "sign"])
    if table.empty:
        raise InputError("is pySCENIC's table of motifs, but names no target genes", where=where)
    table["weight"] = pd.to_numeric(table["weight"], errors="coerce").fillna(1.0).clip(-1e30, 1e30)
    said = f"Read as the motifs of pySCENIC's ctx: {len(frame):,} rows with lists of target genes."
    return Rows(table, (said,))
