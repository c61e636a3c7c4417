"""Which column of a table holds what: the usual names, and the choice of `--columns`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grnpyg.core.errors import InputError, unknown

ALIASES: dict[str, tuple[str, ...]] = {  # compared in lower case
    "source": ("source", "tf", "gene1", "regulator"),
    "target": ("target", "gene", "gene2"),
    "weight": ("weight", "importance", "score", "edgeweight"),
    "sign": ("mor", "sign"),
    "mode": ("mode",),  # TRRUST: the word, or 0, 1, 2 in its recoded copies
    "confidence": ("confidence",),
    "label": ("label",),
}


def find_columns(
    listed: Sequence[str], chosen: Mapping[str, str] | None, where: object
) -> dict[str, list[str]]:
    """The columns of each kind: those that `chosen` names, otherwise those with a usual name.

    Raises:
        InputError: `chosen` names a kind or a column that there is not.
    """
    found = {name: [c for c in listed if c.lower() in known] for name, known in ALIASES.items()}
    for name, column in (chosen or {}).items():
        if name not in ALIASES:
            raise unknown("kind of column", name, ALIASES, where="data.columns")
        if column not in listed:
            raise unknown("column", column, listed, where=f"{where}: data.columns")
        found = {key: [c for c in hits if c != column] for key, hits in found.items()} | {name: [column]}
    return found


def refuse_columns(chosen: Mapping[str, str] | None, where: object) -> None:
    """Refuse a choice of columns for a format that has none.

    Raises:
        InputError: columns are chosen.
    """
    if chosen:
        raise InputError("has no named columns to choose", where=where, fix="leave data.columns out")
