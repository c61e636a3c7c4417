"""Former symbols and other names of genes (`MLL2`), read as the current ones or those of the expression."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from grnpyg.data.names.symbols import SPECIES, Species, symbols

LEAST = 0.3  # share of names that are current symbols, in a list of names of the species


def species_of(names: Iterable[str]) -> Species | None:
    """The species whose current symbols most of the names are; None below a share of `LEAST`."""
    shares = species_shares(names)
    best = max(SPECIES, key=lambda species: shares[species])
    return best if shares[best] >= LEAST else None


def species_shares(names: Iterable[str]) -> dict[Species, float]:
    """Species -> which share of the distinct names are its current symbols."""
    distinct = set(names)
    return {species: len(distinct & symbols(species).current) / max(1, len(distinct)) for species in SPECIES}


def current_names(
    names: Collection[str], var_names: Collection[str] | None, former: Mapping[str, str]
) -> dict[str, str]:
    """The names to be replaced, and by what.

    A name that is not measured becomes that other name of its gene which is, whether the labels or the
    expression are the older. Without expression every former name becomes the current symbol; with it one
    that is not measured does so only where the labels hold the gene under two names.

    Args:
        names: distinct names of the labels.
        var_names: genes of the expression, or None.
        former: former or other name -> current symbol.
    """
    if var_names is None:
        return {name: former[name] for name in sorted(names) if name in former}
    measured = set(var_names)
    older: dict[str, list[str]] = defaultdict(list)
    for name in sorted(measured):
        if name in former:
            older[former[name]].append(name)
    rest: dict[str, list[str]] = defaultdict(list)
    found = {}
    for name in sorted(set(names) - measured):
        symbol = former.get(name, name)
        there = [symbol] if symbol in measured else older.get(symbol, [])
        if len(there) == 1:
            found[name] = there[0]
        elif not there:
            rest[symbol].append(name)
    twins = {symbol: group for symbol, group in rest.items() if len(group) > 1}
    return found | {name: symbol for symbol, group in twins.items() for name in group if name != symbol}


def listed_otherwise(names: Iterable[str], listed: Collection[str]) -> set[str]:
    """The names that a list holds under another name of the gene: `MLL2`, where it holds `KMT2D`."""
    species = species_of(listed)
    former = symbols(species).former if species else {}
    genes = {former.get(name, name) for name in listed}
    return {name for name in names if former.get(name, name) in genes}


def told(name: str, new: str, former: Mapping[str, str]) -> str:
    """A replacement in words: `MLL2 is now KMT2D`, `KMT2D was MLL2`."""
    if name not in former:
        return f"{name} was {new}"
    return f"{name} is now {new}" if former[name] == new else f"{name} is also {new}"
