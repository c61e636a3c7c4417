"""What word processors, spreadsheets and references do to names: mended where certain, otherwise said."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable

from grnpyg.core.errors import examples, warn
from grnpyg.data.names.joined import taken_apart

HIDDEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")  # soft hyphen, zero width, marks
DASHES = re.compile("[\u2010-\u2015\u2212]")
FLOAT = re.compile(r"(\d+)\.0")  # an Entrez id after a spreadsheet or pandas took the column for numbers
GENOME = re.compile(  # prefixes of references, and of Seurat's assays
    r"(?:(?:GRC[a-z]+|hg|mm|rn|danRer|dm)\d+_+|(?:rna|sct)_|gene[:-](?=\d*[A-Za-z]))(?=.)"
)
MONTH = "Jan|Feb|Mar|Mrz|Apr|May|Mai|Jun|Jul|Aug|Sep|Sept|Oct|Okt|Nov|Dec|Dez"
DATE = re.compile(  # but Oct-4 is a name of a gene
    rf"(?!Oct-[1-9]\d?$)(?:\d{{1,2}}(?:-|\. ?)(?:{MONTH})(?:-\d{{2,4}})?|(?:{MONTH})-\d{{1,4}}"
    r"|\d{4}[-/]\d\d?[-/]\d\d?(?: 0?0:00(?::00)?)?|\d\d?([./])\d\d?\1(?:\d\d){1,2})",
    re.IGNORECASE,
)


def plain(name: str) -> str:
    """The name without invisible characters, with plain hyphens and whole numbers; itself if nothing is left.

    Example:
        >>> plain("NKX2\u20131\u200b"), plain("7157.0")
        ('NKX2-1', '7157')
    """
    text = DASHES.sub("-", HIDDEN.sub("", name)).replace("\u00a0", " ").strip() or name
    return FLOAT.sub(r"\1", text) if FLOAT.fullmatch(text) else text


def mended(names: Iterable[str], where: object, known: Collection[str] = ()) -> dict[str, str]:
    """The names that have to change -> what they become; said with examples, as dates made by Excel are.

    These are the names that `plain` changes, and where most names are such, those of a reference
    (`GRCh38_TP53`, `gene:ENSG00000141510`) and those that join a symbol and an identifier (`TP53|7157`).

    Args:
        names: distinct names.
        where: the file, for the warning.
        known: what the names are to match, if that is known.
    """
    names = sorted(names)
    better = {name: plain(name) for name in names}
    floats = {name: new for name, new in better.items() if FLOAT.fullmatch(name)}
    hidden = {name: new for name, new in better.items() if name != new and name not in floats}
    if hidden:
        shown = examples(f"{name!a} is {new}" for name, new in hidden.items())
        what = "hold invisible characters or typographic dashes, now mended"
        warn(f"{len(hidden):,} names {what}: {shown}", where=where)
    if floats:
        shown = examples(f"{name} is read as {new}" for name, new in floats.items())
        warn(f"{len(floats):,} names are numbers with decimals: {shown}", where=where)
    better |= _without_prefix(better, where)
    if apart := taken_apart(set(better.values()), known):
        shown = examples(f"{name} is read as {part}" for name, part in sorted(apart.items()))
        warn(f"{len(apart):,} names join a symbol and an identifier: {shown}", where=where)
        better = {name: apart.get(new, new) for name, new in better.items()}
    if dates := [name for name in names if DATE.fullmatch(name)]:
        warn(
            f"{len(dates):,} names look like dates made by Excel, such as MARCHF1 or SEPTIN2: "
            f"{examples(dates, 6)}",
            where=where,
            fix="write the symbols in their place, and import the table with its columns as text",
        )
    return {name: new for name, new in better.items() if name != new}


def _without_prefix(names: dict[str, str], where: object) -> dict[str, str]:
    """The names without the prefix of a reference, where most have one and no two become the same."""
    cut = {name: GENOME.sub("", new, count=1) for name, new in names.items() if GENOME.match(new)}
    if 2 * len(cut) < len(names):
        return {}
    taken = Counter({**names, **cut}.values())
    cut = {name: new for name, new in cut.items() if taken[new] == 1}
    if cut:
        shown = examples(f"{name} is {new}" for name, new in cut.items())
        warn(f"{len(cut):,} names carry the prefix of a reference, now left out: {shown}", where=where)
    references = {found[0].rstrip("_") for name in cut if (found := GENOME.match(name)) and "_" in found[0]}
    if len(references) > 1:
        what = (
            f"the names are of several references ({examples(sorted(references))}), as of two species in one"
        )
        warn(f"{what} experiment", where=where, fix="keep the genes and cells of one species")
    return cut
