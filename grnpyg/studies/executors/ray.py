"""Trials as the tasks of a Ray cluster."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import Field

from grnpyg.studies.executors.base import Count, Device, Executor, OnEvent, Task, Threads, executors
from grnpyg.studies.jobs import JobFolder, Line
from grnpyg.studies.store import Store
from grnpyg.studies.trial import Trial


@executors.register("ray")
class RayExecutor(Executor):
    """Tasks of Ray (extra `grnpyg[ray]`): on a cluster that runs already, or on one that it starts here.

    The folder of the runs has to lie where the nodes see it, and grnpyg has to be installed there. A task
    trains a group of trials in a worker of its own, as on this machine. When a node dies, Ray starts its
    tasks elsewhere, and they go on from the last checkpoint. Tasks end with this process.

    Args:
        jobs: how many tasks run at a time; by default as many as the cluster has room for.
        threads: processors of a task. The number decides the last bits of a result.
        device: `auto`, `cpu` or `cuda`.
        fresh_process: every trial gets a new process, whose wall time and peak memory are measured.
        address: of the cluster, `auto` or `10.0.0.1:6379`; by default that of the variable `RAY_ADDRESS`,
            else a cluster of this machine's processors is started, and ended with this process.
        gpus: of a task; a fraction lets several tasks share one.
        memory: gigabytes that a task reserves.
        group: how many trials a task trains. Trials that are cut from one run stay together.
    """

    def __init__(
        self,
        *,
        jobs: Count | None = None,
        threads: Threads | None = None,
        device: Device = "auto",
        fresh_process: bool = False,
        address: str | None = None,
        gpus: Annotated[float, Field(ge=0, le=64)] = 0,
        memory: Annotated[float, Field(gt=0)] | None = None,
        group: Count = 1,
    ) -> None:
        self.jobs, self.threads, self.device = jobs, threads or 1, device
        self.fresh_process, self.address, self.group = fresh_process, address, group
        self.gpus, self.memory = gpus, memory

    def run(self, trials: Iterable[Trial], store: Store, on_event: OnEvent) -> None:
        """Train every trial; see `Executor.run`.

        Raises:
            InputError: Ray is not installed, or no node has the processors, the GPUs or the memory of a task.
            GrnpygError: there is no cluster at the address.
        """
        from grnpyg.studies.executors.ray_session import RaySession, connected

        worker = {"threads": self.threads, "device": self.device, "fresh_process": self.fresh_process}
        with connected(self.address):
            session = RaySession(
                store, on_event, needs=self._needs, worker=worker, jobs=self.jobs, group=self.group
            )
            session.run(trials)

    def run_tasks(self, module: str, tasks: Sequence[Line], folder: Path) -> list[Task]:
        """Run other work than trials; see `Executor.run_tasks`.

        Raises:
            InputError: see `run`.
            GrnpygError: see `run`.
        """
        from grnpyg.studies.executors.ray_session import connected, run_calls

        with connected(self.address):
            job = JobFolder.make(folder, [[task] for task in tasks])
            made = [Task(job, index) for index in range(len(tasks))]
            calls = [(module, str(job.path), number, str(Path.cwd()), self.threads) for _, number in made]
            run_calls(calls, needs=self._needs, at_once=self.jobs)
        return made

    @property
    def _needs(self) -> dict[str, float]:
        memory = 0 if self.memory is None else int(self.memory * 1e9)
        return {"num_cpus": self.threads, "num_gpus": self.gpus, "memory": memory}
