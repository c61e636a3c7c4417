"""Tables without a header, or with one that names only the first columns."""

from __future__ import annotations

import pandas as pd

from grnpyg.core.errors import InputError, warn
from grnpyg.data.formats.columns import find_columns
from grnpyg.data.formats.rows import ENDS
from grnpyg.data.formats.values import MODES, WORDS
from grnpyg.data.text.layout import find_layout
from grnpyg.data.text.quotes import split
from grnpyg.data.text.table import parse_table

MAX_COLUMNS = 8  # a wider table without a known column is another kind of file, not a missing header
LEAST_IDS = 0.95  # share of cells with ids of articles that make a column of them
MAX_RELATIONS = 20  # words such as `activates` in the middle column of a SIF file
UP, DOWN = (
    ("activ", "stimul", "induc", "upreg", "positive"),
    ("inhib", "repress", "suppress", "downreg", "neg"),
)


def headed_frame(text: str, where: object) -> pd.DataFrame:
    """A text with a header as a table; if the header names only the first columns, that is said.

    Raises:
        InputError: the text is not a regular table.
    """
    try:
        return parse_table(text, where)
    except InputError:
        layout = find_layout(text.split("\n"), where)
        names, surplus = layout.header, layout.width - len(layout.header)
        if surplus < 1 or not all(find_columns(names)[end] for end in ENDS):
            raise
        lines = [line for line in text.split("\n")[layout.start :] if line.strip()]
        firsts = {row[0] for row in split(lines, layout.separator, quoted=False)}
        if surplus == 1 and len(firsts) == len(lines):  # names of rows, or of columns?
            raise
        extra = [f"column{len(names) + number}" for number in range(1, surplus + 1)]
        what = f"the header names {len(names)} columns, and the rows have {layout.width}"
        warn(f"{what}: the last {surplus} are not read", where=where)
        return parse_table("\n".join([layout.separator.join([*names, *extra]), *lines]), where)


def bare_frame(text: str, where: object, width: int) -> tuple[pd.DataFrame, str] | None:
    """A text without a header as a table with named columns, and what is said; None if it has a header.

    Args:
        text: the file.
        where: the file, for messages.
        width: number of columns.
    """
    if not 2 <= width <= 4:
        return None
    frame = parse_table(text, where, [str(number) for number in range(width)])
    columns = [frame[name] for name in frame.columns]
    words = [set(column.str.lower()) for column in columns]
    names, kind = None, "pairs of a TF and a gene"
    if width == 2 and any(column.iloc[0] in set(column.iloc[1:]) for column in columns):
        names = ["source", "target"]
    elif width == 3 and _numeric(columns[2]):
        names, kind = ["source", "target", "weight"], "TF, gene and weight"
    elif width == 3 and words[2] <= {*MODES, *WORDS}:
        names, kind = ["source", "target", "sign"], "TF, gene and sign"
    elif width == 3 and _relations(columns[1], words):
        frame[frame.columns[1]] = columns[1].str.lower().map(_sign)
        names, kind = ["source", "sign", "target"], "SIF, with a relation between TF and gene"
    elif width == 4 and (words[2] <= {"activation", "repression", "unknown"} or _coded(columns, words)):
        names, kind = ["source", "target", "mode", "references"], "TRRUST"
    elif width == 4 and _numeric(columns[1]) and _numeric(columns[3]) and not _numeric(columns[0]):
        names, kind = ["source", "source_id", "target", "target_id"], "RegNetwork"
    if names is None:
        return None
    return frame.set_axis(names, axis=1), f"has no header: read as {kind}, from the first line on"


def advice(text: str, width: int, where: object) -> str:
    """The line to write above a table without a header, as it has to be for its separator and width.

    Lines of several lengths that begin with different names are sets of genes: those have to be GMT.
    """
    lines = [line for line in text.split("\n") if line.strip() and not line.startswith("#")]
    cells = [line.rstrip("\t ").split("\t") for line in lines[:200]]
    if len({len(row) for row in cells}) > 1 and len({row[0] for row in cells}) == len(cells):
        line = "name<TAB>description<TAB>gene<TAB>gene..."
        return f"if each line has a TF and its genes, write `{line}`, in a file whose name ends in .gmt"
    mark = find_layout(lines, where).separator
    names = ["source", "target", *(f"column{number}" for number in range(3, width + 1))]
    line = mark.replace("\t", "<TAB>").join(names)
    tabs = " with tabs for <TAB>" if mark == "\t" else ""
    return f"without a header, add the line `{line}`{tabs} at the top"


def _numeric(column: pd.Series[str]) -> bool:
    return bool(pd.to_numeric(column, errors="coerce").notna().all())


def _coded(columns: list[pd.Series[str]], words: list[set[str]]) -> bool:
    """Whether these are TRRUST's columns with the modes as 0, 1, 2: before the ids of articles.

    One of TRRUST's own ids is mistyped (`1724219e`), so not all of them have to be numbers.
    """
    ids = columns[3].str.fullmatch(r"\d{5,9}([;,]\d{5,9})*")
    return words[2] <= {"0", "1", "2"} and bool(ids.mean() >= LEAST_IDS)


def _relations(column: pd.Series[str], words: list[set[str]]) -> bool:
    """Whether the middle column of three has words of relations: few, repeated, and no names."""
    if words[1] <= {*MODES, *WORDS}:
        return True
    few = len(words[1]) <= MAX_RELATIONS and column.iloc[0] in set(column.iloc[1:])
    return (
        few and words[1].isdisjoint(words[0] | words[2]) and not pd.to_numeric(column, "coerce").notna().any()
    )


def _sign(word: str) -> str:
    known = {**MODES, **WORDS}.get(word)
    if known is None:
        known = int(any(part in word for part in UP)) - int(any(part in word for part in DOWN))
    return str(known)
