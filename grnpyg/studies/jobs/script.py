"""The batch script of a job."""

from __future__ import annotations

import shlex
from pathlib import Path

from grnpyg.studies.jobs.folder import FIRST_WORDS
from grnpyg.studies.jobs.resources import GRACE, Resources

TEMPLATE = """\
#!/bin/bash
{options}
# Written by grnpyg when the job was submitted; it never runs this file a second time.
folder={folder}
here="node ${{SLURMD_NODENAME:-$HOSTNAME}}"
if ! cd "$folder/log"; then
  echo "grnpyg: $here does not see the folder $folder: --runs must lie where all nodes see it" >&2
  exit 1
fi
exec >>"$SLURM_ARRAY_TASK_ID.log" 2>&1
rm -f "{output}/{name}-${{SLURM_ARRAY_JOB_ID}}_$SLURM_ARRAY_TASK_ID.log"
echo "{first}${{SLURM_ARRAY_JOB_ID}}_$SLURM_ARRAY_TASK_ID on $here, $(date)"
work={work}
if ! cd "$work"; then
  echo "grnpyg: $here does not see the folder $work, where the job was submitted"
  exit 1
fi
{setup}
# exec: SLURM's signals go to Python itself
exec {python} -P -m {module} "$folder" "$SLURM_ARRAY_TASK_ID"
"""
OUTPUT = "/tmp"  # of the script itself, until it has found its folder: every node has it


def script_of(folder: Path, module: str, tasks: int, resources: Resources, work: Path) -> str:
    """The script of a job whose tasks each run `python -m module FOLDER INDEX`.

    SLURM tells a task to end two minutes before its time is over, and starts it again when it has taken the
    node away for another job.

    Args:
        folder: of the job, an absolute path.
        module: of Python.
        tasks: how many.
        resources: of each.
        work: the current folder of the tasks.
    """
    at_once = "" if resources.at_once is None else f"%{resources.at_once}"
    words = [
        f"--job-name={folder.name}",
        f"--array=0-{tasks - 1}{at_once}",
        f"--output={OUTPUT}/{folder.name}-%A_%a.log",
        "--open-mode=append",
        "--requeue",
        f"--signal=B:TERM@{GRACE}",
        "--ntasks=1",
        *resources.words,
    ]
    return TEMPLATE.format(
        options="\n".join(f"#SBATCH {shlex.quote(word)}" for word in words),
        folder=shlex.quote(str(folder)),
        name=folder.name,
        output=OUTPUT,
        work=shlex.quote(str(work)),
        setup=resources.setup or "",
        python=resources.interpreter,
        module=module,
        first=FIRST_WORDS,
    )
