"""Settle the names of labels before they are matched: spellings first, then former names."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from grnpyg.core.errors import examples, warn
from grnpyg.data.naming.aliases import current_names, species_of, told
from grnpyg.data.naming.spelling import spellings
from grnpyg.data.regulons import Regulon, rename
from grnpyg.data.symbols import symbols

SOURCES = {"human": "HGNC", "mouse": "MGI"}


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
    regulon: Regulon, var_names: Collection[str] | None, *, spelling: bool, aliases: bool, where: object
) -> tuple[Regulon, Settled]:
    """Rename what the labels spell in another way than the expression or than themselves.

    Args:
        regulon: the labels, names of any namespace.
        var_names: genes of the expression, or None.
        spelling: compare spellings.
        aliases: use the tables of former and other names, if the names are those of human or mouse.
        where: the labels, for warnings.

    Raises:
        InputError: no edge is left.
    """
    ids = {*regulon.sources_all, *regulon.targets_all}
    species = species_of(ids if var_names is None else var_names) if spelling or aliases else None
    table = symbols(species) if species else None
    spelled: dict[str, str] = {}
    if spelling:
        found = spellings(regulon, var_names or (), table.current if table else ())
        found.say(where)
        spelled = found.names
    replaced: dict[str, str] = {}
    if aliases and table:
        now = {spelled.get(name, name) for name in ids}
        replaced = current_names(now, var_names, table.former)
    if replaced and table:
        shown = examples(told(name, new, table.former) for name, new in replaced.items())
        there = "the current ones" if var_names is None else "those of the expression"
        warn(
            f"{len(replaced):,} former or other names are replaced by {there}, after "
            f"{SOURCES[str(species)]}: {shown}",
            where=where,
            fix="keep them with `--no-aliases`",
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
