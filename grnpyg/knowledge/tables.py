"""Read the tables of knowledge that are bundled or in the cache of data sets."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd

import grnpyg_data
from grnpyg.core.errors import InputError
from grnpyg.data import catalog

FOLDER = "knowledge"


class MissingError(InputError):
    """The table of a source is not here; the message names the command that brings it."""


def bundled(name: str) -> Path:
    """The path of a bundled table of knowledge.

    Raises:
        MissingError: this installation lacks it.
    """
    path = grnpyg_data.path(f"{FOLDER}/{name}")
    if not path.is_file():
        fix = "install grnpyg again (`pip install --force-reinstall grnpyg`)"
        raise MissingError(f"the bundled table {name} is not there", fix=fix)
    return path


def fetched(name: str) -> Path:
    """The path of the table of a catalogue entry.

    Raises:
        MissingError: it was not fetched yet.
    """
    if name not in catalog.entries():
        raise MissingError(f"the catalogue has no data set {name!r}", fix="update grnpyg")
    entry = catalog.get(name)
    if catalog.cached(name) is None:
        raise MissingError(f"the data set {name} is not in the cache", fix=catalog.how_to_get(entry))
    return catalog.path(entry, entry.files[0].role)


def read(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    """The columns of a tab-separated table as text.

    Raises:
        InputError: it lacks a column.
    """
    head = pd.read_csv(path, sep="\t", nrows=0)
    if missing := [column for column in columns if column not in head]:
        raise InputError(f"has no column {', '.join(missing)}", where=path)
    table = pd.read_csv(path, sep="\t", usecols=list(columns), dtype=str, keep_default_na=False)
    return table[list(columns)]


@cache
def identifiers() -> dict[str, str]:
    """Ensembl, NCBI or UniProt identifier -> current human symbol, of mouse genes that of the ortholog.

    Raises:
        MissingError: this installation lacks the table.
    """
    table = read(bundled("identifiers_human.tsv.gz"), ("identifier", "symbol"))
    return dict(zip(table["identifier"], table["symbol"], strict=True))


@cache
def orthologs() -> dict[str, str]:
    """Mouse symbol -> symbol of its one-to-one human ortholog; read once by a process.

    Raises:
        MissingError: this installation lacks the table.
    """
    table = read(bundled("orthologs_human_mouse.tsv.gz"), ("human", "mouse"))
    return dict(zip(table["mouse"], table["human"], strict=True))
