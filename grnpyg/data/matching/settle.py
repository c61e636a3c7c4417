"""Settle the names of labels before they are matched: spellings first, then former names."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from grnpyg.core.errors import examples, warn
from grnpyg.data.matching.aliases import current_names, species_of, told
from grnpyg.data.matching.spelling import spellings
from grnpyg.data.names.symbols import Species, symbols
from grnpyg.data.regulons.regulon import Regulon, rename

SOURCES = {"human": "HGNC", "mouse": "MGI"}


class Use(NamedTuple):
    """What names are settled by: their `spelling`, and the tables of `aliases` of human and mouse.

    `species` says which of the two where that is known; otherwise most of the names tell.
    """

    spelling: bool
    aliases: bool
    species: Species | None = None


@dataclass(frozen=True)
class Settled:
    """What was renamed.

    Args:
        spelled: name -> another spelling of it.
        aliases: former or other name -> the name in use.
        species: whose table of names was used, if any.
        duplicates: edges that became the same; self_loops: edges that became one.
    """

    spelled: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    species: str | None = None
    duplicates: int = 0
    self_loops: int = 0

    def to_dict(self) -> dict[str, Any]:
        """For the report: nothing if nothing was renamed."""
        if not self.spelled and not self.aliases:
            return {}
        return {"renamed": {"spelling": self.spelled, "aliases": self.aliases, "species": self.species}}

    def lines(self) -> list[str]:
        """What was renamed, in a sentence."""
        if not self.spelled and not self.aliases:
            return []
        parts = [f"{len(self.spelled):,} by spelling"] if self.spelled else []
        if self.aliases:
            parts.append(f"{len(self.aliases):,} by the {self.species} table of former and other names")
        return [
            f"Renamed {len({**self.spelled, **self.aliases}):,} names of the labels: {', '.join(parts)}; "
            f"{self.duplicates:,} edges merged as duplicates, {self.self_loops:,} removed as self-loops."
        ]


def settle(
    regulon: Regulon,
    var_names: Collection[str] | None,
    use: Use,
    *,
    where: object,
    there: str = "the expression",
    fix: str | None = "keep them with `--no-aliases`",
) -> tuple[Regulon, Settled]:
    """Rename what the labels spell in another way than the expression or than themselves.

    Args:
        regulon: the labels, names of any namespace.
        var_names: genes of the expression, or None.
        use: what to settle names by.
        where: the labels, for warnings.
        there: what has the `var_names`, for warnings.
        fix: how to keep former names, for the warning; None: the command has no such option.

    Raises:
        InputError: no edge is left.
    """
    ids = {*regulon.sources_all, *regulon.targets_all}
    species = None
    if use.spelling or use.aliases:
        species = use.species or species_of(ids if var_names is None else var_names)
    table = symbols(species) if species else None
    spelled: dict[str, str] = {}
    if use.spelling:
        found = spellings(regulon, var_names or (), table.current if table else ())
        found.say(where)
        spelled = found.names
    replaced: dict[str, str] = {}
    if use.aliases and table:
        now = {spelled.get(name, name) for name in ids}
        replaced = current_names(now, var_names, table.former)
    if replaced and table:
        shown = examples(told(name, new, table.former) for name, new in replaced.items())
        by = "the current ones" if var_names is None else f"those of {there}"
        warn(
            f"{len(replaced):,} former or other names are replaced by {by}, after "
            f"{SOURCES[str(species)]}: {shown}",
            where=where,
            fix=fix,
        )
    names = {name: replaced.get(spelled.get(name, name), spelled.get(name, name)) for name in ids}
    names = {name: new for name, new in names.items() if name != new}
    if not names:
        return regulon, Settled()
    renamed = rename(regulon, names)
    old, new = regulon.counts, renamed.counts
    return renamed, Settled(
        spelled, replaced, species, new.duplicates - old.duplicates, new.self_loops - old.self_loops
    )
