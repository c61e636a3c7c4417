"""Complexes of several proteins as an end of an edge: each member takes the edge."""

from __future__ import annotations

import re
from collections.abc import Collection

from grnpyg.core.errors import examples, warn
from grnpyg.data.formats.rows import ENDS, Rows
from grnpyg.data.names.symbols import gene_names, tf_names

MEMBERS = {  # of the two families that CollecTRI names as one
    "NFKB": ("NFKB1", "NFKB2", "REL", "RELA", "RELB"),
    "AP1": ("FOS", "FOSB", "FOSL1", "FOSL2", "JUN", "JUNB", "JUND"),
}
WORD = re.compile(r"[_ ]complex$", re.IGNORECASE)
MARKED = re.compile(r"::|^COMPLEX:|_|/|-|[_ ]complex$|^(?:NF-?K|AP-?1)", re.IGNORECASE)


def expand_complexes(rows: Rows, where: object) -> Rows:
    """The rows with the members of a complex in its place, where they are known.

    They are for `FOS::JUN` and `COMPLEX:FOS_JUN`; for `FOS_JUN`, `FOS/JUN` and, of two TFs, `FOS-JUN`, if
    the parts are genes; and for the names of `MEMBERS`, if the table names a member, too (`AP1` is a gene of
    plants). Complexes that cannot be expanded stay, and are named in a warning.

    Args:
        rows: to expand.
        where: the file, for the warning.
    """
    table, counts = rows.table, []
    names = {str(name) for end in ENDS for name in table[end].unique()}
    suspects = {name for name in names if MARKED.search(name)}
    if not suspects:
        return rows
    plain = names - suspects
    genes, tfs = gene_names(), tf_names()
    found = {name: _members(name, plain, genes | plain, tfs) for name in suspects - genes}
    known = {name: members for name, members in found.items() if len(members) > 1}
    for end in ENDS:
        if count := int(table[end].isin(known.keys()).sum()):
            split = table[end].map(lambda name: known.get(name, (name,)))
            table = table.assign(**{end: split}).explode(end, ignore_index=True)
            kinds = "TFs" if end == "source" else "genes"
            counts.append(f"{count:,} rows with complexes as {kinds}")
    if known:
        shown = examples(f"{name} is {', '.join(members)}" for name, members in sorted(known.items()))
        warn(f"{' and '.join(counts)} count for each member: {shown}", where=where)
    left = sorted(
        name for name in suspects - known.keys() if WORD.search(name) or name.startswith("COMPLEX:")
    )
    if left:
        warn(
            f"{len(left):,} names are complexes whose members are not known here; they stay as they are: "
            f"{examples(left)}",
            where=where,
            fix="write a row for each member",
        )
    return rows.noting(table)


def _members(
    name: str, plain: Collection[str], genes: Collection[str], tfs: Collection[str]
) -> tuple[str, ...]:
    """The members of a complex, or nothing."""
    bare = WORD.sub("", name.removeprefix("COMPLEX:"))
    if "::" in bare:
        return tuple(bare.split("::")) if all(bare.split("::")) else ()
    if family := MEMBERS.get(bare.upper().replace("-", "").replace("KAPPA", "K")):
        members = family if bare.isupper() else tuple(member.capitalize() for member in family)
        return members if set(members) & set(plain) else ()
    for mark, among in (("_", genes), ("/", genes), ("-", tfs)):
        parts = tuple(bare.split(mark))
        sure = mark == "_" and name.startswith("COMPLEX:")
        if len(parts) > 1 and all(part and (sure or part in among) for part in parts):
            return parts
    return ()
