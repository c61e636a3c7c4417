"""A network in parts, made by the tasks of an executor."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from grnpyg.core.errors import GrnpygError
from grnpyg.core.files import require_writable
from grnpyg.networks import View
from grnpyg.networks.shards import require_shares
from grnpyg.studies.executors import Executor, Task

MODULE = "grnpyg.studies.shard_task"
SHARES = 8  # tasks, where nothing is said


def make_shards_by(
    executor: Executor, view: View, folder: Path, shares: int | None = None, *, trust_plugins: bool = False
) -> list[Task]:
    """Make what a folder of shards lacks, see `grnpyg.networks.make_shards`, in the tasks of an executor.

    Parts that are there are kept. When a task fails, the others go on, and the same call makes what is left.

    Args:
        executor: where the tasks run.
        view: the candidate pairs.
        folder: of the shards; every machine has to see it, and the runs.
        shares: how many tasks; by default 8, or fewer where there are fewer TFs.
        trust_plugins: see `Run.load`.

    Returns:
        The tasks. With an executor that does not wait, they may not have begun.

    Raises:
        InputError: more shares than TFs, another network's folder, or an executor that trains trials alone.
        GrnpygError: a task ended before its work was done; says which and why.
    """
    tfs = view.candidates.shape[0]
    count = min(SHARES, tfs) if shares is None else shares
    require_shares(view, folder, count)
    require_writable(folder, "--shards")
    options = asdict(view.options)
    if options["tfs"] is not None and not isinstance(options["tfs"], str):
        options["tfs"] = sorted(options["tfs"])
    about: dict[str, Any] = {
        "runs": [str(run.path.absolute()) for run in view.runs],
        "view": options,
        "folder": str(folder.absolute()),
        "shares": count,
        "trust_plugins": trust_plugins,
    }
    work = [{**about, "share": number} for number in range(1, count + 1)]
    tasks = executor.run_tasks(MODULE, work, folder)
    if not executor.detach:
        _require_done(tasks)
    return tasks


def _require_done(tasks: list[Task]) -> None:
    failed = [task for task in tasks if not task.done]
    if failed:
        job, number = failed[0]
        said = f"task {number + 1}: {job.last_words(number)} (log: {job.log(number)})"
        raise GrnpygError(
            f"{len(failed)} of {len(tasks)} tasks ended before their parts were made; {said}. The same "
            "command makes what is left"
        )
