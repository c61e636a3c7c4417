"""What a catalogue entry is, and how the entries are read from the two YAML files."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import yaml
from pydantic import BaseModel, ConfigDict, Field

SPECIES_OF_CELLS: dict[str, Literal["human", "mouse"]] = {"h": "human", "m": "mouse"}  # hESC, mDC, ...


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Part(_Strict):
    """Something public that a file is made of: a data set, a file at an address, or one inside a wheel.

    `sha256` is that of the whole wheel or file where it is known; what is made is checked in any case.
    """

    data_set: str | None = Field(None, description="its first file")
    url: str | None = None
    package: str | None = Field(None, description="NAME==VERSION on PyPI")
    member: str | None = Field(None, description="path inside the package's wheel")
    sha256: str | None = Field(None, pattern="^[0-9a-f]{64}$")

    def __str__(self) -> str:
        if self.package:
            return f"{self.member} of {self.package} (PyPI)"
        return self.data_set or str(self.url)


class Made(_Strict):
    """How a file is made of public parts."""

    by: str = Field(description="a function of `grnpyg.data.making`")
    of: tuple[Part, ...]

    @property
    def data_sets(self) -> list[str]:
        """The data sets among the parts."""
        return [part.data_set for part in self.of if part.data_set]


class File(_Strict):
    """One file of a data set, with what is needed to read it."""

    path: str = Field(description="below the cache, and below a mirror folder")
    size: int = Field(description="bytes")
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    role: str = Field(description="expression, obs, labels, or the file's name without suffix")
    url: str | None = Field(
        None, description="public address; without one, `derived_from` says how it was made"
    )
    derived_from: str | None = None
    made: Made | None = Field(None, description="how `fetch` makes a file that has no address of its own")
    content_sha256: str | None = Field(
        None, pattern="^[0-9a-f]{64}$", description="of what a packed file holds: packers differ, it does not"
    )
    sep: str | None = None
    columns: tuple[str, ...] | None = Field(None, description="names for a table without a header")
    genes: Literal["rows", "columns"] | None = Field(
        None, description="where an expression table has its genes"
    )


class Entry(_Strict):
    """A data set of the catalogue."""

    name: str
    kind: Literal["bundle", "expression", "labels", "split", "paper-results", "identifiers", "knowledge"]
    description: str
    licence: str
    citation: str
    files: tuple[File, ...]
    species: Literal["human", "mouse"]
    bundled: bool = Field(False, description="ships with grnpyg and needs no fetch")
    family: str | None = Field(None, description="name pattern shared with its siblings")
    genes_from: str | None = Field(None, description="entry that says which gene each index means")
    note: str | None = None

    @property
    def size(self) -> int:
        """Total size of the files in bytes."""
        return sum(file.size for file in self.files)

    @property
    def fetchable(self) -> bool:
        """Whether every file is bundled, has a public address or is made of public parts.

        The others need a mirror folder.
        """
        return self.bundled or all(file.url or file.made for file in self.files)


@cache
def load() -> dict[str, Entry]:
    """All data sets by name, read once from the two YAML files beside this module."""

    def read(name: str) -> dict[str, Any]:
        return dict(yaml.safe_load((resources.files("grnpyg.data") / name).read_text("utf-8")))

    main = read("catalog.yaml")

    def addressed(raw: dict[str, Any]) -> dict[str, Any]:
        if "url" not in raw:
            return raw
        repository, _, inside = raw["url"].partition(":")
        return raw | {"url": f"{main['repositories'][repository]}/{quote(inside)}"}

    def make(name: str, raw: dict[str, Any]) -> Entry:
        files = []
        for file in raw["files"]:
            found = {"role": Path(file["path"]).name.split(".")[0]} | addressed(file)
            if "made" in file:
                found["made"] = file["made"] | {"of": [addressed(part) for part in file["made"]["of"]]}
            files.append(File(**found))
        return Entry(**raw | {"name": name, "files": tuple(files)})

    raw_entries = [*main["entries"].items(), *_members(read("catalog_beeline.yaml")["families"])]
    return {name: make(name, raw) for name, raw in raw_entries}


def _members(families: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """One entry per member of each family; `{network}`, `{cell}` and `{size}` are filled in."""
    for family in families:
        texts = {key: value for key, value in family.items() if key != "members"}
        for member, files in family["members"].items():
            words = dict(zip(("network", "cell", "size"), member.split(), strict=True))
            filled = {key: value.format(**words, file="{file}") for key, value in texts.items()}
            filled["species"] = SPECIES_OF_CELLS[words["cell"][0]]
            if "genes_from" in filled:
                filled["genes_from"] = filled["genes_from"].lower()
            name, where, url = (filled.pop(key) for key in ("name", "path", "url"))
            siblings = family["name"].format(network=words["network"].lower(), cell="CELL", size="SIZE")
            listed = [
                {"path": where.format(file=file), "url": url.format(file=file)} | facts
                for file, facts in files.items()
            ]
            yield name.lower(), filled | {"family": siblings, "files": listed}
