"""What stands among known edges and is none: signs for a missing name, totals, lines taken out with a `#`."""

from __future__ import annotations

import re

import pandas as pd

from grnpyg.core.errors import examples, warn
from grnpyg.data.formats.rows import ENDS, MISSING

_NO_NAMES = "N/A n/a <NA> NULL (null) None \\N #N/A #NA #REF! #VALUE! #NAME? #NUM! #NULL! #DIV/0!"
NO_NAMES = frozenset(_NO_NAMES.split())  # of databases, pandas and Excel
ONLY_MARKS = r"[\W_]+"  # -, ., ---, ?
TOTALS = {"total", "totals", "grand total", "subtotal", "sum"}
WORD = re.compile(r'[^\s"#(]+')


def without_leftovers(rows: pd.DataFrame, where: object) -> pd.DataFrame:
    """The rows without those of totals and without lines that begin with `#`; a missing name is empty.

    What is changed is said. The ends of the result are stripped.

    Args:
        rows: not yet cleaned, with `source` and `target`.
        where: the file, for warnings.
    """
    for end in ENDS:
        stripped = rows[end].str.strip()
        none = stripped.isin(NO_NAMES) | stripped.str.fullmatch(ONLY_MARKS)
        if none.any():
            shown = examples(repr(name) for name in sorted(stripped[none].unique()))
            warn(f"{int(none.sum()):,} cells such as {shown} hold no name of a gene", where=where)
        rows[end] = stripped.mask(none | stripped.isin(MISSING), "")
    marked = rows["source"].str.startswith("#")
    total = rows["source"].str.lower().isin(TOTALS)
    if marked.any():
        shown = examples(rows.loc[marked, "source"].unique())
        warn(
            f"{int(marked.sum()):,} lines that begin with # among the rows are left out: {shown}", where=where
        )
    if total.any():
        shown = examples(rows.loc[total, "source"].unique())
        warn(f"{int(total.sum()):,} rows are totals, not edges: left out ({shown})", where=where)
    return rows[~(marked | total)].reset_index(drop=True) if (marked | total).any() else rows


def named(rows: pd.DataFrame, whole: pd.Series[bool]) -> pd.DataFrame:
    """The rows whose names are candidates: a TF without a gene is one, a line such as `(9 rows)` is not.

    Args:
        rows: with `source` and `target`.
        whole: which rows have a name at both ends.
    """
    words = rows["source"].str.fullmatch(WORD) | rows["target"].str.fullmatch(WORD)
    return rows[whole | words]
