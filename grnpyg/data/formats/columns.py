"""Which column of a table holds what: the usual names, and the choice of `--columns`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from grnpyg.core.errors import InputError, unknown

ALIASES: dict[str, tuple[str, ...]] = {  # compared as `plain_name` writes them
    "source": ("source", "tf", "gene1", "regulator"),
    "target": ("target", "gene", "gene2"),
    "weight": ("weight", "importance", "score", "edgeweight"),
    "sign": ("mor", "sign"),
    "mode": ("mode",),  # TRRUST: the word, or 0, 1, 2 in its recoded copies
    "confidence": ("confidence",),
    "label": ("label",),
}
FURTHER = {  # taken where a table has none of the names above
    "source": "tf_name tf_symbol tfname transcription_factor regulator_gene regulator_name regulator_symbol "
    "regulatorygene source_gene source_symbol source_genesymbol tf_gene "
    "tfs from eregulon_name",
    "target": "target_gene targetgene target_name target_symbol target_genesymbol gene_name gene_symbol "
    "genesymbol gene_short_name targets genes target_genes to",
    "weight": "edge_weight",
}


def plain_name(column: str) -> str:
    """A column's name in lower case, with `_` for blanks and dots: `Name.TF` -> `name_tf`."""
    return re.sub(r"[ .]+", "_", column.strip(" #").lower())


def find_columns(listed: Sequence[str]) -> dict[str, list[str]]:
    """The columns of each kind, by their usual names."""
    found = {}
    for kind, known in ALIASES.items():
        hits = [column for column in listed if column.lower() in known]
        further = FURTHER.get(kind, "").split()
        found[kind] = hits or [column for column in listed if plain_name(column) in further]
    return found


def choose(
    found: Mapping[str, list[str]], chosen: Mapping[str, str] | None, listed: Sequence[str], where: object
) -> dict[str, list[str]]:
    """The columns found, with those that the user chose in their place.

    Raises:
        InputError: `chosen` names a kind or a column that there is not.
    """
    result = dict(found)
    for kind, column in (chosen or {}).items():
        if kind not in ALIASES:
            raise unknown("kind of column", kind, ALIASES, where="data.columns")
        if column not in listed:
            raise unknown("column", column, listed, where=f"{where}: data.columns")
        result = {
            key: hits if key in (chosen or {}) else [c for c in hits if c != column]
            for key, hits in result.items()
        }
        result[kind] = [column]
    return result


def refuse_columns(chosen: Mapping[str, str] | None, where: object) -> None:
    """Refuse a choice of columns for a format that has none.

    Raises:
        InputError: columns are chosen.
    """
    if chosen:
        raise InputError("has no named columns to choose", where=where, fix="leave data.columns out")
