"""Whether a launcher (torchrun or srun) started this process as one of several: asked here alone."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from grnpyg.core.errors import GrnpygError, InputError


@dataclass(frozen=True)
class Launch:
    """The place of this process among those that a launcher started together.

    Attributes:
        launcher: who started them.
        rank: number of this process, from 0.
        size: how many processes there are.
        nodes: on how many machines.
        devices: how many there are on this machine; 0 where machines have different numbers of them.
    """

    launcher: Literal["torchrun", "srun"]
    rank: int
    size: int
    nodes: int
    devices: int


class EndedElsewhereError(GrnpygError):
    """Another process of the launcher ended with an error, and says so itself.

    Args:
        code: the exit code of all.
    """

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__("another process of the launcher ended with an error")


def launched(variables: Mapping[str, str] = os.environ) -> Launch | None:
    """What the environment variables say; None for a process of its own, as a task of `srun --ntasks=1` is.

    A script that sbatch started is no task of a step, and so a process of its own.
    """
    if "TORCHELASTIC_RUN_ID" in variables:
        rank, *numbers = (
            int(variables[name]) for name in ("RANK", "WORLD_SIZE", "GROUP_WORLD_SIZE", "LOCAL_WORLD_SIZE")
        )
        return Launch("torchrun", rank, *numbers)
    size = int(variables.get("SLURM_STEP_NUM_TASKS", 1))
    if size == 1 or "SLURM_PROCID" not in variables:
        return None
    nodes = int(variables["SLURM_STEP_NUM_NODES"])
    # 2 on one machine, 2(x3) on three machines, 3,1 where they differ
    even = re.fullmatch(r"\d+(\(x\d+\))?", variables.get("SLURM_STEP_TASKS_PER_NODE", "1"))
    return Launch("srun", int(variables["SLURM_PROCID"]), size, nodes, size // nodes if even else 0)


def agreed_devices(launch: Launch | None, devices: int | None, nodes: int | None) -> int:
    """How many devices share a batch on this machine: the launcher decides where there is one.

    Args:
        launch: from `launched`.
        devices: asked for, for each machine; None: not said.
        nodes: machines asked for; None: not said.

    Raises:
        InputError: what is asked for is not what the launcher started, or needs a launcher, or the launcher
            started different numbers of processes on the machines.
    """
    if launch is None:
        if nodes not in (None, 1):
            raise InputError(
                f"--nodes {nodes} needs a launcher that starts a process on every machine",
                where="--nodes",
                fix="start the command with torchrun or srun",
            )
        return devices or 1
    if launch.nodes * launch.devices != launch.size:
        option = "--nproc-per-node" if launch.launcher == "torchrun" else "--ntasks-per-node"
        raise InputError(
            f"{launch.size} processes are not spread evenly over {launch.nodes} machines",
            where=launch.launcher,
            fix=f"give every machine the same {option}",
        )
    for option, asked, started in (("--devices", devices, launch.devices), ("--nodes", nodes, launch.nodes)):
        if asked not in (None, started):
            unit = "processes on each machine" if option == "--devices" else "machines"
            raise InputError(
                f"{asked} asked for, but {launch.launcher}, which decides, started {started} {unit}",
                where=option,
                fix=f"leave {option} out, or change the options of {launch.launcher}",
            )
    return launch.devices
