"""Match a regulon's names to the genes of an expression matrix."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

from grnpyg.core.errors import InputError, examples, warn
from grnpyg.data.matching.id_map import IdMap, MapReport, apply_map
from grnpyg.data.matching.kinds import kind_of_most
from grnpyg.data.names.namespaces import MINOR_SHARE, NamespaceReport, detect, namespace, without_version
from grnpyg.data.regulons.regulon import Regulon

__all__ = [
    "MINOR_SHARE",
    "IdMap",
    "MapReport",
    "MappingReport",
    "NamespaceReport",
    "apply_map",
    "detect",
    "match",
    "namespace",
    "without_version",
]


LEAST_SHARE = 0.1  # of TFs or genes with expression: below, labels and cells hardly belong together
USUAL_SHARE = 0.5  # below, many features are zeros


class MisfitError(InputError):
    """Labels and expression hardly name the same genes."""


@dataclass(frozen=True)
class MappingReport:
    """Result of matching a regulon's names to the var_names of an expression matrix.

    Args:
        tfs_matched, tfs_unmatched: TFs with and without a var_name, sorted.
        genes_matched, genes_unmatched: target genes with and without one, sorted.
        edges: edges of the regulon; edges_matched: those with both ends matched.
        duplicates_merged: edges that become one under the var_names.
        renamed: regulon name -> var_name where the two differ (an Ensembl version); for `regulons.rename`.
        tf_namespaces, gene_namespaces, var_namespaces: what kind of names the three lists hold.
        notes: what a reader should know, one sentence each.
    """

    tfs_matched: tuple[str, ...]
    tfs_unmatched: tuple[str, ...]
    genes_matched: tuple[str, ...]
    genes_unmatched: tuple[str, ...]
    edges: int
    edges_matched: int
    duplicates_merged: int
    renamed: dict[str, str]
    tf_namespaces: NamespaceReport
    gene_namespaces: NamespaceReport
    var_namespaces: NamespaceReport
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, object]:
        """JSON-ready, with the full lists."""
        result: dict[str, object] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            result[field.name] = list(value) if isinstance(value, tuple) else value
            if isinstance(value, NamespaceReport):
                result[field.name] = value.to_dict()
        return result

    def require_overlap(self, where: object) -> None:
        """Check that labels and expression speak of the same genes; below half of them that is said.

        Raises:
            MisfitError: less than `LEAST_SHARE` of the TFs or genes are measured, or no edge at both ends.
        """
        ends = (
            ("TFs", len(self.tfs_matched), len(self.tfs_unmatched)),
            ("target genes", len(self.genes_matched), len(self.genes_unmatched)),
        )
        fix = "check that both are of one species and name genes alike, or map names with `--id-map FILE`"
        share = min(matched / max(1, matched + rest) for _, matched, rest in ends)
        said = ", ".join(f"{matched:,} of {matched + rest:,} {what}" for what, matched, rest in ends)
        said += (
            f" and both ends of {self.edges_matched:,} of {self.edges:,} edges are in the expression matrix"
        )
        if share < LEAST_SHARE or not self.edges_matched:
            raise MisfitError(f"only {said}", where=where, fix=fix)
        if share < USUAL_SHARE:
            warn(f"only {said}", where=where, fix=fix)

    def lines(self) -> list[str]:
        """Matched and unmatched names of both ends with examples, then the notes."""
        lines = []
        for what, matched, unmatched in (
            ("TFs", self.tfs_matched, self.tfs_unmatched),
            ("target genes", self.genes_matched, self.genes_unmatched),
        ):
            without = f"; without expression: {examples(unmatched)}" if unmatched else ""
            lines.append(
                f"{len(matched):,} of {len(matched) + len(unmatched):,} {what} have expression{without}."
            )
        lines.append(f"{self.edges_matched:,} of {self.edges:,} edges have expression at both ends.")
        return [*lines, *self.notes]


def match(
    regulon: Regulon, var_names: Iterable[str], id_map: IdMap | None = None, *, tfs_measured: bool = True
) -> MappingReport:
    """Match both ends of a regulon to var_names: exactly, or otherwise without Ensembl versions.

    Args:
        regulon: the labels.
        var_names: genes of the expression.
        id_map: the map that the labels went through, for the message.
        tfs_measured: the TFs have to be among the var_names, too.

    Raises:
        MisfitError: no TF or no target gene has a var_name; the message names the namespaces and the fix.
    """
    listed = list(var_names)
    genes, var_report = set(listed), detect(listed)
    known = genes if var_report.main == "symbol" else set()
    reports = {"TFs": detect(regulon.sources_all, known), "target genes": detect(regulon.targets_all, known)}
    by_base: dict[str, str] = {}
    for name in listed:
        by_base.setdefault(without_version(name), name)
    ids = sorted({*regulon.sources_all, *regulon.targets_all})
    found = {name: name for name in ids if name in genes}
    bases = {name: without_version(name) for name in ids if name not in found}
    found |= {name: by_base[base] for name, base in bases.items() if base in by_base}
    by_upper = {name.upper(): name for name in listed}
    other_case = [
        (name, by_upper[name.upper()]) for name in ids if name not in found and name.upper() in by_upper
    ]
    for end, universe in (("TFs", regulon.sources_all), ("target genes", regulon.targets_all)):
        if found.keys().isdisjoint(universe) and (tfs_measured or end != "TFs"):
            raise _no_overlap(regulon, end, reports[end], var_report, listed, other_case, id_map)
    renamed = {name: var for name, var in found.items() if name != var}
    notes = []
    if renamed:
        notes.append(
            f"{len(renamed):,} names matched after removing the Ensembl version ({examples(renamed)})."
        )
    if other_case:
        pairs = examples(f"{name}: {var}" for name, var in other_case)
        notes.append(f"{len(other_case):,} unmatched names match a var_name in a different case ({pairs}).")
    table = regulon.table
    pairs_now = {
        (found.get(s, s), found.get(t, t)) for s, t in zip(table["source"], table["target"], strict=True)
    }
    return MappingReport(
        tfs_matched=tuple(name for name in regulon.sources_all if name in found),
        tfs_unmatched=tuple(name for name in regulon.sources_all if name not in found),
        genes_matched=tuple(name for name in regulon.targets_all if name in found),
        genes_unmatched=tuple(name for name in regulon.targets_all if name not in found),
        edges=len(table),
        edges_matched=int((table["source"].isin(found) & table["target"].isin(found)).sum()),
        duplicates_merged=len(table) - len(pairs_now),
        renamed=renamed,
        tf_namespaces=reports["TFs"],
        gene_namespaces=reports["target genes"],
        var_namespaces=var_report,
        notes=tuple(notes),
    )


def _no_overlap(
    regulon: Regulon,
    end: str,
    report: NamespaceReport,
    var_report: NamespaceReport,
    var_names: list[str],
    other_case: list[tuple[str, str]],
    id_map: IdMap | None,
) -> MisfitError:
    """The error for an end without any matched name, with the likeliest cause as the fix."""
    universe = regulon.sources_all if end == "TFs" else regulon.targets_all
    fix = "check that both are of one species and use the same gene names, or map them with `--id-map FILE`"
    if id_map is not None:
        fix = (
            f"the map {id_map.where} leads from {id_map.from_namespace} to {id_map.to_namespace}: give one "
            f"that leads from the names of the labels to those of the expression ({var_report.main})"
        )
    elif kind := kind_of_most(universe):
        fix = f"the {end} are {kind}, not symbols or ids of genes: map them with `--id-map FILE`"
    elif kind := kind_of_most(var_names):
        fix = f"the expression has {kind}, not genes: name its genes, or map the labels with `--id-map FILE`"
    elif report.main != var_report.main:
        fix = f"map {report.main} to {var_report.main} with `--id-map FILE`"
        if report.main == "entrez":
            fix += (
                " (or, if the integers are GENELink indices, give the folder with Label.csv and Target.csv)"
            )
    elif other_case:
        fix = (
            f"they differ in case ({' against '.join(other_case[0])}), as between mouse and human: use a "
            "table of the same species, or map orthologs with `--id-map FILE`"
        )
    return MisfitError(
        f"none of the {len(universe):,} {end} is among the {len(var_names):,} genes of the expression matrix "
        f"({end}: {report.shares()}, such as {examples(universe)}; var_names: {var_report.shares()}, such as "
        f"{examples(var_names)})",
        where=regulon.where,
        fix=fix,
    )
