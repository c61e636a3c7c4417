"""SLURM's commands: sbatch, squeue and scancel. Nothing here needs slurmdbd (sacct)."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from grnpyg.core.errors import InputError, clean

WAIT = 120  # seconds for an answer of a busy controller
COMMANDS = ("sbatch", "squeue", "scancel")  # that are used
AT_ONCE = 200  # names or ids on one command line
COLUMNS = "%j|%F|%K|%T|%N|%r"  # name, id of the array, index, state, nodes, reason
# What squeue also shows of a job that is over, if the user's settings ask for all states.
OVER = frozenset(
    {"BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL", "OUT_OF_MEMORY", "PREEMPTED"}
    | {"REVOKED", "TIMEOUT"}
)


class SlurmError(InputError):
    """A command of SLURM is missing or refused what it was asked."""


@dataclass(frozen=True)
class LiveTask:
    """A task that is in SLURM's queue.

    Attributes:
        job: name of the job.
        index: of the task in its array.
        id: as SLURM has it, `17_3`.
        state: `queued` or `running`.
        node: where it runs; empty while it is queued.
        reason: why it is queued, in SLURM's words.
        ending: it was cancelled, say, and its processes have not all ended yet.
    """

    job: str
    index: int
    id: str
    state: Literal["queued", "running"]
    node: str
    reason: str
    ending: bool = False


def submit(script: Path) -> str:
    """Hand a script to SLURM; the id of the job.

    Raises:
        SlurmError: there is no sbatch, or it refuses the script.
    """
    answer = _ask("sbatch", "--parsable", str(script)).strip().rpartition("\n")[2].partition(";")[0]
    if not answer.isdecimal():
        raise SlurmError(f"sbatch answered {clean(answer) or 'nothing'!r} in place of a job's number")
    return answer


def live_tasks(names: Sequence[str]) -> list[LiveTask]:
    """The tasks of the jobs with these names that wait or run.

    Raises:
        SlurmError: there is no squeue, or it has no answer.
    """
    found = []
    for some in _parts(names):
        listed = _ask("squeue", "--noheader", "--array", f"--name={','.join(some)}", f"--format={COLUMNS}")
        found += [task for line in listed.splitlines() if (task := _task(line, set(some))) is not None]
    return found


def _task(line: str, names: set[str]) -> LiveTask | None:
    cells = [cell.strip() for cell in line.split("|")]
    if len(cells) != 6 or cells[0] not in names or not cells[2].isdecimal() or cells[3] in OVER:
        return None
    job, array, index, state, node, reason = cells
    waits = state in ("PENDING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "SPECIAL_EXIT", "CONFIGURING")
    return LiveTask(
        job,
        int(index),
        f"{array}_{index}",
        "queued" if waits else "running",
        "" if waits else node,
        "" if reason == "None" else reason,
        state == "COMPLETING",
    )


def cancel(ids: Iterable[str]) -> None:
    """Take jobs or tasks out of the queue; of one that is over nothing is said.

    Raises:
        SlurmError: there is no scancel, or it refuses.
    """
    wanted = [id_ for id_ in ids if re.fullmatch(r"\d+(_\d+)?", id_)]
    for some in _parts(wanted):
        _ask("scancel", *some)


def seconds_left(id_: str) -> float | None:
    """How long a job may still run; None where nobody says.

    Args:
        id_: of the job or the task.
    """
    try:
        said = _ask("squeue", "--noheader", f"--jobs={id_}", "--format=%L").strip()
    except SlurmError:
        return None
    found = re.fullmatch(r"(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+)", said)
    if found is None:  # UNLIMITED
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60.0 + seconds


def _parts(words: Sequence[str]) -> list[Sequence[str]]:
    """So many words as one command line takes."""
    return [words[start : start + AT_ONCE] for start in range(0, len(words), AT_ONCE)]


def _ask(command: str, *arguments: str) -> str:
    """What a command prints."""
    try:
        done = subprocess.run(
            [command, *arguments],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=WAIT,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "LC_ALL": "C"},
        )
    except FileNotFoundError:
        raise SlurmError(
            f"there is no {command} here",
            where="--executor slurm",
            fix="run this where jobs are submitted, on a login node of the cluster",
        ) from None
    except subprocess.TimeoutExpired:
        raise SlurmError(f"{command} has not answered for {WAIT} s", where="--executor slurm") from None
    if done.returncode:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        words = " ".join(line.removeprefix(f"{command}: ").removeprefix("error: ") for line in lines)
        raise SlurmError(f"{command} refused: {clean(words) or done.returncode}", where="--executor slurm")
    return done.stdout
