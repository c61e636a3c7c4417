"""What a run directory says about itself: manifest.json as a typed object, read without loading torch."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from grnpyg.core.errors import InputError
from grnpyg.core.files import sha256_of, unlinked
from grnpyg.core.inputs import Input

NAME = "manifest.json"
LIMIT = 1 << 28  # bytes: names that matched nothing are listed
AGAIN = "train again with --overwrite"


class Facts(BaseModel):
    """A part of a manifest: unchangeable; keys that this version does not know are kept."""

    model_config = ConfigDict(extra="allow", frozen=True, populate_by_name=True)

    def to_dict(self) -> dict[str, Any]:
        """The values that were given, as JSON can hold them."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)


class Parameters(Facts):
    """Trainable parameters: in all, and as further keys of `encoder`, `head` and `structure`."""

    total: int = 0


class DataFacts(Facts):
    """How the graph came about.

    Attributes:
        identifiers: the mapping report, with the full lists of unmatched names.
        counts: nodes, edges, density, and what was left out.
        report: the report as sentences.
        warnings: what may be a mistake in the input.
    """

    identifiers: dict[str, Any] = {}
    counts: dict[str, int | float] = {}
    report: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class Reached(Facts):
    """The negatives of one candidate set.

    Attributes:
        part: the subset whose candidates they are.
        positives: how many.
        negatives: how many.
        ratio: negatives per positive; None without a positive.
        auroc: degree baseline -> its AUROC on these pairs; None where there is only one class.
    """

    part: str
    positives: int
    negatives: int
    ratio: float | None
    auroc: dict[str, float | None]


class SplitFacts(Facts):
    """The split; further keys give the number of positives of each subset.

    Attributes:
        moved_back: held-out edges that training got back, so that no node is without one.
        set_aside: known edges that belong to no subset.
        cold: node type -> number of nodes that training does not see.
        negatives_reached: setting -> subset -> what its negatives are.
        evaluation_sha256: setting -> subset -> digest of its pairs.
    """

    moved_back: int = 0
    set_aside: int = 0
    cold: dict[str, int] = {}
    negatives_reached: dict[str, dict[str, Reached]] = {}
    evaluation_sha256: dict[str, dict[str, str]] = {}


class MethodCost(Facts):
    """What a fitted method took and holds; None where nobody counted it.

    Attributes:
        seconds: of fitting.
        parameters: numbers that scoring reads.
        macs_per_pair: multiply-accumulates that score a pair.
    """

    seconds: float | None = None
    parameters: int | None = None
    macs_per_pair: int | None = None


@dataclass(frozen=True)
class Measured:
    """What is known of a run only when its methods have scored.

    Attributes:
        costs: method -> what it took.
        handed_out: the baseline that scores in place of the trained model, if one does.
    """

    costs: dict[str, MethodCost]
    handed_out: str | None = None


class Machine(Facts):
    """Where a run was made."""

    platform: str = ""
    processor: str = ""
    threads: int = 0
    device: str = "cpu"
    devices: int = 1


class PrunedFrom(Facts):
    """The run that a pruned one was cut from, and the SHA-256 of its weights."""

    config_hash: str
    weights_sha256: str


class Manifest(Facts):
    """The content of manifest.json. What an earlier version did not write has a default.

    Attributes:
        status: `interrupted` by the user, or `complete`.
        config_hash: name of the run's directory.
        seed: of the training.
        parameters: trainable parameters.
        best_epoch: the epoch with the best validation, from 1; 0 before the first.
        epochs: how many were trained.
        seconds: of the whole training.
        notes: remarks of whoever started it.
        leaks: what the split gives away, by name.
        inputs: role -> file.
        data: how the graph came about.
        split: sizes and negatives.
        encoder: the encoder as it was built, after every pruning step; None in runs before 0.2.0 and in
            those of a baseline.
        head: the head as it was built.
        handed_out: the baseline that scores in place of the trained model, see `ExperimentConfig.fallback`.
        pruned_from: of a pruned run.
        versions: package -> version.
        machine: where the run was made.
        costs: method -> what it took.
        files: file -> SHA-256.
        sha256: of the manifest without this key.
    """

    status: Literal["complete", "interrupted"]
    config_hash: str = ""
    seed: int = 0
    parameters: Parameters = Parameters()
    best_epoch: int = 0
    epochs: int = 0
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    leaks: tuple[str, ...] = ()
    inputs: dict[str, Input] = {}
    data: DataFacts = DataFacts()
    split: SplitFacts = SplitFacts()
    encoder: dict[str, Any] | None = None
    head: dict[str, Any] | None = None
    handed_out: str | None = None
    pruned_from: PrunedFrom | None = None
    versions: dict[str, str] = {}
    machine: Machine = Machine()
    costs: dict[str, MethodCost] = Field({}, alias="rows")
    files: dict[str, str] = {}
    sha256: str = ""

    @classmethod
    def load(cls, run: Path) -> Self:
        """Read the manifest of a run directory.

        Raises:
            InputError: it is missing, not readable, or was changed after it was written.
        """
        content = _read(run)
        if _digest(content) != content.get("sha256"):
            raise InputError(f"{NAME} was changed after the run was written", where=run, fix=AGAIN)
        return cls._checked(content, run)

    @classmethod
    def glance(cls, run: Path) -> Self | None:
        """Read the manifest without checking its SHA-256; None where it is missing or not readable."""
        try:
            return cls._checked(_read(run), run)
        except InputError:
            return None

    @classmethod
    def _checked(cls, content: dict[str, Any], run: Path) -> Self:
        try:
            return cls.model_validate(content)
        except ValidationError:
            raise InputError(f"{NAME} is not readable", where=run, fix=AGAIN) from None

    def write(self, run: Path) -> None:
        """Write manifest.json, with its SHA-256, into a folder."""
        content = self.to_dict()
        content["sha256"] = _digest(content)
        (run / NAME).write_text(f"{json.dumps(content, indent=2)}\n")


def _read(run: Path) -> dict[str, Any]:
    try:
        file = unlinked(run, NAME)
        content = json.loads(file.read_text()) if file.stat().st_size <= LIMIT else None
    except FileNotFoundError:
        if within := sorted(path.parent for path in run.glob(f"runs/*/{NAME}")):
            what, fix = "is a folder of a network, not a run", f"name its runs, such as {within[0]}"
            raise InputError(what, where=run, fix=fix) from None
        if not any(run.glob("*.safetensors")):
            fix = "`grnpyg train` prints where its run is"
            raise InputError(f"is no run: {NAME} is missing", where=run, fix=fix) from None
        raise InputError(f"incomplete run: {NAME} is missing", where=run, fix=AGAIN) from None
    except (OSError, ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise InputError(f"{NAME} is not readable", where=run, fix=AGAIN)
    return content


def _digest(content: dict[str, Any]) -> str:
    """SHA-256 of a manifest's content without the digest itself."""
    content = {key: value for key, value in content.items() if key != "sha256"}
    return sha256_of(json.dumps(content, sort_keys=True))
