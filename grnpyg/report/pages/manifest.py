"""What a manifest says: the data and their identifiers, the versions and the files."""

from __future__ import annotations

from typing import Any

from grnpyg.report.page import Section, Table, Text, section
from grnpyg.report.pages.words import number
from grnpyg.runs import Manifest

SHOWN = 30  # names of unmatched TFs and genes


def data_section(manifest: Manifest | None) -> list[Section]:
    """How the graph came about: the report in sentences, warnings, counts, and names without expression."""
    if manifest is None:
        return []
    data = manifest.data
    warnings = [f"warning: {line}" for line in data.warnings]
    counts = Table(
        "Counts of the graph and of what was left out",
        ["", "number"],
        [[name.replace("_", " "), _count(value)] for name, value in data.counts.items()],
    )
    return section(
        "data", "Data and identifiers", Text([*warnings, *data.report], listed=True), _unmatched(data), counts
    )


def manifest_parts(manifest: Manifest | None) -> list[Table]:
    """Inputs with their SHA-256, versions and machine, as tables."""
    if manifest is None:
        return []
    inputs = [[role, read["source"], read["sha256"]] for role, read in manifest.inputs.items()]
    machine = manifest.machine
    rows = [
        ["run", manifest.config_hash],
        ["seed", str(manifest.seed)],
        ["parameters", number(manifest.parameters.total)],
        ["epochs, best", f"{manifest.epochs}, {manifest.best_epoch}"],
        ["seconds of training", number(manifest.seconds, 0)],
        ["machine", f"{machine.platform}, {machine.processor}, {machine.device}, {machine.threads} threads"],
        *([name, version] for name, version in manifest.versions.items()),
    ]
    found = [Table("Manifest of the (first) run", ["", "value"], rows, frozenset({0, 1}))]
    if inputs:
        found.append(
            Table("Files that were read", ["role", "source", "SHA-256"], inputs, frozenset({0, 1, 2}))
        )
    return found


def _unmatched(data: Any) -> Table | None:
    names = data.identifiers.get("unmatched")
    if not isinstance(names, dict):
        return None
    rows = [
        [
            kind,
            number(len(listed)),
            ", ".join(map(str, listed[:SHOWN])) + (" ..." if len(listed) > SHOWN else ""),
        ]
        for kind, listed in names.items()
        if isinstance(listed, list) and listed
    ]
    caption = f"Names of the labels that the cells do not measure, the first {SHOWN}"
    return Table(caption, ["", "number", "names"], rows, frozenset({0, 2})) if rows else None


def _count(value: Any) -> str:
    return number(value) if isinstance(value, int) else f"{value:.4g}"
