"""Make the parts of a network, all of them or those of one task, and take their scores again.

Tasks need nothing but the folder. Each writes its parts and beside each a note, whole or not at all; whoever
finds the notes of all parts writes the manifest. Its text follows from the notes, so two tasks that end at
once write the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.progress import track

from grnpyg.core.errors import InputError
from grnpyg.core.files import replacing, require_writable, sha256, unlinked, write_text
from grnpyg.core.version import __version__
from grnpyg.networks.shards.form import (
    MANIFEST,
    PART_PAIRS,
    PARTS,
    Note,
    Part,
    RunFacts,
    ShardManifest,
    ShardView,
    as_text,
    file_of,
    manifest_of,
    read_manifest,
    read_note,
)
from grnpyg.networks.shards.names import names_digest, read_names, write_names
from grnpyg.networks.shards.part import PartScores, is_whole, write_part
from grnpyg.networks.view import View

ELSEWHERE = "name another folder, or remove this one"
SHARES = 8  # tasks, where nothing is said
Say = Callable[[str], None]


class Made(NamedTuple):
    """What a call found and did.

    Attributes:
        parts: into how many parts the network is divided.
        made: parts that were made.
        kept: parts of the task that were there.
        missing: parts that other tasks still have to make.
        manifest: written when no part is missing.
    """

    parts: int
    made: int
    kept: int
    missing: int
    manifest: ShardManifest | None


class Shares(NamedTuple):
    """What tasks have to make of a network.

    Attributes:
        total: how many shares there are.
        left: numbers of those that lack a part, from 1.
    """

    total: int
    left: list[int]


def make_shards(
    view: View,
    folder: Path,
    *,
    task: tuple[int, int] | None = None,
    progress: bool = False,
    say: Say | None = None,
) -> Made:
    """Make what a folder of shards lacks: the parts of one task, or all of them.

    A part that is there as it was written is kept, a damaged one is made again. The scores are to the bit
    those of `predict` without shards.

    Args:
        view: the candidate pairs.
        folder: made if it is missing.
        task: (i, n), the i-th of n tasks, from 1; None: all parts.
        progress: show bars on stderr.
        say: takes a line about a damaged part; None: it is not said.

    Raises:
        InputError: more tasks than TFs, or than parts of a folder that was begun; a folder that holds
            something else, or that cannot be written.
    """
    shards = _view_of(view, folder, task)
    require_writable(folder, "--shards")
    folder.mkdir(parents=True, exist_ok=True)
    numbers = _parts_of(shards, task or (1, 1))
    wanted = [number for number in numbers if not _is_made(folder, shards, number, say)]
    with _writing(folder):
        _keep_names(view, folder, shards)
        if wanted:
            _make(view, folder, shards, wanted, progress)
        found = [_noted(folder, shards, number) for number in range(shards.parts)]
        parts = [part for part in found if part is not None]
        manifest = None
        if len(parts) == shards.parts:
            manifest = manifest_of(shards, parts)
            path = unlinked(folder, MANIFEST)
            if not path.is_file() or path.read_text() != as_text(manifest):
                write_text(path, as_text(manifest))
    made = len(wanted)
    return Made(shards.parts, made, len(numbers) - made, shards.parts - len(parts), manifest)


def shard_scores(
    view: View, folder: Path, *, progress: bool = False, say: Say | None = None
) -> Sequence[PartScores]:
    """The scores of each run of a view from a folder of shards; parts that it lacks are made first.

    Raises:
        InputError: see `make_shards`.
    """
    made = make_shards(view, folder, progress=progress, say=say)
    manifest = read_manifest(folder) if made.manifest is None else made.manifest
    return [PartScores(folder, manifest, number, view.candidates) for number in range(len(view.runs))]


def shares_left(view: View, folder: Path, count: int | None = None) -> Shares:
    """Which shares of a network tasks still have to make, before any of them is started.

    Args:
        view: the candidate pairs.
        folder: of the shards; it may be missing.
        count: into how many shares; None: 8, or fewer where there are fewer TFs, or fewer parts in a folder
            that was begun.

    Raises:
        InputError: see `make_shards`.
    """
    if count is None:
        begun = _begun(folder)
        count = min(SHARES, view.candidates.shape[0] if begun is None else begun.parts)
    shards = _view_of(view, folder, (1, count), "--tasks")
    lacking = {part for part in range(shards.parts) if not _is_made(folder, shards, part, None)}
    shares = range(1, count + 1)
    return Shares(count, [n for n in shares if lacking.intersection(_parts_of(shards, (n, count)))])


def _parts_of(shards: ShardView, task: tuple[int, int]) -> range:
    """The parts that a task makes."""
    number, count = task
    return range((number - 1) * shards.parts // count, number * shards.parts // count)


def _view_of(view: View, folder: Path, task: tuple[int, int] | None, option: str = "--task") -> ShardView:
    """What the parts have in common, checked against what is in the folder.

    Raises:
        InputError: see `make_shards`.
    """
    (tfs, genes), asked = view.candidates.shape, view.options
    if task is not None and not 1 <= task[0] <= task[1]:
        fix = f"give a number from 1 to {max(1, task[1])}"
        raise InputError(f"there is no task {task[0]} of {task[1]}", where=option, fix=fix)
    if task is not None and task[1] > min(tfs, PARTS):
        what = f"{task[1]:,} shards are more than the {tfs:,} TFs, and a shard has at least one"
        raise InputError(what, where=option, fix=f"use at most {min(tfs, PARTS):,} tasks")
    usual = min(tfs, PARTS, max(1, -(-tfs * genes // PART_PAIRS)))
    shards = ShardView(
        format=1,
        grnpyg=__version__,
        runs=tuple(RunFacts(sha256=r.manifest.sha256, config_hash=r.manifest.config_hash) for r in view.runs),
        new=asked.new,
        calibrate=asked.calibrate,
        prior=None if asked.prior is None else float(asked.prior),
        new_edges=None if asked.new_edges is None else float(asked.new_edges),
        universe=asked.universe,
        precision=view.precision,
        names=names_digest(view.candidates.names),
        tfs=tfs,
        genes=genes,
        parts=usual if task is None else max(usual, task[1]),
    )
    there = _begun(folder)
    if there is None:
        return shards
    shards = shards.model_copy(update={"parts": there.parts})
    one, two = shards.model_dump(mode="json"), there.model_dump(mode="json")
    if other := [key for key in one if one[key] != two[key]]:
        said = ", ".join(f"{key} {two[key]}, not {one[key]}" for key in other if key not in ("runs", "names"))
        runs = ["other runs"] if "runs" in other else []
        names = ["other TFs or genes"] if "names" in other else []
        what = f"holds parts of another network: {', '.join([*runs, *names, *([said] if said else [])])}"
        raise InputError(what, where=folder, fix=ELSEWHERE)
    if task is not None and task[1] > there.parts:
        what = f"{folder} was begun with {there.parts:,} parts, which {task[1]:,} tasks cannot share out"
        fix = f"use at most {there.parts:,} tasks, or {ELSEWHERE}"
        raise InputError(what, where=option, fix=fix)
    return shards


def _begun(folder: Path) -> ShardView | None:
    """What the parts that are there have in common; None where there is none."""
    if not folder.is_dir():
        return None
    if unlinked(folder, MANIFEST).exists():
        return read_manifest(folder).view
    numbers = (int(path.stem[5:]) for path in folder.glob("part-[0-9][0-9][0-9][0-9][0-9].json"))
    notes = (read_note(folder, number) for number in sorted(numbers))
    return next((note.view for note in notes if note is not None), None)


def _is_made(folder: Path, shards: ShardView, number: int, say: Say | None) -> bool:
    """Whether a part is there as it was written; a damaged one is said."""
    part, path = _noted(folder, shards, number), unlinked(folder, file_of(number))
    if part is not None and is_whole(folder, part):
        return True
    if path.exists() and say is not None:
        say(f"{path} is damaged or was not finished, and is made again")
    return False


def _noted(folder: Path, shards: ShardView, number: int) -> Part | None:
    """What the note beside a part says, or else the manifest; None where its file is not there in full."""
    note, path = read_note(folder, number), unlinked(folder, file_of(number))
    if note is None and unlinked(folder, MANIFEST).exists():
        part = read_manifest(folder).parts[number]
    elif note is not None and note.view == shards and note.part.file == path.name:
        part = note.part
    else:
        return None
    return part if path.is_file() and path.stat().st_size == part.bytes else None


def _keep_names(view: View, folder: Path, shards: ShardView) -> None:
    """Write the names unless they are there."""
    with suppress(InputError):
        read_names(folder, shards)
        return
    write_names(folder, view.candidates.names)


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """A block that writes into the folder; a full disk becomes one line."""
    try:
        yield
    except OSError as error:
        raise InputError(f"cannot be written ({error.strerror or error})", where=folder) from None


def _make(view: View, folder: Path, shards: ShardView, numbers: Sequence[int], progress: bool) -> None:
    probabilities = view.probabilities()
    runs = [view.computed(number) for number in range(len(view.runs))]
    bar = track(numbers, "making parts", console=Console(stderr=True), disable=not progress)
    for number in bar:
        path, tfs = folder / file_of(number), shards.range_of(number)
        with replacing(path) as file:
            rows = write_part(file, tfs, runs, probabilities, view.candidates)
            part = Part(
                file=path.name,
                tf_start=tfs[0],
                tf_stop=tfs[1],
                rows=rows,
                bytes=file.stat().st_size,
                sha256=sha256(file),
            )
        write_text(path.with_suffix(".json"), as_text(Note(view=shards, part=part)))
