"""What a task that makes shards runs: `python -m grnpyg.studies.shard_task FOLDER INDEX`."""

from __future__ import annotations

import sys
from pathlib import Path

from grnpyg.networks import View, ViewOptions, make_shards
from grnpyg.runs import Run
from grnpyg.studies.jobs import JobFolder, exit_code
from grnpyg.studies.memory import peak_memory_mb


def make(folder: Path, index: int) -> int:
    """Make the share of a network that a line of a job names, and say that it is done.

    Raises:
        InputError: see `make_shards`.
    """
    job = JobFolder(folder)
    (line,) = job.of_task(index)
    runs = [Run.load(path, trust_plugins=line["trust_plugins"]) for path in line["runs"]]
    view = View(runs, ViewOptions(**line["view"]))
    made = make_shards(view, Path(line["folder"]), task=(line["share"], line["shares"]), say=print)
    print(f"{made.made} parts made, {made.kept} were there")
    counts = {"made": made.made, "kept": made.kept}
    job.add_event(index, {"kind": "done", **counts, "peak_memory_mb": peak_memory_mb()})
    return 0


if __name__ == "__main__":
    sys.exit(exit_code(make))
