"""Find out the format of known edges, in a file or in memory, and read them into rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from grnpyg.core.arguments import require_list
from grnpyg.core.data_config import IN_MEMORY
from grnpyg.core.errors import InputError
from grnpyg.core.spreadsheet import bare
from grnpyg.data.formats.cells import split_cells
from grnpyg.data.formats.columns import refuse_columns
from grnpyg.data.formats.complexes import expand_complexes
from grnpyg.data.formats.ctx import is_ctx, rows_from_ctx
from grnpyg.data.formats.genelink import rows_from_genelink
from grnpyg.data.formats.parquet import is_parquet, rows_from_parquet
from grnpyg.data.formats.rows import ENDS, Rows
from grnpyg.data.formats.set_names import plain_sources
from grnpyg.data.formats.sets import is_gmt, rows_from_gmt, rows_from_json
from grnpyg.data.formats.table import rows_from_table
from grnpyg.data.text.files import read_text


def read_rows(
    path: Path,
    columns: Sequence[str] | None = None,
    chosen: Mapping[str, str] | None = None,
    *,
    complexes: bool = True,
) -> Rows:
    """The rows of a file or of GENELink's folder.

    Args:
        path: the file or folder.
        columns: names for the columns of a table without a header.
        chosen: which column of a table with a header is the source, the target, the weight, ...
        complexes: put the members of a complex in its place.

    Raises:
        InputError: the file cannot be read, or is of no known format.
    """
    if path.is_dir():
        refuse_columns(chosen, path)
        return rows_from_genelink(path)
    return _one_name_a_cell(_read_file(path, columns, chosen), path, complexes)


def _read_file(path: Path, columns: Sequence[str] | None, chosen: Mapping[str, str] | None) -> Rows:
    if is_parquet(path):
        return rows_from_parquet(path, chosen)
    text = read_text(path)
    gmt = ".gmt" in (suffix.lower() for suffix in path.suffixes)
    if gmt or is_ctx(text) or text.lstrip()[0] in "{[":
        refuse_columns(chosen, path)
        if gmt:
            return rows_from_gmt(text, path)
        return rows_from_ctx(text, path) if is_ctx(text) else rows_from_json(text, path)
    if columns is None and not chosen and is_gmt(text):
        rows = rows_from_gmt(text, path)
        return Rows(rows.table, ("Read as GMT, with one set a line.", *rows.notes))
    return rows_from_table(text, path, columns, chosen)


def _one_name_a_cell(rows: Rows, where: object, complexes: bool = True) -> Rows:
    """The rows with lists and complexes taken apart, and with TFs in place of the names of regulons."""
    read = plain_sources(split_cells(_unshielded(rows), where), where)
    return expand_complexes(read, where) if complexes else read


def _unshielded(rows: Rows) -> Rows:
    """The rows without the apostrophe that `predict` puts before a name such as `=cmd`."""
    ends = {end: rows.table[end].astype(str) for end in ENDS}
    marked = {end: names.map(bare) for end, names in ends.items() if names.str.startswith("'").any()}
    return replace(rows, table=rows.table.assign(**marked)) if marked else rows


def rows_in_memory(
    regulons: pd.DataFrame | Mapping[str, Sequence[str]], chosen: Mapping[str, str] | None = None
) -> Rows:
    """Rows of a table or mapping in memory, read by the same rules as files.

    Raises:
        InputError: it is empty or of another shape.
    """
    if isinstance(regulons, pd.DataFrame):
        if regulons.empty:
            raise InputError("the table of known edges is empty", where=IN_MEMORY)
        text = regulons.to_csv(sep="\t", index=False)
        return _one_name_a_cell(rows_from_table(text, IN_MEMORY, chosen=chosen), IN_MEMORY)
    refuse_columns(chosen, IN_MEMORY)
    if single := [tf for tf, genes in regulons.items() if isinstance(genes, str)]:
        raise InputError(
            f"the genes of {single[0]} are a string", where=IN_MEMORY, fix="give a list of names"
        )
    for tf, genes in regulons.items():
        require_list(genes, f"the genes of {tf}", where=IN_MEMORY)
    text = json.dumps({tf: list(genes) for tf, genes in regulons.items()})
    return _one_name_a_cell(rows_from_json(text, IN_MEMORY), IN_MEMORY)
