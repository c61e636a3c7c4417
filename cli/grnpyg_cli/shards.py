"""`grnpyg predict --shards`: a network in a folder of parts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from grnpyg_cli.executor_options import make_executor
from grnpyg_cli.output import print_json, say

if TYPE_CHECKING:
    from grnpyg.networks import View, Wanted


def share_of(shards: Path | None, task: str | None, output: Path | None) -> tuple[int, int] | None:
    """The task of `--task I/N`; None for all of them.

    Raises:
        InputError: it is not I/N, stands without a folder, or beside a file.
    """
    from grnpyg.core import InputError

    if task is None:
        return None
    if shards is None:
        raise InputError("a task makes parts of a folder", where="--task", fix="name it with --shards DIR")
    if output is not None:
        fix = "leave out -o; when all tasks have ended, merge without --task"
        raise InputError("a task makes parts and no file", where="--task", fix=fix)
    number, _, count = task.partition("/")
    if not (number.isdecimal() and count.isdecimal() and len(task) < 20):
        raise InputError(f"{task!r} is not I/N", where="--task", fix="give for example 1/8 up to 8/8")
    return int(number), int(count)


class Elsewhere(NamedTuple):
    """The options of `predict` that let an executor make the parts."""

    executor: str | None
    options: list[str] | None
    tasks: int | None
    detach: bool
    trust_plugins: bool


def require_executor(asked: Elsewhere, shards: Path | None, task: str | None, output: Path | None) -> None:
    """Refuse options of an executor where none is named, and what does not go with one.

    Raises:
        InputError: one of them was given.
    """
    from grnpyg.core import InputError

    if asked.executor is None:
        given = {
            "--executor-option": bool(asked.options),
            "--tasks": asked.tasks is not None,
            "--detach": asked.detach,
        }
        for option, there in given.items():
            if there:
                fix = "name one with --executor, or leave it out"
                raise InputError("is of an executor, and none is named", where=option, fix=fix)
        return
    if shards is None:
        fix = "name a folder that all machines see with --shards DIR"
        raise InputError("an executor makes parts of a folder", where="--executor", fix=fix)
    if task is not None:
        fix = "leave it out; --tasks N says how many there are"
        raise InputError("an executor makes all shares", where="--task", fix=fix)
    if asked.detach and output is not None:
        fix = "leave out -o; merge with -o when all tasks have ended"
        raise InputError("with --detach there is nothing to merge yet", where="-o", fix=fix)


def require_nothing_cut(wanted: Wanted, fdr: float | None) -> None:
    """Refuse options that cut the merged network where none is asked for.

    Raises:
        InputError: one of them was given.
    """
    from grnpyg.core import InputError

    counts = [
        ("--top", wanted.top),
        ("--per-tf", wanted.per_tf),
        ("--tf", wanted.tf),
        ("--gene", wanted.gene),
    ]
    shares = [("--min-probability", wanted.min_probability), ("--fdr", fdr)]
    for option, value in [*counts, *shares]:
        if value is not None and value != ():
            what = "the parts hold every pair; this cuts what is merged from them"
            raise InputError(what, where=option, fix="name the merged file with -o FILE, or leave it out")


def make_elsewhere(view: View, folder: Path, asked: Elsewhere, *, as_json: bool) -> None:
    """Let the tasks of an executor make the parts that are missing, and say where they are.

    Raises:
        InputError: an executor or a number of tasks that cannot be.
        GrnpygError: a task ended before its parts were made.
    """
    from grnpyg.studies import make_shards_by

    executor = make_executor(asked.executor, asked.options, detach=asked.detach)
    made = make_shards_by(executor, view, folder, asked.tasks, trust_plugins=asked.trust_plugins)
    jobs = sorted({str(task.job.facts.get("job") or task.job.name) for task in made})
    if asked.detach and as_json:
        print_json({"shards": str(folder), "tasks": len(made), "jobs": jobs})
        return
    if not made:
        say(f"no task has anything to do: all parts are in {folder}")
        return
    state = "are in the queue" if asked.detach else "are done"
    say(f"{len(made):,} tasks {state} (job {', '.join(jobs)}); logs in {made[0].job.path / 'log'}")


def make(
    view: View, folder: Path, task: tuple[int, int] | None, *, runs: list[Path], as_json: bool, progress: bool
) -> None:
    """Make parts and say what is there."""
    from grnpyg.networks import make_shards

    made = make_shards(view, folder, task=task, progress=progress, say=say)
    pairs = None if made.manifest is None else made.manifest.rows
    if as_json:
        counts = {"parts": made.parts, "made": made.made, "kept": made.kept, "missing": made.missing}
        facts = {"run": str(runs[0]), "runs": [str(path) for path in runs], "shards": str(folder)}
        print_json({**facts, **counts, "pairs": pairs})
        return
    kept = f", {made.kept:,} were there" if made.kept else ""
    say(f"{made.made:,} of {made.parts:,} parts made in {folder}{kept}")
    if pairs is None:
        say(f"{made.missing:,} parts are still to be made by other tasks")
    else:
        say(f"all {made.parts:,} parts are there: {pairs:,} pairs; merge them with -o FILE")
