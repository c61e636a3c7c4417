"""Trials as the job arrays of a SLURM cluster."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar

from grnpyg.studies.executors.base import Count, Device, Executor, OnEvent, Task, Threads, executors
from grnpyg.studies.executors.slurm_session import SlurmSession, wait_for
from grnpyg.studies.jobs import Jobs, Line, Resources, SlurmTime, Value, Words
from grnpyg.studies.store import Store
from grnpyg.studies.trial import Trial


@executors.register("slurm")
class SlurmExecutor(Executor):
    """Job arrays of SLURM: `sbatch`, `squeue` and `scancel` are all that it needs.

    The folder of the runs has to lie where the nodes see it. A task trains a group of trials in a worker of
    its own, as on this machine. A trial that waits or runs in the queue already is not submitted again. Jobs
    stay when this process ends.

    Args:
        jobs: how many tasks run at a time; by default as many as the cluster has room for.
        threads: processors of a task. The number decides the last bits of a result.
        device: `auto`, `cpu` or `cuda`.
        fresh_process: every trial gets a new process, whose wall time and peak memory are measured.
        detach: return when all trials are in the queue.
        group: how many trials a task trains; by default as many as take half an hour, where the times of
            finished trials are known, otherwise one. Trials that are cut from one run stay together.
        partition: of the cluster.
        time: the longest time of a task: `2h`, `1d12h`, or SLURM's `1-12:00:00`. A trial that is not done by
            then keeps its checkpoint.
        mem: memory of a task, `4G`.
        account: that is billed.
        qos: quality of service.
        gpus: of a task, `1` or `a100:1`.
        constraint: features that a node must have.
        sbatch: further options of sbatch, `--nice=100 --exclude=node7`.
        setup: lines of shell that a task runs first, `module load python/3.11`.
        python: the command that runs Python on the nodes; by default the present one.
    """

    queues: ClassVar[bool] = True

    def __init__(
        self,
        *,
        jobs: Count | None = None,
        threads: Threads | None = None,
        device: Device = "auto",
        fresh_process: bool = False,
        detach: bool = False,
        group: Count | None = None,
        partition: Value | None = None,
        time: SlurmTime | None = None,
        mem: Value | None = None,
        account: Value | None = None,
        qos: Value | None = None,
        gpus: Value | None = None,
        constraint: Value | None = None,
        sbatch: Words | None = None,
        setup: str | None = None,
        python: Words | None = None,
    ) -> None:
        self.jobs, self.threads, self.device = jobs, threads or 1, device
        self.fresh_process, self.detach, self.group = fresh_process, detach, group
        self.resources = Resources(
            at_once=jobs,
            cpus=self.threads,
            partition=partition,
            time=time,
            mem=mem,
            account=account,
            qos=qos,
            gpus=gpus,
            constraint=constraint,
            extra=sbatch,
            setup=setup,
            python=python,
        )

    def run(self, trials: Iterable[Trial], store: Store, on_event: OnEvent) -> None:
        """Submit what is not in the queue, and wait for all of it; see `Executor.run`.

        Raises:
            SlurmError: SLURM has no answer, or refuses the jobs; nothing was submitted then.
        """
        session = SlurmSession(
            store,
            on_event,
            self.resources,
            group=self.group,
            worker={"threads": self.threads, "device": self.device, "fresh_process": self.fresh_process},
        )
        session.take(trials)
        if not self.detach:
            session.wait()

    def run_tasks(self, module: str, tasks: Sequence[Line], folder: Path) -> list[Task]:
        """Submit other work than trials that is not in the queue, and wait for it; see `Executor.run_tasks`.

        Raises:
            SlurmError: SLURM has no answer, or refuses the jobs; nothing was submitted then.
        """
        jobs = Jobs(folder)
        with jobs.alone():
            there = [task for task in self.queued(folder) if task.line in tasks]
            known = [task.line for task in there]
            new = [[line] for line in tasks if line not in known]
            made = jobs.submit(module, new, self.resources)
        there += [Task(job, index) for job in made for index in range(len(job.work))]
        if not self.detach:
            wait_for(jobs, there)
        return sorted(there, key=lambda task: tasks.index(task.line))

    def queued(self, folder: Path) -> list[Task]:
        """The tasks for this folder that wait or run; those that are told to end do not count.

        Raises:
            SlurmError: SLURM has no answer.
        """
        jobs = Jobs(folder)
        folders = {job.name: job for job in jobs.folders}
        return [Task(folders[task.job], task.index) for task in jobs.live() if not task.ending]
