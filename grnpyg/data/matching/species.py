"""Which species names of genes belong to: by the config, by the catalogue, or by the names themselves.

Mouse genes in capitals (`STAT1` for `Stat1`, as in BEELINE) are written like human ones. Which of the two
they are shows in the share of names that are symbols of either.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from grnpyg.core.errors import InputError, warn
from grnpyg.data import catalog
from grnpyg.data.matching.aliases import species_of
from grnpyg.data.names.symbols import Species, symbols

if TYPE_CHECKING:
    from grnpyg.core.data_config import DataConfig


def stated_species(data: DataConfig) -> Species | None:
    """What is known before any name is read: `data.species`, or the species of a data set of the catalogue.

    Of expression only mouse counts: the bundled human cells stand in where none was chosen.
    """
    if data.species != "auto":
        return data.species
    known = catalog.entries()
    if data.labels in known:
        return known[data.labels].species
    if data.expression in known and known[data.expression].species == "mouse":
        return "mouse"
    return None


def species_for(data: DataConfig, names: Iterable[str]) -> Species | None:
    """The species of a graph's names, with a warning where the names leave it open.

    Raises:
        InputError: `data.species` is human, and the names are those of mouse genes.
    """
    distinct = set(names)
    stated, found = stated_species(data), species_of(distinct)
    human = len(distinct & symbols("human").current)
    capitals = sum(name in mouse_in_capitals() for name in distinct)
    if data.species == "human" and found == "mouse":
        what = f"species is human, but the names are of mouse ({_share(human, distinct)} are human symbols)"
        raise InputError(what, where=data.labels, fix="leave `--species` out, or give `--species mouse`")
    if data.species == "mouse" and found == "human" and human > capitals:
        warn(
            f"species is mouse, but {_share(human, distinct)} of the names are human symbols, and "
            f"{_share(capitals, distinct)} mouse ones in capitals",
            where=data.labels,
        )
    if stated is None and found == "human" and capitals > human:
        warn(
            f"the names are read as human ({_share(human, distinct)} are symbols), but "
            f"{_share(capitals, distinct)} are mouse symbols in capitals",
            where=data.labels,
            fix="say `--species mouse` if they are of mouse, or `--species human`",
        )
    return stated or found


@cache
def mouse_in_capitals() -> dict[str, str]:
    """Mouse symbol in capitals -> the symbol; without those that two genes share."""
    found: dict[str, str] = {}
    twice = set()
    for symbol in sorted(symbols("mouse").current):
        if found.setdefault(symbol.upper(), symbol) != symbol:
            twice.add(symbol.upper())
    return {capitals: symbol for capitals, symbol in found.items() if capitals not in twice}


def _share(count: int, of: set[str]) -> str:
    return f"{100 * count / max(1, len(of)):.1f} %"
