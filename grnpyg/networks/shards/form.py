"""What a folder of shards says of itself: manifest.json, and a note beside each part.

manifest.json        written last: the view, and every part with its rows and SHA-256
names.parquet        `kind` (`TF` or `gene`), `id` and `name` of every node
part-00000.parquet   the pairs of a range of TFs
part-00000.json      the note of that part, written when the part is whole
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from grnpyg.core.errors import InputError
from grnpyg.core.files import sha256_of, unlinked
from grnpyg.core.precision import Precision

MANIFEST, NAMES = "manifest.json", "names.parquet"
LIMIT = 1 << 26  # bytes of a manifest
PARTS = 100_000  # at most
PART_PAIRS = 1 << 24  # pairs of a part, unless more tasks than such parts are asked for
Content = TypeVar("Content", bound=BaseModel)
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0, le=2**31 - 1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class RunFacts(_Strict):
    """A run that scored: the SHA-256 that its manifest has of itself, and its config's hash."""

    sha256: str
    config_hash: str


class ShardView(_Strict):
    """What all parts of a folder have in common.

    Attributes:
        format: version of the layout.
        grnpyg: version that made the parts.
        runs: which runs scored.
        new: known edges are left out.
        calibrate, prior, new_edges: what the probabilities mean, see `predict`.
        universe: whose pairs.
        precision: of the scores.
        names: SHA-256 of the names of TFs and genes.
        tfs: how many.
        genes: how many.
        parts: into how many parts the TFs are divided.
    """

    format: Literal[1]
    grnpyg: str
    runs: tuple[RunFacts, ...] = Field(strict=False)
    new: bool
    calibrate: str | None
    prior: float | None
    new_edges: float | None
    universe: str
    precision: Precision = "fp32"
    names: Digest
    tfs: Count
    genes: Count
    parts: Annotated[int, Field(ge=1, le=PARTS)]

    def range_of(self, number: int) -> tuple[int, int]:
        """The TFs of a part."""
        return number * self.tfs // self.parts, (number + 1) * self.tfs // self.parts


class Part(_Strict):
    """A part: its file, the ids of its TFs (`tf_stop` is not among them), its pairs and what its file is."""

    file: Annotated[str, Field(pattern=r"^part-[0-9]{5}\.parquet$")]
    tf_start: Count
    tf_stop: Count
    rows: Annotated[int, Field(ge=0)]
    bytes: Annotated[int, Field(ge=0)]
    sha256: Digest


class Note(_Strict):
    """What stands beside a part."""

    view: ShardView
    part: Part


class ShardManifest(_Strict):
    """The content of manifest.json; `sha256` is that of the manifest without this key."""

    view: ShardView
    rows: Annotated[int, Field(ge=0)]
    parts: tuple[Part, ...] = Field(strict=False)
    sha256: Digest

    @model_validator(mode="after")
    def _agrees(self) -> ShardManifest:
        view = self.view
        places = [(part.file, part.tf_start, part.tf_stop) for part in self.parts]
        if places != [(file_of(number), *view.range_of(number)) for number in range(view.parts)]:
            raise ValueError("its parts are not those of its TFs")
        if any(part.rows > (part.tf_stop - part.tf_start) * view.genes for part in self.parts):
            raise ValueError("a part has more pairs than there are")
        if self.rows != sum(part.rows for part in self.parts):
            raise ValueError("its counts of pairs disagree")
        if self.sha256 != digest(self.model_dump(mode="json")):
            raise ValueError("it was changed after it was written")
        return self


def file_of(number: int) -> str:
    """The name of a part."""
    return f"part-{number:05}.parquet"


def digest(content: dict[str, Any]) -> str:
    """SHA-256 of a manifest's content without its key `sha256`."""
    rest = {key: value for key, value in content.items() if key != "sha256"}
    return sha256_of(json.dumps(rest, sort_keys=True))


def manifest_of(view: ShardView, parts: list[Part]) -> ShardManifest:
    """The manifest of all parts."""
    content = {
        "view": view.model_dump(mode="json"),
        "rows": sum(part.rows for part in parts),
        "parts": [part.model_dump(mode="json") for part in parts],
    }
    return ShardManifest.model_validate({**content, "sha256": digest(content)})


def as_text(content: BaseModel) -> str:
    """JSON for a file."""
    return content.model_dump_json(indent=2) + "\n"


def read_manifest(folder: Path) -> ShardManifest:
    """The manifest of a folder.

    Raises:
        InputError: there is none, or it is no manifest of shards.
    """
    path = unlinked(folder, MANIFEST)
    if not path.is_file():
        what = f"has no {MANIFEST}, so that some of its parts may be missing"
        fix = "make what is missing with `grnpyg predict RUN --shards DIR`"
        raise InputError(what, where=folder, fix=fix)
    return _read(path, ShardManifest)


def read_note(folder: Path, number: int) -> Note | None:
    """What stands beside a part; None where nothing readable does."""
    path = unlinked(folder, file_of(number)).with_suffix(".json")
    try:
        return _read(path, Note) if path.is_file() and not path.is_symlink() else None
    except InputError:
        return None


def _read(path: Path, kind: type[Content]) -> Content:
    try:
        if path.stat().st_size > LIMIT:
            raise ValueError(f"larger than {LIMIT:,} bytes")
        return kind.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        said = first["msg"].removeprefix("Value error, ")
        reason = " ".join([".".join(map(str, first["loc"])), said]).strip()[:200]
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
    fix = "name another folder, or remove this file and make the parts again"
    raise InputError(f"is no manifest of shards ({reason})", where=path, fix=fix)
