"""Known edges in a table with one row an edge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from grnpyg.core.errors import InputError, examples, warn, warned
from grnpyg.data.formats.bare import MAX_COLUMNS, advice, bare_frame, headed_frame
from grnpyg.data.formats.chip_atlas import is_chip_atlas, rows_from_chip_atlas
from grnpyg.data.formats.columns import ALIASES, choose, find_columns, plain_name
from grnpyg.data.formats.known import Known, columns_of, quoted, recognise
from grnpyg.data.formats.matrix import matrix_columns, rows_from_matrix_frame
from grnpyg.data.formats.omnipath import only_regulation
from grnpyg.data.formats.rows import ENDS, Rows
from grnpyg.data.formats.values import parsed
from grnpyg.data.text.table import parse_table


def rows_from_table(
    text: str,
    where: object,
    columns: Sequence[str] | None = None,
    chosen: Mapping[str, str] | None = None,
) -> Rows:
    """The rows of a delimited text: of a tool's table, or of any table with the usual names of columns.

    `chosen` says which column holds what, `{"source": "TF"}`, where the names alone do not.

    Raises:
        InputError: an end has no column or more than one, or a weight, sign, mode or label cannot be read.
    """
    if columns is None:
        return _rows_as_named(text, where, chosen)
    rows = rows_from_frame(parse_table(text, where, columns), where, chosen, headed=False)
    if all(str(rows.table[end].iloc[0]).lower() in ALIASES[end] for end in ENDS):
        raise InputError(
            "column names given for a table that has a header", where=where, fix="leave them out"
        )
    return Rows(rows.table, rows.notes)  # without names of columns that a user could choose


def _rows_as_named(text: str, where: object, chosen: Mapping[str, str] | None) -> Rows:
    """The rows of a text by the names in its header, or without one where it is plain that it has none."""
    with warned() as warnings:
        frame = headed_frame(text, where)
    listed, hint = list(frame.columns), ""
    named = bool(chosen) or names_both_ends(listed, where)
    if not named and (bare := bare_frame(text, where, len(listed))):
        rows = rows_from_frame(bare[0], where, headed=False)
        warn(bare[1], where=where, fix="if the first line is a header, name its columns with --columns")
        return Rows(rows.table, rows.notes)
    for line in warnings:
        warn(line)
    if not named:
        if len(listed) == 1:
            raise InputError(
                f"has one column, {examples(listed)}: edges need two, for TFs and genes",
                where=where,
                fix="give a table with both; a list of TFs belongs to --tfs",
            )
        if is_chip_atlas(listed):
            return rows_from_chip_atlas(frame, where)
        if matrix := matrix_columns(frame):
            oracle = {"peak_id", "gene_short_name"} <= {plain_name(name) for name in listed}
            return rows_from_matrix_frame(frame, *matrix, where, oracle=oracle)
        if len(listed) <= MAX_COLUMNS and not any(find_columns(listed).values()):
            hint = f"{advice(text, len(listed), where)}; "
    return rows_from_frame(frame, where, chosen, hint=hint)


def names_both_ends(listed: Sequence[str], where: object) -> bool:
    """Whether the names of the columns say where TFs and genes are.

    Raises:
        InputError: they are those of links without a direction.
    """
    found = find_columns(listed)
    return all(found[end] for end in ENDS) or recognise(listed, where) is not None


def rows_from_frame(
    frame: pd.DataFrame,
    where: object,
    chosen: Mapping[str, str] | None = None,
    *,
    headed: bool = True,
    hint: str = "",
) -> Rows:
    """The rows of a table of strings.

    Args:
        frame: as in the file, with its names of columns.
        where: the file, for messages.
        chosen: which column holds what.
        headed: the names of the columns come from the file.
        hint: advice to put before that of an error for a missing end.

    Raises:
        InputError: an end has no column or more than one, or a value cannot be read.
    """
    listed = list(frame.columns)
    known = recognise(listed, where, chosen=set(ENDS) <= set(chosen or {})) if headed else None
    found = choose(columns_of(known, listed) if known else find_columns(listed), chosen, listed, where)
    _check(found, listed, where, hint)
    taken = {name: hits[0] for name, hits in found.items() if hits}
    frame = _without_second_header(frame, taken, where)
    if known and known.name == "OmniPath":
        frame = only_regulation(frame, where)
    rows = pd.DataFrame({name: frame[column] for name, column in taken.items()})
    notes = [_note(known, taken)] if known else []
    if known and known.reversed and not set(ENDS) & set(chosen or {}):
        warn(
            f"the table of {known.name} is reversed, with the gene in {taken['target']!r} and the TF in "
            f"{taken['source']!r}: it is read so",
            where=where,
            fix=f"if that is wrong, use --columns {quoted(source=taken['target'], target=taken['source'])}",
        )
    table = parsed(rows, taken, where)
    if "sign" in table and not {"sign", "mode", "up", "signature"} & set(taken):
        notes.append("Its weights have both signs: a negative one counts as repression.")
    return Rows(table, tuple(notes), taken)


def _check(found: Mapping[str, list[str]], listed: Sequence[str], where: object, hint: str) -> None:
    for name, hits in found.items():
        if len(hits) > 1:
            raise InputError(
                f"several columns for the {name}: {', '.join(hits)}",
                where=where,
                fix=f"keep one, or choose it: --columns {quoted(**{name: hits[0]})}",
            )
        if name in ENDS and not hits:
            what = f"no {name} column; found the columns {examples(listed, 8)}"
            raise InputError(
                what,
                where=where,
                fix=f"{hint}accepted names: {', '.join(ALIASES[name])}; or name the columns of both ends "
                "with --columns source=COLUMN,target=COLUMN",
            )


def _without_second_header(frame: pd.DataFrame, taken: Mapping[str, str], where: object) -> pd.DataFrame:
    """The table without the second header of Harmonizome's tables; `parse_table` knows repeated ones."""
    second = frame[taken["source"]].isin(["GeneSym"]) | frame[taken["target"]].isin(["GeneSym"])
    if count := int(second.sum()):
        warn(f"{count:,} rows among the data are headers, not edges: left out", where=where)
        frame = frame[~second].reset_index(drop=True)
    return frame


def _note(known: Known, taken: Mapping[str, str]) -> str:
    kinds = {"source": "TFs", "target": "genes", "weight": "weights"}
    used = [f"{what} in {taken[kind]}" for kind, what in kinds.items() if kind in taken]
    ways = (["sign"], ["up", "down"], ["signature"])  # in the order of `parsed`
    signs = next(([taken[kind] for kind in way] for way in ways if taken.keys() >= set(way)), [])
    used += [f"signs in {', '.join(signs)}"] if signs else []
    return f"Read as {known.name}: {', '.join(used)}."
