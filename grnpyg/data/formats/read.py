"""Find out the format of known edges, in a file or in memory, and read them into rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from grnpyg.core.config import IN_MEMORY
from grnpyg.core.errors import InputError
from grnpyg.data.formats.columns import refuse_columns
from grnpyg.data.formats.genelink import rows_from_genelink
from grnpyg.data.formats.rows import Rows
from grnpyg.data.formats.sets import rows_from_gmt, rows_from_json
from grnpyg.data.formats.table import rows_from_table
from grnpyg.data.text.files import read_text


def read_rows(
    path: Path, columns: Sequence[str] | None = None, chosen: Mapping[str, str] | None = None
) -> Rows:
    """The rows of a file or of GENELink's folder.

    Args:
        path: the file or folder.
        columns: names for the columns of a table without a header.
        chosen: which column of a table with a header is the source, the target, the weight, ...

    Raises:
        InputError: the file cannot be read, or is of no known format.
    """
    if path.is_dir():
        refuse_columns(chosen, path)
        return rows_from_genelink(path)
    text = read_text(path)
    gmt = ".gmt" in path.suffixes
    if not gmt and text.lstrip()[0] not in "{[":
        return rows_from_table(text, path, columns, chosen)
    refuse_columns(chosen, path)
    return rows_from_gmt(text, path) if gmt else rows_from_json(text, path)


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
        return rows_from_table(regulons.to_csv(sep="\t", index=False), IN_MEMORY, chosen=chosen)
    refuse_columns(chosen, IN_MEMORY)
    if single := [tf for tf, genes in regulons.items() if isinstance(genes, str)]:
        raise InputError(
            f"the genes of {single[0]} are a string", where=IN_MEMORY, fix="give a list of names"
        )
    return rows_from_json(json.dumps({tf: list(genes) for tf, genes in regulons.items()}), IN_MEMORY)
