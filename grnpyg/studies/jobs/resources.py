"""What a task needs of the cluster, checked before it reaches a script."""

from __future__ import annotations

import re
import shlex
import sys
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator

UNITS = {"s": 1 / 60, "m": 1, "min": 1, "h": 60, "d": 24 * 60}  # in minutes
GRACE = 120  # seconds before the end of its time at which a task is told to end


def _value(given: Any) -> Any:
    """One word for a line of a script."""
    if isinstance(given, int) and not isinstance(given, bool):
        given = str(given)
    if isinstance(given, str) and not re.fullmatch(r"[\w.,:@%+=/*&|!()\[\]-]+", given):
        raise ValueError(f"{given!r} is not one word")
    return given


def _time(given: Any) -> Any:
    """A time as people write it, or as SLURM does, in SLURM's own form."""
    if given is None:
        return None
    if isinstance(given, int):  # YAML makes 7200 of 2:00:00
        raise ValueError("write it with its unit, as in 2h, or in quotes, as in '2:00:00'")
    text = str(given).strip()
    if re.fullmatch(r"(\d+-)?\d+(:\d+){1,2}|\d+-\d+", text):
        return text
    if not re.fullmatch(r"(\d+ *(s|m|min|h|d) *)+", text):
        raise ValueError(f"{text!r} is no time such as 30m, 2h, 1d12h or 2:00:00")
    minutes = sum(int(n) * UNITS[unit] for n, unit in re.findall(r"(\d+) *(min|s|m|h|d)", text))
    return str(max(1, -int(-minutes // 1)))


def _words(given: Any) -> Any:
    """Words of a shell on one line."""
    if isinstance(given, str):
        if not given.isprintable():
            raise ValueError("is not one line")
        try:
            shlex.split(given)
        except ValueError as error:
            raise ValueError(f"{given!r} has no end ({error})") from None
    return given


Words = Annotated[str, BeforeValidator(_words)]
Value = Annotated[str, BeforeValidator(_value)]
SlurmTime = Annotated[str, BeforeValidator(_time)]


@dataclass(frozen=True)
class Resources:
    """What each task of a job gets.

    Attributes:
        at_once: how many tasks run at a time; None: as many as the cluster has room for.
        cpus: processors.
        partition: of the cluster.
        time: the longest time of a task, in SLURM's form; None: that of the partition.
        mem: memory, such as `4G`.
        account: that is billed.
        qos: quality of service.
        gpus: how many, or their kind and how many: `1`, `a100:1`.
        constraint: features that a node must have.
        extra: further options of sbatch.
        setup: lines of shell that are run first, `module load ...`.
        python: the command that runs Python there; None: this one.
    """

    at_once: int | None = None
    cpus: int = 1
    partition: str | None = None
    time: str | None = None
    mem: str | None = None
    account: str | None = None
    qos: str | None = None
    gpus: str | None = None
    constraint: str | None = None
    extra: str | None = None
    setup: str | None = None
    python: str | None = None

    @property
    def words(self) -> list[str]:
        """The options of sbatch."""
        named = {
            "--partition": self.partition,
            "--time": self.time,
            "--mem": self.mem,
            "--account": self.account,
            "--qos": self.qos,
            "--gres": None if self.gpus is None else f"gpu:{self.gpus}",
            "--constraint": self.constraint,
        }
        words = [f"{name}={value}" for name, value in named.items() if value is not None]
        return [f"--cpus-per-task={self.cpus}", *words, *shlex.split(self.extra or "")]

    @property
    def interpreter(self) -> str:
        """The command that runs Python, for a shell."""
        return shlex.quote(sys.executable) if self.python is None else shlex.join(shlex.split(self.python))
