"""Mapping tables between identifiers, applied to both ends of a regulon."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pandas as pd

from grnpyg.core.errors import InputError, examples
from grnpyg.data.names.marks import plain
from grnpyg.data.names.namespaces import MINOR_SHARE, NamespaceReport, detect, namespace, without_version
from grnpyg.data.names.symbols import gene_names
from grnpyg.data.regulons.regulon import Regulon, rename
from grnpyg.data.text.files import read_text
from grnpyg.data.text.table import parse_table

FEW_SYMBOLS = 0.3  # share of a column's cells that are current symbols


@dataclass(frozen=True)
class IdMap:
    """A one-way mapping of identifiers.

    Args:
        names: from -> to; Ensembl versions are stripped from both.
        from_namespace: main namespace of the keys; to_namespace: of the values.
        ambiguous: identifiers with several targets, of which the first in the file is used.
        where: the file, for messages.
        back: to -> from, the first one in the file; back_ambiguous: values with several keys.
    """

    names: Mapping[str, str]
    from_namespace: str
    to_namespace: str
    ambiguous: int
    where: str
    back: Mapping[str, str] = field(default_factory=dict)
    back_ambiguous: int = 0

    def turned(self) -> IdMap:
        """The map in the other direction."""
        return IdMap(
            self.back,
            self.to_namespace,
            self.from_namespace,
            self.back_ambiguous,
            self.where,
            self.names,
            self.ambiguous,
        )

    @classmethod
    def read(cls, path: str | Path, names: Collection[str] = ()) -> IdMap:
        """Read a table: the first column is mapped to the next column in another namespace.

        In a table of more columns, as of HGNC or BioMart, it is another column that is mapped, if that has
        most of `names`, and a column of current symbols that it is mapped to. Other columns are ignored.

        In a table of two columns both may be of one namespace, so that symbols can be mapped to symbols
        (orthologs, former names). A header is optional; rows with an empty cell are skipped.

        Raises:
            InputError: the file cannot be read, or has no second column to map to.
        """
        text = read_text(path)
        frame = parse_table(text, path)
        if any(namespace(name) != "symbol" for name in frame.columns):  # an id where the header should be
            frame = parse_table(text, path, [f"column {number + 1}" for number in range(frame.shape[1])])
        frame = frame.map(plain)
        prose = {name for name in frame if frame[name].str.contains(" ").mean() > MINOR_SHARE}  # descriptions
        kinds = {str(name): detect(frame[name]).main for name in frame if name not in prose and len(frame)}
        first, *rest = _of_names_first(frame, list(kinds), names) or [""]
        second = [name for name in rest if len(rest) == 1 or kinds[name] != kinds[first]]
        if len(second) > 1 and kinds[first] != "symbol":
            second = _symbols_first(frame, second)
        if not second:
            what = f"no two columns of different identifiers among {examples(frame.columns, 8)}"
            raise InputError(what, where=path, fix="give a table from<TAB>to, such as uniprot<TAB>symbol")
        pairs = frame.loc[frame[first].ne("") & frame[second[0]].ne(""), [first, second[0]]]
        pairs = pairs.map(without_version).drop_duplicates()
        names, ambiguous = _one_each(pairs[first], pairs[second[0]])
        back, back_ambiguous = _one_each(pairs[second[0]], pairs[first])
        return cls(
            names,
            kinds[first],
            kinds[second[0]],
            ambiguous,
            str(path),
            back=back,
            back_ambiguous=back_ambiguous,
        )


def _of_names_first(frame: pd.DataFrame, columns: list[str], names: Collection[str]) -> list[str]:
    """The columns of a table, first the one that has most of the names, if the first has less than half."""
    wanted = {without_version(name) for name in names}
    if len(columns) < 3 or not wanted:
        return columns
    found = {name: len(wanted.intersection(frame[name].map(without_version))) for name in columns}
    best = max(columns, key=lambda name: found[name])
    if 2 * found[columns[0]] >= found[best]:
        return columns
    return [best, *(name for name in columns if name != best)]


def _symbols_first(frame: pd.DataFrame, columns: list[str]) -> list[str]:
    """The columns, first the one with most current symbols, if there are few in the first."""
    current = gene_names()
    share = {name: frame[name].isin(current).mean() for name in columns}
    best = max(columns, key=lambda name: share[name])
    return columns if share[columns[0]] >= FEW_SYMBOLS or share[best] < FEW_SYMBOLS else [best]


def _one_each(keys: pd.Series, values: pd.Series) -> tuple[dict[str, str], int]:
    """The first value of every key, and how many keys have several."""
    first = ~keys.duplicated()
    return dict(zip(keys[first], values[first], strict=True)), int(keys[~first].nunique())


@dataclass(frozen=True)
class MapReport:
    """What `apply_map` did.

    Args:
        from_namespace: the namespace mapped; to_namespace: the one mapped to.
        ids: distinct names in the regulon; mapped: those found in the map.
        unmapped: names neither found nor of `to_namespace`, sorted; they stay as they are.
        ambiguous: identifiers with several targets in the map, of which the first was used.
        edges_before, edges: edges before and after.
        self_loops, duplicates: edges that the mapping turned into these, removed.
        namespaces: of the names after mapping.
    """

    from_namespace: str
    to_namespace: str
    ids: int
    mapped: int
    unmapped: tuple[str, ...]
    ambiguous: int
    edges_before: int
    edges: int
    self_loops: int
    duplicates: int
    namespaces: NamespaceReport

    def to_dict(self) -> dict[str, object]:
        """JSON-ready."""
        return {**asdict(self), "unmapped": list(self.unmapped), "namespaces": self.namespaces.to_dict()}

    def lines(self) -> list[str]:
        """What was mapped, what was not, and how many edges were lost."""
        direction = f"from {self.from_namespace} to {self.to_namespace}"
        lines = [f"Mapped {self.mapped:,} of {self.ids:,} names {direction}."]
        if self.unmapped:
            lines.append(
                f"Not in the map, kept as they are: {len(self.unmapped):,} ({examples(self.unmapped)})."
            )
        if self.ambiguous:
            lines.append(f"The map gives {self.ambiguous:,} names several targets; the first one is used.")
        gone = f"{self.duplicates:,} merged as duplicates, {self.self_loops:,} removed as self-loops"
        return [*lines, f"{self.edges_before:,} edges became {self.edges:,}: {gone}."]


def apply_map(regulon: Regulon, id_map: IdMap) -> tuple[Regulon, MapReport]:
    """Map both ends of a regulon and clean it again; names that are not in the map stay.

    Raises:
        InputError: the map has none of the names, and they are not in its target namespace either.
    """
    ids = set(regulon.sources_all) | set(regulon.targets_all)
    names = {name: id_map.names[base] for name in ids if (base := without_version(name)) in id_map.names}
    mapped = rename(regulon, names)
    known = set(id_map.names.values()) if id_map.to_namespace == "symbol" else set()
    after = detect((*mapped.sources_all, *mapped.targets_all), known)
    if not names and after.main != id_map.to_namespace:
        raise InputError(
            f"maps {id_map.from_namespace} to {id_map.to_namespace}, but none of the {len(ids):,} names of "
            f"{regulon.where} is in it ({after.shares()}, such as {examples(sorted(ids))})",
            where=id_map.where,
            fix=f"give a table whose first column holds {after.main} identifiers such as these",
        )
    rest = ids - set(names) - known
    report = MapReport(
        from_namespace=id_map.from_namespace,
        to_namespace=id_map.to_namespace,
        ids=len(ids),
        mapped=len(names),
        unmapped=tuple(sorted(name for name in rest if namespace(name) != id_map.to_namespace)),
        ambiguous=id_map.ambiguous,
        edges_before=regulon.counts.edges,
        edges=mapped.counts.edges,
        self_loops=mapped.counts.self_loops - regulon.counts.self_loops,
        duplicates=mapped.counts.duplicates - regulon.counts.duplicates,
        namespaces=after,
    )
    return mapped, report
