"""Known edges in GENELink's folders: `Label.csv` with the genes as indices into `Target.csv`."""

from __future__ import annotations

from pathlib import Path

from grnpyg.core.errors import InputError, examples
from grnpyg.data.formats.rows import ENDS, KINDS_HINT, Rows
from grnpyg.data.formats.table import rows_from_table
from grnpyg.data.text.files import read_text
from grnpyg.data.text.table import parse_table


def rows_from_genelink(folder: Path) -> Rows:
    """GENELink's folder: `Label.csv` (TF, Target: integers) read with the symbols of `Target.csv`.

    Raises:
        InputError: a file or a column is missing, or an index has no symbol.
    """
    for name in ("Label.csv", "Target.csv"):
        if not (folder / name).is_file():
            raise InputError(f"is a folder without {name}", where=folder, fix=KINDS_HINT)
    symbols = read_gene_index(folder)
    label = folder / "Label.csv"
    rows = rows_from_table(read_text(label), label)
    table = rows.table
    if strangers := sorted((set(table["source"]) | set(table["target"])) - set(symbols)):
        what = f"{len(strangers):,} indices are not in Target.csv: {examples(strangers)}"
        raise InputError(what, where=label, fix="use the files of one data set")
    return Rows(table.assign(**{end: table[end].map(symbols) for end in ENDS}), rows.notes)


def read_gene_index(folder: str | Path, file: str = "Target.csv") -> dict[str, str]:
    """GENELink's indices (integers as text) -> symbols.

    Args:
        folder: of a label set.
        file: `Target.csv`, which lists all genes, or `TF.csv`, the TFs among them.

    Raises:
        InputError: the file cannot be read or lacks a column (`Gene` or `TF`, and `index`).
    """
    path = Path(folder) / file
    frame = parse_table(read_text(path), path)
    name = {"Target.csv": "Gene"}.get(file, "TF")
    if not {name, "index"} <= set(frame.columns):
        raise InputError(
            f"found the columns {examples(frame.columns, 8)}", where=path, fix=f"needs {name} and index"
        )
    return dict(zip(frame["index"], frame[name], strict=True))
