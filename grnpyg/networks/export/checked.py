"""A table of pairs, checked before it is written or used."""

from __future__ import annotations

import pandas as pd

from grnpyg.core.errors import InputError, examples
from grnpyg.data.text.characters import check_characters
from grnpyg.networks.keys import KNOWN, OWN, TARGET, TF

MEMORY = "the network"


def checked(table: pd.DataFrame, where: object = MEMORY) -> pd.DataFrame:
    """The table with names as `str` and rows counted from 0.

    Raises:
        InputError: a column is missing, there is no row, a name is missing or cannot be one, or a pair stands
            there twice.
    """
    for end in (TF, TARGET):
        if end not in table:
            raise InputError(
                f"no column {end!r}; found {examples(table.columns, 8)}",
                where=where,
                fix=f"name the ends of a pair {TF} and {TARGET}",
            )
    if table.empty:
        raise InputError("has no pairs", where=where, fix="ask for more")
    ends = {end: table[end].astype(object) for end in (TF, TARGET)}
    table = table.assign(**ends).reset_index(drop=True)
    names = pd.unique(pd.concat(list(ends.values()), ignore_index=True))
    words = [name for name in names if isinstance(name, str)]
    if len(words) < len(names) or not all(words):
        raise InputError("a pair has no name at one end", where=where, fix="leave it out")
    check_characters(words, where)
    if blank := [repr(name) for name in words if name != name.strip()]:
        what = f"{len(blank):,} names begin or end with a blank: {examples(blank)}"
        raise InputError(what, where=where, fix="correct the names")
    if repeated := int(table.duplicated([TF, TARGET]).sum()):
        raise InputError(f"{repeated:,} pairs stand there twice", where=where, fix="keep one row of each")
    return table


def cut(
    table: pd.DataFrame,
    *,
    new: bool = False,
    top: int | None = None,
    min_probability: float | None = None,
    where: object = MEMORY,
) -> pd.DataFrame:
    """Part of a network, in its order.

    Args:
        table: the network, best first.
        new: leave out the edges of the labels.
        top: keep the first so many pairs (of those that are left).
        min_probability: leave out pairs whose probability is smaller or not known.
        where: the file, for messages.

    Raises:
        InputError: the column that is needed is missing, a value makes no sense, or no pair is left.
    """
    if top is not None and top < 1:
        raise InputError(f"{top} pairs asked for", where="--top", fix="ask for 1 or more")
    if min_probability is not None and not 0 <= min_probability <= 1:
        raise InputError(
            f"{min_probability:g} is no probability", where="--min-probability", fix="give one from 0 to 1"
        )
    if new:
        table = table[~_column(table, KNOWN, "--new", where).astype(bool)]
    if min_probability is not None:
        table = table[_column(table, "probability", "--min-probability", where).ge(min_probability)]
    if table.empty:
        raise InputError("no pair is left", where=where, fix="ask for more: see --new and --min-probability")
    return table.head(top if top is not None else len(table)).reset_index(drop=True)


def _column(table: pd.DataFrame, name: str, option: str, where: object) -> pd.Series:
    if name not in table or table[name].isna().all():
        raise InputError(
            f"{option} needs the column {name!r}, which is {'empty' if name in table else 'not there'}",
            where=where,
            fix=f"leave {option} out, or write the network again with `grnpyg predict`",
        )
    return table[name]


def typed(table: pd.DataFrame, where: object) -> pd.DataFrame:
    """A table as it was read, with the known columns in the kind that they have in `keys.OWN`.

    Raises:
        InputError: a value is of another kind.
    """
    found: dict[str, pd.Series] = {}
    for name, column in OWN.items():
        if name not in table:
            continue
        values = table[name]
        try:
            if column.kind == "string":
                found[name] = values.astype(object).where(values.notna(), "")
            elif column.kind == "boolean":
                words = (
                    values.astype(str).str.lower().map({"true": True, "1": True, "false": False, "0": False})
                )
                if words.isna().any():
                    raise ValueError(f"{values[words.isna()].iloc[0]!r} is neither true nor false")
                found[name] = words.astype(bool)
            else:
                numbers = pd.to_numeric(values)
                small = "Int8" if name == "sign" else "int64"
                found[name] = numbers if column.kind == "double" else numbers.fillna(0).astype(small)  # type: ignore[call-overload]
        except (ValueError, TypeError) as error:
            raise InputError(
                f"column {name!r}: {error}", where=where, fix="write the network again"
            ) from None
    return table.assign(**found)
