"""Recognise the namespace of a gene identifier by the shape of the name.

`ensembl` (gene ids, with or without version), `uniprot` (the official accession pattern), `entrez` (digits)
and `symbol` (anything else). Some gene symbols look like accessions: `LOOKALIKE_SYMBOLS` has their families.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass

from grnpyg.core.errors import InputError, examples

MINOR_SHARE = 0.01  # above this share of ids outside the main namespace, a list of names is mixed
ENSEMBL = re.compile(r"(ENS[A-Z]{0,4}G\d{11})(\.\d+)?")
UNIPROT = re.compile(r"[OPQ]\d[A-Z\d]{3}\d|[A-NR-Z]\d(?:[A-Z][A-Z\d]{2}\d){1,2}")
LOOKALIKE_SYMBOLS = re.compile(
    r"P2RY1\d|B3GAT\d|B3GNT\d|B4GAT\d|R3H(?:DM|CC)\d|N6AMT\d"  # receptors, transferases, R3H domain
    r"|H2[AB]C\d\d|H2AF[A-Z]\d|H2AZP\d|C\dORF\d"  # histones by old and new name; reading frames in capitals
    r"|E2F\dP\d|G2E3P\d|M6PRP\d|O3FAR\d"  # pseudogenes, and a former name of FFAR4
)


def namespace(name: str) -> str:
    """`symbol`, `ensembl`, `uniprot` or `entrez`, by the shape of the name."""
    if ENSEMBL.fullmatch(name):
        return "ensembl"
    if name.isascii() and name.isdigit():
        return "entrez"
    return "uniprot" if UNIPROT.fullmatch(name) and not LOOKALIKE_SYMBOLS.fullmatch(name) else "symbol"


def without_version(name: str) -> str:
    """The name without an Ensembl version: `ENSG00000139618.17` -> `ENSG00000139618`."""
    found = ENSEMBL.fullmatch(name)
    return found[1] if found else name


@dataclass(frozen=True)
class NamespaceReport:
    """Namespaces of a list of distinct names.

    Args:
        counts: names per namespace, most frequent first; only namespaces that occur.
        main: the most frequent namespace.
        minor: the names outside it, sorted.
    """

    counts: dict[str, int]
    main: str
    minor: tuple[str, ...]

    @property
    def minor_share(self) -> float:
        """Fraction of the names outside the main namespace, 0 to 1."""
        return len(self.minor) / sum(self.counts.values())

    def shares(self) -> str:
        """`5,273 uniprot (64.8 %), 2,862 symbol (35.2 %)`."""
        percent = 100 / sum(self.counts.values())
        return ", ".join(f"{n:,} {name} ({n * percent:.1f} %)" for name, n in self.counts.items())

    def require_one(self, where: object) -> None:
        """Check that at most `MINOR_SHARE` of the names lie outside the main namespace.

        Raises:
            InputError: more do: one gene may then occur under two names.
        """
        if self.minor_share > MINOR_SHARE:
            raise InputError(
                self.mixed(),
                where=where,
                fix="map to one namespace with `--id-map FILE`, or keep the names with `--allow-mixed-ids`",
            )

    def mixed(self) -> str:
        """That the names are of several kinds, with examples."""
        return f"mixed namespaces: {self.shares()}, such as {examples(self.minor)}"

    def to_dict(self) -> dict[str, object]:
        """JSON-ready."""
        return {**asdict(self), "minor": list(self.minor), "minor_share": self.minor_share}

    def lines(self) -> list[str]:
        """The namespaces, and examples of the names outside the main one."""
        more = f"; outside {self.main}: {examples(self.minor)}" if self.minor else ""
        return [f"Identifiers: {self.shares()}{more}."]


def detect(ids: Iterable[str], known_symbols: Collection[str] = ()) -> NamespaceReport:
    """Count the namespaces of the distinct `ids`; members of `known_symbols` are symbols.

    Raises:
        InputError: there is no id.
    """
    known = set(known_symbols)
    groups: dict[str, list[str]] = {}
    for name in sorted(set(ids)):
        groups.setdefault("symbol" if name in known else namespace(name), []).append(name)
    if not groups:
        raise InputError("no identifier given")
    order = sorted(groups, key=lambda kind: (-len(groups[kind]), kind))
    minor = sorted(name for kind in order[1:] for name in groups[kind])
    return NamespaceReport({kind: len(groups[kind]) for kind in order}, order[0], tuple(minor))
