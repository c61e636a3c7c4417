"""The committed record of every default: `defaults.json`.

    python tests/defaults.py      writes it anew, after an option was added or a version was raised

A default that was changed without another version is refused: runs of both meanings would have one hash.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from extended import NAMES, REGISTRIES, sections
from pydantic_core import to_jsonable_python

from grnpyg.core.data_config import Section

FILE = Path(__file__).resolve().with_name("defaults.json")
Record = dict[str, dict[str, Any]]


def present() -> Record:
    """Version of every section and every component, and the defaults that hashes leave out."""
    record: Record = {}
    for path, section in sections():
        fields = {key: f for key, f in section.model_fields.items() if not f.is_required()}
        record[f"section {path or 'experiment'}"] = {
            "version": section.version,
            "defaults": {
                key: to_jsonable_python(section.first_defaults.get(key, field.default))
                for key, field in fields.items()
                if not isinstance(field.default, Section)
            },
        }
    for kind, name in NAMES:
        registry = REGISTRIES[kind]
        record[f"{kind} {name}"] = {"version": registry.version(name), "defaults": registry.defaults(name)}
    return record


def stored() -> Record:
    """What is committed."""
    record: Record = json.loads(FILE.read_text())
    return record


def broken(before: Record, now: Record) -> list[str]:
    """A sentence for every default that changed while the version stayed."""
    return [
        f"{name}: the default of {key} is {now[name]['defaults'][key]!r} and was {default!r}. Raise the "
        f"version of {name} to {about['version'] + 1} (`version=` where it is registered, `version: "
        "ClassVar[int]` of a section), or runs of both defaults have one hash; then run `python "
        "tests/defaults.py`"
        for name, about in before.items()
        if name in now and now[name]["version"] == about["version"]
        for key, default in about["defaults"].items()
        if key in now[name]["defaults"] and now[name]["defaults"][key] != default
    ]


if __name__ == "__main__":
    found = present()
    if FILE.exists() and (sentences := broken(stored(), found)):
        sys.exit("\n".join(sentences))
    lines = ",\n".join(f'"{name}": {json.dumps(about, sort_keys=True)}' for name, about in found.items())
    FILE.write_text(f"{{\n{lines}\n}}\n")
