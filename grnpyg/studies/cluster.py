"""What of a cluster works here: what `grnpyg doctor --cluster` says."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

from grnpyg.core.errors import InputError
from grnpyg.core.locks import held, locked
from grnpyg.studies.jobs.slurm import COMMANDS, SlurmError, live_tasks

NETWORK = ("nfs", "lustre", "gpfs", "beegfs", "cifs", "smb", "ceph", "glusterfs", "fuse.", "panfs")
PROBE = ".probe"  # a folder in that of the runs, removed again


def cluster_facts(runs: Path) -> dict[str, str]:
    """What there is, a line for each; nothing is submitted, and nothing is left behind.

    Args:
        runs: folder of the runs, which may not be there yet.
    """
    return {
        "host": f"{socket.gethostname()}, {os.cpu_count()} processors",
        "slurm": _slurm(),
        "ray": _ray(),
        "launcher": _launcher(),
        "cuda devices": _devices(),
        "distributed": _backends(),
        "folder of the runs": f"{runs.absolute()} on {file_system(runs)}",
        "its locks": _locks(runs),
    }


def file_system(path: Path) -> str:
    """The kind of file system of a path, and whether it is one of networks; only Linux tells."""
    mounts = Path("/proc/mounts")
    if not mounts.is_file():
        return "an unknown file system"
    where, best, kind = path.absolute(), Path("/"), "unknown"
    for mounted, name in _mounts(mounts.read_text()):
        if where.is_relative_to(mounted) and len(mounted.parts) >= len(best.parts):
            best, kind = mounted, name
    seen = "a network file system" if kind.startswith(NETWORK) else "no network file system that grnpyg knows"
    return f"{kind}, {seen}"


def _mounts(text: str) -> Iterator[tuple[Path, str]]:
    """(where, kind) of each line of /proc/mounts, which writes a blank as `\\\\040`."""
    for line in text.splitlines():
        cells = line.split(" ")
        if len(cells) >= 3:
            yield Path(cells[1].replace("\\040", " ")), cells[2]


def _slurm() -> str:
    missing = [name for name in COMMANDS if shutil.which(name) is None]
    if missing:
        return f"no {', no '.join(missing)} here; on a login node they are there"
    try:
        live_tasks(["grnpyg"])
    except SlurmError as error:
        return f"installed, but {error.what}"
    return "works: " + ", ".join(COMMANDS)


def _ray() -> str:
    try:
        version = importlib.metadata.version("ray")
    except importlib.metadata.PackageNotFoundError:
        return "not installed: pip install 'grnpyg[ray]'"
    address = os.environ.get("RAY_ADDRESS")
    return f"{version}, " + (f"RAY_ADDRESS is {address}" if address else "no RAY_ADDRESS: a local cluster")


def _launcher() -> str:
    """Who has started this process: torchrun and srun give their ranks in variables."""
    for name, rank in (("torchrun", "TORCHELASTIC_RUN_ID"), ("srun", "SLURM_STEP_ID")):
        if rank in os.environ:
            return name
    return "none"


def _devices() -> str:
    import torch

    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    return ", ".join(torch.cuda.get_device_name(number) for number in range(count)) or "none"


def _backends() -> str:
    from torch import distributed

    if not distributed.is_available():
        return "this torch has none"
    kinds = {"gloo": distributed.is_gloo_available(), "nccl": distributed.is_nccl_available()}
    return ", ".join(name for name, there in kinds.items() if there) or "none"


def _locks(runs: Path) -> str:
    """Take a lock and see whether it is seen."""
    try:
        with locked(runs / PROBE):
            seen = held(runs / PROBE)
    except InputError as error:
        return f"do not work: {error.what}"
    return "work" if seen else "are not seen by others: two processes could train one trial twice"
