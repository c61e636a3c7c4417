"""Names that differ only in letter case, marks (`HLA.A`, `HLA-A`) or an Ensembl version.

R replaces marks by dots and puts an X before a digit. Two such names in the labels are one gene or two: the
expression, the current symbols or the edges tell, and where nothing does, both stay and are named.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from grnpyg.core.errors import examples, warn
from grnpyg.data.names.namespaces import without_version
from grnpyg.data.regulons.regulon import Regulon

MARKS = re.compile(r"[\W_]")
FEW = 0.1  # names that fit in another case only, for one that fits exactly: more come from another species
SAME_EDGES = 0.5  # shared edges of two names that are taken as one gene
LEAST_EDGES = 2


def key(name: str) -> str:
    """What the spellings of a name have in common: `hla.a` of `HLA-A` and `HLA.A`."""
    return _dotted(name).casefold()


def _dotted(name: str) -> str:
    """The name with a dot for every mark, without an Ensembl version and R's X before a digit."""
    dotted = MARKS.sub(".", without_version(name))
    return dotted[1:] if re.match(r"X\d", dotted) else dotted


@dataclass
class Spellings:
    """What became of the names.

    Args:
        marks: name -> the name that differs in marks, and perhaps in case.
        case: name -> the name that differs in case only.
        versions: Ensembl id -> the id without its version, where the labels hold several versions.
        unmatched: names that fit a gene of the expression in another case, too many to be of one species.
        kept: groups of spellings that may be one gene or several.
    """

    marks: dict[str, str] = field(default_factory=dict)
    case: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    unmatched: dict[str, str] = field(default_factory=dict)
    kept: list[Sequence[str]] = field(default_factory=list)

    def changed(self, name: str, other: str) -> None:
        """Note that a name becomes another one."""
        if without_version(name) == without_version(other):
            self.versions[name] = other
        elif name.casefold() == other.casefold():
            self.case[name] = other
        else:
            self.marks[name] = other

    @property
    def names(self) -> dict[str, str]:
        """All names that change -> what they become."""
        return self.marks | self.case | self.versions

    def say(self, where: object) -> None:
        """Warn of every kind of change, with examples."""
        for found, difference in (
            (self.marks, "in marks such as . and -"),
            (self.case, "in letter case"),
            (self.versions, "in their Ensembl version"),
        ):
            if found:
                shown = examples(f"{name} is read as {other}" for name, other in found.items())
                warn(f"{len(found):,} names differ from another one only {difference}: {shown}", where=where)
        if self.unmatched:
            shown = examples(f"{name} against {other}" for name, other in self.unmatched.items())
            warn(
                f"{len(self.unmatched):,} names are those of genes of the expression in another letter case, "
                f"and stay without expression: {shown}",
                where=where,
                fix="labels and expression may be of two species: use a table of the same one, or map "
                "orthologs with `--id-map FILE`",
            )
        if self.kept:
            shown = examples(" and ".join(group) for group in self.kept)
            warn(
                f"{len(self.kept):,} groups of names differ only in letter case or marks, and stay different "
                f"genes: {shown}",
                where=where,
                fix="if they are one gene, write them alike: otherwise one tells the test edges of the other",
            )


class _Edges:
    """The neighbours of a name at both ends of a regulon."""

    def __init__(self, regulon: Regulon) -> None:
        self.regulon = regulon

    @cached_property
    def of(self) -> Mapping[str, tuple[set[str], set[str]]]:
        found: dict[str, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
        for source, target in zip(self.regulon.table["source"], self.regulon.table["target"], strict=True):
            found[source][0].add(target)
            found[target][1].add(source)
        return found

    def count(self, name: str) -> int:
        return sum(map(len, self.of[name]))

    def same(self, first: str, second: str) -> bool:
        """Whether two names share so many edges, at either end, that they are one gene written twice."""
        return any(
            len(one & other) >= max(LEAST_EDGES, SAME_EDGES * len(one | other))
            for one, other in zip(self.of[first], self.of[second], strict=True)
        )


def spellings(regulon: Regulon, var_names: Collection[str], current: Collection[str]) -> Spellings:
    """Which names of a regulon are to be spelled in another way.

    Args:
        regulon: the labels.
        var_names: genes of the expression; none if there is none.
        current: current symbols of the species; none if it is unknown.
    """
    measured, found, edges = set(var_names), Spellings(), _Edges(regulon)
    groups = _grouped({*regulon.sources_all, *regulon.targets_all})
    options = _grouped(measured)
    alone: dict[str, str] = {}
    for spelling, group in groups.items():
        there = options.get(spelling, ())
        if len(group) == 1 and group[0] not in measured and there:
            _fit_one(group[0], there, found.marks, alone)
        elif len(group) > 1:
            same = _same_as_measured(group, there, edges, current) if there else _same(group, edges, current)
            for name, other in same.items():
                found.changed(name, other)
            left = {same.get(name, name) for name in group} - measured
            known = left <= set(current) or _bases(left) <= _bases(there)
            if (len(left) > 1 or (left and there)) and not known:
                found.kept.append(group)
    exact = sum(name in measured for group in groups.values() for name in group)
    (found.case if len(alone) <= FEW * exact else found.unmatched).update(alone)
    return found


def _fit_one(name: str, there: Sequence[str], marks: dict[str, str], alone: dict[str, str]) -> None:
    """The gene of the expression that a name means, which no other name of the labels resembles."""
    if without_version(name) in _bases(there):
        return  # `match` leaves versions out
    near = there if len(there) == 1 else [other for other in there if _dotted(other) == _dotted(name)]
    if len(near) == 1:
        (marks if _dotted(name) == _dotted(near[0]) else alone)[name] = near[0]


def _same_as_measured(
    group: Sequence[str], there: Sequence[str], edges: _Edges, current: Collection[str]
) -> dict[str, str]:
    """The names of a group that mean a gene of the expression -> its name there."""
    found: dict[str, str] = {}
    for name in group:
        if name in there or any(without_version(other) == without_version(name) for other in there):
            continue
        near = [other for other in there if _dotted(other) == _dotted(name)]
        if len(near) != 1:
            near = [
                other for other in there if len(there) == 1 and (other in current or edges.same(name, other))
            ]
        found.update((name, other) for other in near)
    return found


def _same(group: Sequence[str], edges: _Edges, current: Collection[str]) -> dict[str, str]:
    """The names of a group without expression that mean the same gene as another one -> that one."""
    bases = _bases(group)
    if len(bases) == 1:
        return {name: base for base in bases for name in group if name != base}
    known = [name for name in group if name in current]
    if len(known) > 1:
        return {}  # different genes, by the table of symbols
    chosen = known[0] if known else max(group, key=lambda name: (edges.count(name), name.isupper()))
    return {name: chosen for name in group if name != chosen and (known or edges.same(name, chosen))}


def _bases(names: Iterable[str]) -> set[str]:
    return {without_version(name) for name in names}


def _grouped(names: Iterable[str]) -> Mapping[str, Sequence[str]]:
    groups: dict[str, list[str]] = defaultdict(list)
    for name in sorted(names):
        groups[key(name)].append(name)
    return groups
