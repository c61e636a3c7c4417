"""Names of regulons as tools write them, `STAT1(+)` or `STAT1_extended (12g)`, and the TFs in them."""

from __future__ import annotations

import re

import pandas as pd

from grnpyg.core.errors import examples, warn
from grnpyg.data.formats.rows import Rows

SIZE = r"(?:[ _]?\(\d+ ?[gr]\))?"  # (12g): twelve genes
PATTERNS = {
    "SCENIC+": re.compile(rf"(.+?)(?:_direct|_extended)?_([+-])[_/][+-]{SIZE}"),
    "pySCENIC": re.compile(rf"(.+?)(?:_extended)?[ _]?\(([+-])\){SIZE}"),
    "SCENIC": re.compile(r"(.+?)(?:_extended)?()[ _]\(\d+ ?g\)|(.+?)()_extended"),
    "Enrichr": re.compile(r"(\S+)()[ _]\(?(?:human|mouse|rat)\)?", re.IGNORECASE),
}


def parse(name: str) -> tuple[str, int, str]:
    """TF, sign (0: not told) and tool of a regulon's name; a name that is none stays, with the tool ''.

    Example:
        >>> parse("STAT1_(-)"), parse("STAT1_+_-_(12g)"), parse("STAT1_extended (7g)")
        (('STAT1', -1, 'pySCENIC'), ('STAT1', 1, 'SCENIC+'), ('STAT1', 0, 'SCENIC'))
    """
    for tool, pattern in PATTERNS.items():
        if found := pattern.fullmatch(name):
            tf, mark = (group for group in found.groups() if group is not None)
            return tf, {"+": 1, "-": -1}.get(mark, 0), tool
    return name, 0, ""


def sign_of(name: str) -> int:
    """The sign in a regulon's name; 0 if there is none."""
    return parse(name)[1]


def plain_sources(rows: Rows, where: object) -> Rows:
    """The rows with the TF in place of a regulon's name, which is said; and its sign if there is no other."""
    names = rows.table["source"]
    changed = {name: found for name in names.unique() if (found := parse(name))[2]}
    if not changed:
        return rows
    table = rows.table.assign(source=names.map(lambda name: changed[name][0] if name in changed else name))
    signs = names.map(lambda name: changed[name][1] if name in changed else 0)
    if "sign" not in table and signs.any():
        table["sign"] = signs.astype(int)
    tools = sorted({tool for _, _, tool in changed.values()})
    shown = examples(f"{name} is {tf}" for name, (tf, _, _) in changed.items())
    warn(f"{len(changed):,} names of regulons as of {', '.join(tools)} are read as TFs: {shown}", where=where)
    return rows.noting(pd.DataFrame(table))
