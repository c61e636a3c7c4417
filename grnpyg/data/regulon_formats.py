"""Read each file format of regulon tables into rows with `source`, `target` and further known columns."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from grnpyg.core.errors import InputError, examples, unknown
from grnpyg.data.text.files import read_text
from grnpyg.data.text.table import parse_table

ENDS = ["source", "target"]
ALIASES: dict[str, tuple[str, ...]] = {  # compared in lower case
    "source": ("source", "tf", "gene1", "regulator"),
    "target": ("target", "gene", "gene2"),
    "weight": ("weight", "importance", "score", "edgeweight"),
    "sign": ("mor", "sign"),
    "mode": ("mode",),  # TRRUST: the word, or 0, 1, 2 in its recoded copies
    "confidence": ("confidence",),
    "label": ("label",),
}
MODES = {"activation": 1, "1": 1, "+": 1, "repression": -1, "2": -1, "-1": -1, "-": -1, "unknown": 0, "0": 0}
MISSING = ("", "NA", "NaN")  # exact case: `nan` and `Na` are genes of the fly
MAX_BARE_COLUMNS = 8  # a wider table without a known column is another kind of file, not a missing header
KINDS_HINT = (
    "give a tsv, csv, JSON {TF: [genes]} or GMT file (also .gz), or a folder with Label.csv and Target.csv"
)


def rows_from_table(
    text: str,
    where: object,
    columns: Sequence[str] | None = None,
    chosen: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """The recognised columns of a delimited text, renamed by `ALIASES`, with values parsed.

    `chosen` says which column holds what, `{"source": "TF"}`, where the names alone do not.

    Raises:
        InputError: an end has no column or more than one, or a weight, sign, mode or label cannot be read.
    """
    frame = parse_table(text, where, columns)
    listed = list(frame.columns)
    found = {
        name: [column for column in listed if column.lower() in known] for name, known in ALIASES.items()
    }
    for name, column in (chosen or {}).items():
        if name not in ALIASES:
            raise unknown("kind of column", name, ALIASES, where="data.columns")
        if column not in listed:
            raise unknown("column", column, listed, where=f"{where}: data.columns")
        found = {key: [c for c in hits if c != column] for key, hits in found.items()} | {name: [column]}
    for name, hits in found.items():
        if len(hits) > 1:
            raise InputError(
                f"several columns for the {name}: {', '.join(hits)}", where=where, fix="keep one"
            )
        if name in ENDS and not hits:
            bare = columns is None and len(listed) <= MAX_BARE_COLUMNS and not any(found.values())
            hint = "without a header, add the line `source<TAB>target` at the top; " if bare else ""
            what = f"no {name} column; found the columns {examples(listed, 8)}"
            raise InputError(what, where=where, fix=f"{hint}accepted names: {', '.join(ALIASES[name])}")
    rows = pd.DataFrame({name: frame[hits[0]] for name, hits in found.items() if hits})
    if columns is not None and all(str(rows[end].iloc[0]).lower() in ALIASES[end] for end in ENDS):
        raise InputError(
            "column names given for a table that has a header", where=where, fix="leave them out"
        )
    for name in ("weight", "sign", "label"):
        if name in rows:
            rows[name] = _numbers(rows[name], found[name][0], where, binary=name == "label")
    if "mode" in rows:
        signs = rows.pop("mode").str.lower().map(MODES)
        if signs.isna().any():
            what = f"unknown mode {frame.loc[signs.isna(), found['mode'][0]].iloc[0]!r}"
            raise InputError(what, where=where, fix=f"known: {', '.join(MODES)}; or rename the column")
        rows["sign"] = rows.get("sign", signs)
    if "sign" in rows:
        rows["sign"] = np.sign(rows["sign"]).astype(int)
    return rows


def _numbers(column: pd.Series[str], name: str, where: object, *, binary: bool) -> pd.Series[float]:
    """A column as finite floats; an empty cell counts as 1."""
    numbers = pd.to_numeric(column.mask(column.isin(MISSING), "1"), errors="coerce").astype(float)
    bad = ~np.isfinite(numbers) | (~numbers.isin([0.0, 1.0]) if binary else False)
    if bad.any():
        what = f"{name} {column[bad].iloc[0]!r} in data row {int(np.argmax(bad)) + 1}"
        raise InputError(
            f"{what} is not {'0 or 1' if binary else 'a finite number'}", where=where, fix="correct it"
        )
    return numbers


def rows_from_json(text: str, where: object) -> pd.DataFrame:
    """`{TF: [genes]}`; a TF without genes becomes a row without a target.

    Raises:
        InputError: not JSON, or JSON of another shape.
    """
    try:
        pairs = json.loads(text, object_pairs_hook=list)  # as pairs: a TF that occurs twice keeps both lists
    except (ValueError, RecursionError) as error:  # ValueError: an integer of thousands of digits, too
        raise InputError(f"is not valid JSON ({error})", where=where, fix=KINDS_HINT) from None
    if not all(
        isinstance(pair, tuple)
        and isinstance(pair[1], list)
        and all(isinstance(gene, str) for gene in pair[1])
        for pair in pairs
    ):
        raise InputError(
            "is JSON, but not {TF: [genes]}", where=where, fix='write {"TF": ["gene", ...], ...}'
        )
    return pd.DataFrame([(tf, gene) for tf, genes in pairs for gene in genes or [""]], columns=ENDS)


def rows_from_gmt(text: str, where: object) -> pd.DataFrame:
    """GMT: a line is the TF, a description and the genes, separated by tabs.

    Raises:
        InputError: a line without genes.
    """
    rows: list[tuple[str, str]] = []
    for number, line in enumerate(text.split("\n"), start=1):
        tf, *rest = line.split("\t")
        genes = [gene for gene in rest[1:] if gene.strip()]
        if line.strip() and not genes:
            what = f"line {number} ({tf[:40]!r}) has no genes"
            raise InputError(what, where=where, fix="a GMT line is name<TAB>description<TAB>gene<TAB>gene...")
        rows += [(tf, gene) for gene in genes]
    return pd.DataFrame(rows, columns=ENDS)


def rows_from_genelink(folder: Path) -> pd.DataFrame:
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
    if strangers := sorted((set(rows["source"]) | set(rows["target"])) - set(symbols)):
        what = f"{len(strangers):,} indices are not in Target.csv: {examples(strangers)}"
        raise InputError(what, where=label, fix="use the files of one data set")
    return rows.assign(**{end: rows[end].map(symbols) for end in ENDS})


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
