"""Read an expression matrix from a text table; orientation and separator are detected."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from grnpyg.core.errors import InputError, examples, warn
from grnpyg.data.names.joined import parts
from grnpyg.data.names.marks import GENOME
from grnpyg.data.text.files import TextLines
from grnpyg.data.text.layout import Layout, find_layout
from grnpyg.data.text.matrix_rows import StrayQuoteError, read_rows
from grnpyg.data.text.quotes import warn_of

if TYPE_CHECKING:
    from anndata import AnnData

NUMBER = re.compile(r"-?\d+(\.\d+)?(e[-+]?\d+)?", re.IGNORECASE)
ENSEMBL = re.compile(r"ENS[A-Z]{0,6}G\d{6,}(\.\d+)?")
_NOT_SAMPLES = (  # columns that describe the genes, beside their names
    "chr chrom chromosome start end strand length gene_length description symbol gene_symbol gene_name "
    "genename gene_id geneid gene_type gene_biotype biotype entrez entrezid entrez_id ensembl"
)
NOT_SAMPLES = set(_NOT_SAMPLES.split())
ONE_SAMPLE = {
    "kallisto": {"target_id", "eff_length", "est_counts", "tpm"},
    "salmon": {"name", "effectivelength", "tpm", "numreads"},
    "RSEM": {"effective_length", "expected_count", "tpm"},
}
MAX_ANNOTATIONS = 8
NO_WORD = re.compile("n/?an?|null|none|[-+]?inf(inity)?", re.IGNORECASE)


def read_text_table(path: Path, genes_in: str, known_genes: Collection[str], sep: str | None) -> AnnData:
    """Cells x genes from a table with names in its first line and column; see `read_expression`.

    Columns of text or of `NOT_SAMPLES` right after the names (as GCT and featureCounts have) become
    columns of `var` or `obs`.

    Raises:
        InputError: ragged lines, a value that is not a number, or an ambiguous orientation.
    """
    from anndata import AnnData

    file = TextLines(path)
    with file.lines() as lines:
        layout = find_layout(lines, path, separator=sep)
    header, trailing = _header(layout, path)
    notes = _annotations(header, layout.first)
    _check_header(header, known_genes, path)
    quoted = file.marks
    try:
        read = read_rows(file, layout, header, notes, trailing, quoted)
    except StrayQuoteError as stray:
        warn_of(stray.line, path)
        quoted = False
        read = read_rows(file, layout, header, notes, trailing, quoted)
    marks = '" ' if file.marks and not quoted else None  # quotation marks that quoted nothing
    rows = [name.strip(marks) for name in read.names]
    header = [name.strip(marks) for name in header]
    columns = header[1 + notes :]
    _check_rows(header, rows, known_genes, path)
    if layout.gct and layout.gct[0] != len(rows):
        what = f"holds {len(rows):,} rows of the {layout.gct[0]:,} that its head declares"
        raise InputError(what, where=path, fix="fetch the file again")
    if genes_in == "auto" and layout.gct:
        genes_in = "rows"
    in_rows = genes_in == "rows" if genes_in != "auto" else _genes_in_rows(rows, columns, known_genes, path)
    described = pd.DataFrame(read.notes, columns=header[1 : 1 + notes], index=pd.Index(rows))
    bare = pd.DataFrame(index=pd.Index(columns))
    if layout.gct and notes:
        described = _named_as_in_gct(described, known_genes, path)
    elif notes:
        what = f"its columns {examples(described.columns, 8)} describe the rows and are no values"
        warn(what, where=path, fix="if one names the genes, choose it with --var-names")
    if in_rows:
        return AnnData(np.ascontiguousarray(read.values.T), obs=bare, var=described)
    return AnnData(np.asfortranarray(read.values), obs=described, var=bare)


def _named_as_in_gct(described: pd.DataFrame, known_genes: Collection[str], path: Path) -> pd.DataFrame:
    """The rows named by the column Description, if that has more of the known genes than Name."""
    known, names, symbols = set(known_genes), described.index, described.iloc[:, 0]
    by_symbol = sum(name in known for name in symbols) > sum(name in known for name in names)
    used = described.columns[0] if by_symbol else "Name"
    warn(f"is a GCT file: its column {used} names the genes", where=path)
    return described.assign(gene_ids=names).set_index(pd.Index(symbols)) if by_symbol else described


def _header(layout: Layout, path: Path) -> tuple[list[str], bool]:
    """The names of the columns, the corner included, and whether each line ends with a separator."""
    header = list(layout.header)
    if layout.first == layout.header:
        raise InputError("has no header followed by rows", where=path, fix="check that the file is complete")
    trailing = layout.first[-1] == "" and (header[-1] == "" or layout.width == len(header) + 1)
    width = layout.width - trailing
    if trailing and header[-1] == "":
        header.pop()
    if width < 2:
        what = f"has one column when split at {layout.separator!r}"
        raise InputError(what, where=path, fix="separate the fields by tabs, commas or semicolons")
    if len(header) + 1 == width:  # R leaves the corner out
        header = ["", *header]
    if len(header) != width:
        what = f"ragged table: {len(header)} fields in the header, {width} in the first row"
        raise InputError(
            f"{what}, line {layout.start + 1:,}", where=path, fix="give every line as many fields"
        )
    return header, trailing


def _annotations(header: list[str], first: tuple[str, ...]) -> int:
    """How many columns after the first one describe the rows."""
    count = 0
    for name, value in list(zip(header, first, strict=False))[1 : MAX_ANNOTATIONS + 1]:
        words = re.search("[A-Za-z]{2}", value) and not NO_WORD.fullmatch(value)
        if name.strip('" ').lower() not in NOT_SAMPLES and not words:
            break
        count += 1
    return count if count + 1 < len(header) else 0


def _check_header(header: list[str], known_genes: Collection[str], path: Path) -> None:
    """Refuse the files of one sample, and a first line that holds values."""
    names = [name.strip('" ') for name in header]
    lower = {name.lower() for name in names}
    if tool := next((tool for tool, usual in ONE_SAMPLE.items() if usual <= lower), None):
        what = f"is the output of {tool} for one sample ({examples(names, 8)})"
        raise InputError(what, where=path, fix="give one table with a column of values for each sample")
    if names[0] and (_counts(names[1:], known_genes) or (len(names) == 2 and NUMBER.fullmatch(names[1]))):
        what = f"its first line, {examples(names)}, holds numbers, not names of columns"
        raise InputError(what, where=path, fix="write a first line with the names")


def _check_rows(header: list[str], rows: list[str], known_genes: Collection[str], path: Path) -> None:
    if header[0].strip() and _counts(rows, known_genes):
        raise InputError(
            f"its first column, {header[0]!r}, holds numbers ({examples(rows)}), not names of rows",
            where=path,
            fix="write a first column with the names",
        )
    if header[0].strip() in known_genes:
        raise InputError(
            f"its first column is the gene {header[0]!r}, so its rows have no names",
            where=path,
            fix="write a first column with the names of the cells",
        )


def _counts(names: list[str], known_genes: Collection[str]) -> bool:
    """Whether names are values: numbers, with decimals or some of them repeated."""
    if not all(NUMBER.fullmatch(name) for name in names) or not set(known_genes).isdisjoint(names):
        return False
    return not all(map(str.isdigit, names)) or len(set(names)) < len(names)


def _genes_in_rows(rows: list[str], columns: list[str], known_genes: Collection[str], path: Path) -> bool:
    known = set(known_genes)
    counts = [len(known.intersection(axis)) for axis in (rows, columns)]
    if counts[0] == counts[1]:  # as where labels and cells are of two species, or names carry a prefix
        known = {name.upper() for name in known}
        counts = [
            len(known.intersection(part.upper() for name in axis for part in parts(GENOME.sub("", name))))
            for axis in (rows, columns)
        ]
    if counts[0] == counts[1]:
        counts = [sum(ENSEMBL.fullmatch(name) is not None for name in axis) for axis in (rows, columns)]
    if counts[0] == counts[1] and known and all(name.isdigit() for name in known):
        raise InputError(
            f"the labels are integers ({examples(sorted(known))}), which name neither its rows "
            f"({examples(rows)}) nor its columns ({examples(columns)})",
            where=path,
            fix="map them with `--id-map FILE` or, if they are GENELink indices, give the folder with "
            "Label.csv and Target.csv as labels",
        )
    if counts[0] == counts[1]:
        what = f"rows like {examples(rows)} or columns like {examples(columns)}: either could be the genes"
        raise InputError(what, where=path, fix="say which with --genes-in rows or --genes-in columns")
    return counts[0] > counts[1]
