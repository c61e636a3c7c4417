"""A network in parts, made by the tasks of an executor."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from grnpyg.core.errors import GrnpygError, InputError
from grnpyg.core.files import require_writable
from grnpyg.networks import View
from grnpyg.networks.shards import shares_left
from grnpyg.studies.executors import Executor, Task

MODULE = "grnpyg.studies.shard_task"


def make_shards_by(
    executor: Executor, view: View, folder: Path, shares: int | None = None, *, trust_plugins: bool = False
) -> list[Task]:
    """Make what a folder of shards lacks, see `grnpyg.networks.make_shards`, in the tasks of an executor.

    Parts that are there are kept, and a share that waits or runs in the queue of a cluster is not submitted
    again. When a task fails, the others go on, and the same call makes what is left.

    Args:
        executor: where the tasks run.
        view: the candidate pairs.
        folder: of the shards; every machine has to see it, and the runs.
        shares: into how many the network is divided; by default as in the queue, or else 8, or fewer where
            there are fewer TFs, or fewer parts in a folder that was begun.
        trust_plugins: see `Run.load`.

    Returns:
        The tasks of the shares that were not made; none where all parts are there. With an executor that does
        not wait, they may not have begun.

    Raises:
        InputError: more shares than TFs or parts, another network's folder, tasks in the queue that make
            other shares of it, or an executor that trains trials alone.
        GrnpygError: a task ended before its work was done; says which and why.
    """
    options = asdict(view.options)
    if options["tfs"] is not None and not isinstance(options["tfs"], str):
        options["tfs"] = sorted(options["tfs"])
    about: dict[str, Any] = {
        "runs": [str(run.path.absolute()) for run in view.runs],
        "view": options,
        "folder": str(folder.absolute()),
        "trust_plugins": trust_plugins,
    }
    count, left = shares_left(view, folder, _agreed(shares, executor.queued(folder), about))
    require_writable(folder, "--shards")
    work = [{**about, "shares": count, "share": number} for number in left]
    tasks = executor.run_tasks(MODULE, work, folder) if work else []
    if not executor.detach:
        _require_done(tasks)
    return tasks


def _agreed(shares: int | None, queued: list[Task], about: dict[str, Any]) -> int | None:
    """Into how many shares the network is divided: what is asked, or else what the queue has."""
    for task in queued:
        line = task.line
        number = task.job.facts.get("job")
        other = f"wait for job {number}, or cancel it with `scancel {number}`"
        if any(line.get(key) != value for key, value in about.items()):
            what = "tasks with other runs or options are in its queue"
            raise InputError(what, where=about["folder"], fix=other)
        if shares not in (None, line["shares"]):
            what = f"the tasks in the queue share the network out among {line['shares']}, not {shares}"
            raise InputError(what, where="--tasks", fix=f"leave it out, {other}")
        shares = line["shares"]
    return shares


def _require_done(tasks: list[Task]) -> None:
    failed = [task for task in tasks if not task.done]
    if failed:
        job, number = failed[0]
        said = f"task {number + 1}: {job.last_words(number)} (log: {job.log(number)})"
        raise GrnpygError(
            f"{len(failed)} of {len(tasks)} tasks ended before their parts were made; {said}. The same "
            "command makes what is left"
        )
