"""The catalogue of data sets for people: one line a data set, and everything about one of them."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grnpyg.data import Entry

WIDTH = 80
GROUPS = {
    "expression (* with labels)": ("bundle", "expression"),
    "labels": ("labels",),
    "other": ("knowledge", "identifiers", "split", "paper-results"),
}


def overview(entries: Iterable[Entry], here: Mapping[str, bool], *, each: bool) -> list[str]:
    """Lines of at most 80 characters, by kind.

    Args:
        entries: the data sets to show.
        here: name -> whether it is in the cache or bundled.
        each: one line a data set; otherwise members of a family share one.
    """
    lines = [_row("name", "species", "size", "here", "licence")]
    listed = list(entries)
    for group, kinds in GROUPS.items():
        families: dict[str, list[Entry]] = {}
        for entry in listed:
            if entry.kind in kinds:
                families.setdefault(entry.name if each else entry.family or entry.name, []).append(entry)
        if families:
            lines += ["", group, *(_line(name, members, here) for name, members in families.items())]
    return lines


def _line(name: str, members: list[Entry], here: Mapping[str, bool]) -> str:
    from grnpyg.data import catalog

    first, count = members[0], len(members)
    species = {entry.species for entry in members}
    there = sum(here[entry.name] for entry in members)
    return _row(
        f"  {name}{' *' if first.kind == 'bundle' else ''}",
        species.pop() if len(species) == 1 else "both",
        catalog.readable(sum(entry.size for entry in members)),
        ("yes" if there else "no") if count == 1 else f"{there}/{count}",
        short(first.licence),
    )


def _row(name: str, species: str, size: str, here: str, licence: str) -> str:
    return f"{name:<32} {species:<7} {size:>7}  {here:<6} {licence}".rstrip()[:WIDTH]


def short(licence: str, most: int = 24) -> str:
    """The first clause of a licence without what stands in brackets; dots where there is more to it."""
    first, *more = re.split(r"[,;]", re.sub(r" ?\([^)]*\)", "", licence))
    if more or len(first) > most:
        return f"{textwrap.shorten(first, most - 4, placeholder='')} ..."
    return first


def details(entry: Entry, facts: Mapping[str, Any]) -> list[str]:
    """Everything about a data set, in lines.

    Args:
        entry: the data set.
        facts: what `about` gives.
    """
    from grnpyg.data import catalog

    lines = _wrapped("", f"{entry.name}: {entry.description}")
    values = {
        "kind": entry.kind,
        "species": entry.species,
        "size": catalog.readable(entry.size),
        "here": facts["here"],
        "to get it": facts["command"] or "ships with grnpyg",
        "needs": facts["needs"],
        "to use it": facts["use"],
        "licence": entry.licence,
        "cite": entry.citation,
        "note": entry.note,
    }
    for key, value in values.items():
        if value:
            lines += _wrapped(f"{key:<10} ", str(value))
    for file in facts["files"]:
        lines += ["", f"{file['path']} ({file['size']:,} bytes, {file['role']})"]
        for key in ("sha256", "content_sha256", "url", "derived_from", "made_of", "location", "status"):
            if file.get(key):
                lines += _wrapped(f"  {key.replace('_', ' '):<14} ", str(file[key]))
    return lines


def about(entry: Entry) -> dict[str, Any]:
    """What `grnpyg data info` says beside the entry itself: where it is, how to get it and to use it."""
    from grnpyg.data import catalog

    status = {found.path: found.status for found in catalog.check([entry.name])}
    files = []
    for file, (path, state) in zip(entry.files, status.items(), strict=True):
        made = {"made_of": ", ".join(map(str, file.made.of))} if file.made else {}
        files.append(file.model_dump(mode="json") | made | {"location": str(path), "status": state})
    present = [state for state in status.values() if state == "ok"]
    source = "" if entry.fetchable else " --from DIR"
    needs = "the internet, or --from DIR with a copy"
    if not entry.fetchable:
        needs = "DIR with the file under the path below, made as its `derived from` says"
    roles = {file.role for file in entry.files}
    options = {"expression": "--data", "labels": "--labels", "Label": "--labels", "tfs": "--tfs"}
    options |= {"mapping": "--id-map"}
    used = [f"{option} {entry.name}" for role, option in options.items() if role in roles]
    return {
        "here": {0: "no", len(files): "yes"}.get(len(present), f"{len(present)} of {len(files)} files"),
        "command": None if entry.bundled else f"grnpyg data fetch {entry.name}{source}",
        "needs": None if entry.bundled else needs,
        "use": " ".join(used) or None,
        "files": files,
    }


def _wrapped(head: str, text: str) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_long_words=False,
        break_on_hyphens=False,
    )
