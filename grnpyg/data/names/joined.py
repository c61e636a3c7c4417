"""Names that join a symbol and an identifier, `TP53|7157`, `TP53 (7157)` or `TP53_ENSG00000141510`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable

_ID = r"ENS[A-Z]{0,4}G\d{11}(?:\.\d+)?"
JOINED = (
    re.compile(rf"(?P<symbol>[^|\s]+?)(?:[|_:-]| \(?)(?P<id>{_ID})\)?"),
    re.compile(rf"(?P<id>{_ID})(?:[|_:-]| \(?)(?P<symbol>[^|\s()]+)\)?"),
    re.compile(r"(?P<symbol>[^|\s]*[^\W\d_][^|\s]*)\|(?P<id>\d+)"),
    re.compile(r"(?P<symbol>[^|\s]*[^\W\d_][^|\s]*) \((?P<id>\d+)\)"),
)
SHARE = 0.5  # of the names
LONGEST = 100  # characters


def parts(name: str) -> tuple[str, ...]:
    """Symbol and identifier of a joined name; of another name itself.

    Example:
        >>> parts("TP53 (7157)"), parts("ENSG00000141510|TP53"), parts("NKX2-1")
        (('TP53', '7157'), ('TP53', 'ENSG00000141510'), ('NKX2-1',))
    """
    marked = "|" in name or name.endswith(")") or "ENS" in name  # quick, as most names are not
    for pattern in JOINED if marked and len(name) <= LONGEST else ():
        if found := pattern.fullmatch(name):
            return found["symbol"], found["id"]
    return (name,)


def taken_apart(names: Iterable[str], known: Collection[str] = ()) -> dict[str, str]:
    """Joined name -> its symbol, or its identifier if more of these are known; if most names are joined.

    Names of which two would become the same stay.

    Args:
        names: distinct names.
        known: what the names are to match.
    """
    listed = list(names)
    found = {name: split for name in listed if len(split := parts(name)) == 2}
    if not found or len(found) < SHARE * len(listed):
        return {}
    counts = [len({split[place] for split in found.values()} & set(known)) for place in (0, 1)]
    chosen = {name: split[counts[1] > counts[0]] for name, split in found.items()}
    times = Counter({**{name: name for name in listed}, **chosen}.values())
    return {name: part for name, part in chosen.items() if times[part] == 1}
