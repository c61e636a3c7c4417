"""The bundled gene symbols of human (HGNC) and mouse (MGI): current, former, and those of TFs.

Where they come from says `grnpyg_data/PROVENANCE_NAMES.md`. Other species are not bundled.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

import grnpyg_data

Species = Literal["human", "mouse"]
SPECIES: tuple[Species, ...] = ("human", "mouse")


@dataclass(frozen=True, eq=False)
class Symbols:
    """Gene symbols of one species.

    Args:
        current: every current symbol, such as `KMT2D`.
        tfs: those of genes annotated as transcription factors.
        former: former or other name -> current symbol, `MLL2` -> `KMT2D`; only names of one gene that are
            no current symbol themselves.
    """

    current: frozenset[str]
    tfs: frozenset[str]
    former: Mapping[str, str]


@cache
def symbols(species: Species) -> Symbols:
    """The symbols of a species; read once by a process."""
    text = gzip.decompress(grnpyg_data.path(f"names_{species}.tsv.gz").read_bytes()).decode()
    rows = [line.split("\t") for line in text.splitlines()[1:]]
    return Symbols(
        current=frozenset(symbol for symbol, _, _ in rows),
        tfs=frozenset(symbol for symbol, tf, _ in rows if tf == "1"),
        former={name: symbol for symbol, _, names in rows for name in names.split("|") if name},
    )


@cache
def gene_names() -> frozenset[str]:
    """Every current symbol of human and mouse, `SPI1` and `Spi1`."""
    return symbols("human").current | symbols("mouse").current


@cache
def tf_names() -> frozenset[str]:
    """Symbols of the transcription factors of human and mouse, `SPI1` and `Spi1`.

    Those of human are the genes annotated with the GO term GO:0003700 (DNA-binding transcription factor
    activity) or a narrower one, not cofactors and general factors; those of mouse are their orthologs.
    """
    return symbols("human").tfs | symbols("mouse").tfs
