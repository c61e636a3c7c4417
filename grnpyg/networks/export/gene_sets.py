"""A network as sets of genes, one a TF: GMT, also with pySCENIC's names of regulons."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from grnpyg.core.spreadsheet import BEGINNINGS
from grnpyg.networks.export.base import Format, formats
from grnpyg.networks.export.weights import signs
from grnpyg.networks.keys import TARGET, TF

DESCRIPTION = "grnpyg"  # one word: decoupler's reader splits at every blank
NOT_IN_GMT = re.compile(r"#.*|.*\s.*|[A-Za-z_]+=.*")  # a comment, a list of words, a field of pySCENIC


class GeneSets(Format):
    """Base of the formats with one line a set: name, description and genes, best first, separated by tabs."""

    suffixes = (".gmt",)
    read_by = "decoupler, pySCENIC (ctxcore)"
    refuses = "blanks, an equals sign, or one of # = + - @ ' at the beginning"

    def holds(self, name: str) -> bool:
        """See `Format`."""
        return not name.startswith(BEGINNINGS) and not NOT_IN_GMT.fullmatch(name)

    def fill(self, table: pd.DataFrame, file: Path, suffix: str) -> None:
        """See `Format`."""
        with file.open("w", encoding="utf-8", newline="\n") as lines:
            for name, genes in self.sets(table):
                lines.write("\t".join([name, DESCRIPTION, *genes]) + "\n")

    @abstractmethod
    def sets(self, table: pd.DataFrame) -> Iterator[tuple[str, list[str]]]:
        """Name and genes of every set."""


@formats.register("gmt")
class Gmt(GeneSets):
    """One set a TF, with all targets that the table gives it; signs and scores are left out."""

    def sets(self, table: pd.DataFrame) -> Iterator[tuple[str, list[str]]]:
        """See `GeneSets`."""
        yield from regulons(table).items()


@formats.register("pyscenic")
class PySCENIC(GeneSets):
    """pySCENIC's regulons as GMT: `STAT1(+)` and, where targets are repressed, `STAT1(-)`."""

    by_suffix = False

    def sets(self, table: pd.DataFrame) -> Iterator[tuple[str, list[str]]]:
        """See `GeneSets`; as in pySCENIC, an unknown sign counts as +."""
        mark = pd.Series(signs(table) < 0, index=table.index).map({False: "(+)", True: "(-)"})
        yield from regulons(table.assign(**{TF: table[TF] + mark})).items()


def regulons(table: pd.DataFrame) -> dict[str, list[str]]:
    """TF -> its targets, in the order of the table.

    Example:
        >>> regulons(pd.DataFrame({"TF": ["A", "B", "A"], "target": ["x", "y", "z"]}))
        {'A': ['x', 'z'], 'B': ['y']}
    """
    groups = table.groupby(TF, sort=False, observed=True)[TARGET]
    return {str(tf): list(map(str, genes)) for tf, genes in groups}
