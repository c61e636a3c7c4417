"""The processes that a launcher started for one training: they meet, agree, and end together.

Rank 0 alone reads and writes the folder of the runs, prints, and decides; the others only share its batches.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from lightning_fabric.plugins.environments.cluster_environment import ClusterEnvironment
from lightning_fabric.plugins.environments.slurm import SLURMEnvironment
from lightning_fabric.plugins.environments.torchelastic import TorchElasticEnvironment
from torch.distributed.distributed_c10d import PrefixStore, Store
from torch.distributed.rendezvous import rendezvous

from grnpyg.core.config import ExperimentConfig
from grnpyg.core.errors import GrnpygError, InputError
from grnpyg.core.launch import EndedElsewhereError, Launch

T = TypeVar("T")

POLL = 0.1  # seconds between two looks at whether the others have ended
FIRST_SPEAKS = 3.0  # seconds that rank 0 has to say an error that all processes run into
GOODBYE = 10.0  # seconds that rank 0, which may hold the others' meeting place, waits for them at the end


@dataclass(frozen=True)
class Ranks:
    """This process among those that share a training; from `joined`.

    Attributes:
        launch: who started them, and the number of this one.
        environment: the same in Lightning's words.
        store: where they leave messages for each other.
    """

    launch: Launch
    environment: ClusterEnvironment
    store: Store

    @property
    def first(self) -> bool:
        """Whether this is the process that writes and prints."""
        return self.launch.rank == 0

    def of_first(self, value: T) -> T:
        """The value of rank 0, in all processes; each of them has to call this."""
        values: list[Any] = [value]
        dist.broadcast_object_list(values, src=0)
        result: T = values[0]
        return result

    def require_same(self, task: str) -> None:
        """Refuse processes that were not all given the same task.

        Raises:
            InputError: they were not; in all of them.
        """
        tasks: list[Any] = [None] * self.launch.size
        dist.all_gather_object(tasks, task)
        others = [str(rank) for rank, other in enumerate(tasks) if other != tasks[0]]
        if others:
            raise InputError(
                f"process {', '.join(others[:5])} was given another training than process 0",
                where=self.launch.launcher,
                fix="give all the same options, or start every training as a job of its own",
            )

    def ended(self, error: BaseException) -> bool:
        """Note that this process ends with an error; True if no other did before, so that it may say so."""
        until = time.monotonic() + FIRST_SPEAKS
        try:
            while not self.first and not self.store.check(["end"]) and time.monotonic() < until:
                time.sleep(POLL)
            if self.store.add("failed", 1) > 1:
                return False
            self.store.set("end", str(_code(error)))
        except RuntimeError:  # rank 0, which held the store, is gone
            return self.first
        return True

    def wait(self) -> int:
        """The exit code of all, once rank 0 has ended, or whoever failed first."""
        try:
            while not self.store.check(["end"]):
                time.sleep(POLL)
            code = int(self.store.get("end"))
            self.store.add("left", 1)
        except RuntimeError:
            return 1
        return code

    def part(self) -> None:
        """Give the others time to read the exit code, because this process may hold the store."""
        until = time.monotonic() + GOODBYE
        with suppress(RuntimeError):
            while self.store.add("left", 0) < self.launch.size - 1 and time.monotonic() < until:
                time.sleep(POLL)


@contextmanager
def joined(launch: Launch | None) -> Iterator[Ranks | None]:
    """Meet the other processes of the launcher; inside the block an error of one is the end of all.

    Args:
        launch: from `launched`; None, or a single process, meets nobody and gives None.

    Raises:
        EndedElsewhereError: another process failed first, and says why.
        GrnpygError: the processes do not find each other.
    """
    if launch is None or launch.size == 1:
        yield None
        return
    ranks = _meet(launch)
    try:
        yield ranks
    except BaseException as error:
        if not ranks.ended(error):
            raise EndedElsewhereError(ranks.wait()) from None
        if isinstance(error, RuntimeError) and _lost(error):
            raise GrnpygError(
                f"the connection to another process of {launch.launcher} was lost: it was killed, or its "
                "machine failed"
            ) from error
        raise
    if not ranks.first:
        code = ranks.wait()
        if code:
            raise EndedElsewhereError(code)
    else:
        ranks.store.set("end", "0")
        ranks.part()
    dist.destroy_process_group()


def require_shareable(config: ExperimentConfig, ranks: Ranks) -> None:
    """Refuse what several processes cannot do together.

    Raises:
        InputError: the batches cannot be shared evenly, or there are pruning steps.
    """
    size, launcher = ranks.launch.size, ranks.launch.launcher
    if config.prune:
        raise InputError(
            "pruning steps run in one process", where="prune", fix="train first, then `grnpyg prune RUN`"
        )
    if config.training.teacher is not None:
        raise InputError(
            "a pupil of a teacher is trained by one process",
            where=launcher,
            fix="start one process, or leave training.teacher out",
        )
    if shared(config) and config.training.batch_size % size:
        raise InputError(
            f"batch_size {config.training.batch_size} cannot be shared evenly by {size} processes",
            where=launcher,
            fix="choose a batch size that is a multiple of the number of processes",
        )


def shared(config: ExperimentConfig) -> bool:
    """Whether there are epochs to share; otherwise rank 0 works alone."""
    return config.baseline is None and config.training.max_epochs > 0


def _meet(launch: Launch) -> Ranks:
    environment: ClusterEnvironment
    if launch.launcher == "torchrun":
        environment = TorchElasticEnvironment()
    else:  # Lightning wants to be told so; after `srun --ntasks`, which is spread evenly, nobody does
        os.environ.setdefault("SLURM_NTASKS_PER_NODE", str(launch.devices))
        environment = SLURMEnvironment(auto_requeue=False)
    address, port = environment.main_address, environment.main_port
    os.environ["MASTER_ADDR"], os.environ["MASTER_PORT"] = address, str(port)
    backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
    try:
        store, _, _ = next(rendezvous("env://", launch.rank, launch.size))
        dist.init_process_group(
            backend, store=PrefixStore("group", store), rank=launch.rank, world_size=launch.size
        )
    except RuntimeError as error:
        raise GrnpygError(
            f"process {launch.rank} on {socket.gethostname()} does not reach the others at {address}:{port} "
            f"({' '.join(str(error).split())[:200]}). Set MASTER_PORT to a free port, or "
            "GLOO_SOCKET_IFNAME to the network between the machines"
        ) from error
    return Ranks(launch, environment, PrefixStore("grnpyg", store))


def _code(error: BaseException) -> int:
    """The exit code that the command line gives for an error; that of `typer.Exit` is its own."""
    return 2 if isinstance(error, InputError) else int(getattr(error, "exit_code", 1))


def _lost(error: RuntimeError) -> bool:
    text = str(error).lower()
    return isinstance(error, dist.DistError) or "gloo" in text or "connection closed" in text
