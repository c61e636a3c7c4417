"""What word processors and spreadsheets do to gene names: mended where it is certain, otherwise said."""

from __future__ import annotations

import re
from collections.abc import Iterable

from grnpyg.core.errors import examples, warn

HIDDEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")  # soft hyphen, zero width, marks
DASHES = re.compile("[\u2010-\u2015\u2212]")
MONTH = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec"
DATE = re.compile(
    rf"\d{{1,2}}-(?:{MONTH})(?:-\d{{2,4}})?|(?:{MONTH})-\d{{1,4}}|\d{{4}}-\d\d-\d\d(?: 00:00:00)?",
    re.IGNORECASE,
)


def plain(name: str) -> str:
    """The name without invisible characters and with plain hyphens; itself if nothing would be left.

    Example:
        >>> plain("NKX2\u20131\u200b")
        'NKX2-1'
    """
    return DASHES.sub("-", HIDDEN.sub("", name)).replace("\u00a0", " ").strip() or name


def mended(names: Iterable[str], where: object) -> dict[str, str]:
    """The names that `plain` changes -> what they become; said with examples, as dates made by Excel are.

    Args:
        names: distinct names.
        where: the file, for the warning.
    """
    names = sorted(names)
    changed = {name: better for name in names if (better := plain(name)) != name}
    if changed:
        shown = examples(f"{name!a} is {better}" for name, better in changed.items())
        warn(
            f"{len(changed):,} names hold invisible characters or typographic dashes, now mended: {shown}",
            where=where,
        )
    if dates := [name for name in names if DATE.fullmatch(name)]:
        warn(
            f"{len(dates):,} names look like dates made by Excel, such as MARCHF1 or SEPTIN2: "
            f"{examples(dates, 6)}",
            where=where,
            fix="write the symbols in their place, and import the table with its columns as text",
        )
    return changed
