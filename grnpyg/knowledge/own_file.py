"""What the sources of a user's own file share: its path, its label, its tier, and how its names fit."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np

from grnpyg.core.errors import InputError, examples, warn
from grnpyg.data import catalog
from grnpyg.data.matching.aliases import species_of
from grnpyg.data.names.namespaces import detect
from grnpyg.knowledge.base import KnowledgeSource, Tier
from grnpyg.knowledge.genes import Genes
from grnpyg.knowledge.nearest import Ids
from grnpyg.knowledge.refused import refuse_label_database

LEAST = 0.1  # of the graph's genes that a file has to know
TEXT = re.compile(r"gene_?pt|gpt|openai|ada[-_]?002|llm|text|pubmed|abstract|summar", re.IGNORECASE)


class OwnFile(KnowledgeSource):
    """Base of the sources that read a file of the user's.

    Args:
        path: the file.
        label: what the source is called in the graph and in reports; None: the file's name.
        tier: `measured`, `curated`, or `literature` where papers or descriptions went into it.
    """

    date = "yours"
    licence = "yours"
    species = "that of the labels"
    own: ClassVar[bool] = True

    def __init__(self, path: str, label: str | None, tier: Tier) -> None:
        self.path, self.tier = Path(path), tier
        self.label = label_of(path if label is None else label)

    def files(self) -> list[Path]:
        """See `KnowledgeSource.files`."""
        self.check()
        return [self.path]

    def check(self) -> None:
        """Check what can be known without reading the file.

        Raises:
            InputError: it is not there, or named after a database of the labels.
        """
        if not self.path.name:
            raise InputError("no file is named", where="knowledge.sources", fix="give it: `--knowledge FILE`")
        refuse_label_database(self.path.name, self.label, where=self.path)
        if str(self.path) in catalog.entries() and not self.path.is_file():
            fix = "`grnpyg list knowledge` shows the names of sources"
            raise InputError("is a data set of the catalogue, not a source", where=self.path, fix=fix)
        if not self.path.is_file():
            fix = "check the path; `grnpyg list knowledge` shows the sources that have a name"
            raise InputError("no such file", where=f"knowledge {self.path}", fix=fix)
        if self.tier == "literature":
            warn(
                "its facts are from the literature, which may also be where the labels come from: a gain may "
                "be the labels read back",
                where=self.path,
            )
        elif TEXT.search(self.path.name):
            warn(
                "its name speaks of text: texts on genes may name their regulators, which are the labels",
                where=self.path,
                fix="if papers or descriptions went into it, give the source the option `tier: literature`",
            )

    def matched(self, names: Sequence[str], genes: Genes) -> tuple[Ids, tuple[str, ...]]:
        """Which gene of the graph each name of the file is, each gene once, and sentences on the match.

        Raises:
            InputError: fewer than a tenth of the graph's genes are in the file.
        """
        rows = genes.own_rows(names)
        found = rows[rows >= 0]
        first = np.full(rows.size, -1, np.intp)
        at = np.unique(rows, return_index=True)[1]
        first[at] = rows[at]
        share = np.unique(found).size / max(1, len(genes.names))
        said = f"{np.unique(found).size:,} of the graph's {len(genes.names):,} genes ({100 * share:.1f} %)"
        if share < LEAST:
            raise InputError(
                f"knows {said}, such as {examples(genes.key)}; its names are such as {examples(names)}",
                where=self.path,
                fix=_why(names, genes),
            )
        notes = [f"{len(names):,} names, {said}"]
        if twice := found.size - np.unique(found).size:
            again = [names[row] for row in np.flatnonzero((rows >= 0) & (first < 0)).tolist()]
            shown = examples(Counter(again))
            warn(f"{twice:,} rows are of a gene that is there before ({shown}): not read", where=self.path)
            notes.append(f"{twice:,} rows of genes that are there twice left out")
        return first, tuple(notes)


def label_of(name: str) -> str:
    """A name as a word of lower-case letters, digits and underscores: `out/ESM2-t33.npz` -> `esm2_t33`."""
    stem = Path(name).name
    for suffix in (".gz", *SUFFIXES):
        stem = stem.removesuffix(suffix)
    return re.sub(r"\W+", "_", stem.lower(), flags=re.ASCII).strip("_")[:40] or "file"


def _why(names: Sequence[str], genes: Genes) -> str:
    """What may be done about names that do not match."""
    kind = detect(names).main if len(names) else "no name"
    if kind != genes.kind:
        return f"name the genes as the labels do: they hold {genes.kind}, the file {kind}"
    of_file = species_of(names)
    if of_file is not None and genes.species is not None and of_file != genes.species:
        return f"give a file on {genes.species}: its genes are named as those of {of_file}"
    return "check that the first column, or the index, holds gene names as the labels do"


SUFFIXES = (".npz", ".parquet", ".h5ad", ".csv", ".tsv", ".txt", ".gmt")
