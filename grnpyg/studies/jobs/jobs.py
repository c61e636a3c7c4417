"""Submit lists of tasks as arrays, and find out where they are."""

from __future__ import annotations

import datetime
import getpass
import platform
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType

from grnpyg.core.files import write_text
from grnpyg.core.locks import BusyError, locked
from grnpyg.core.version import __version__
from grnpyg.studies.jobs import slurm
from grnpyg.studies.jobs.folder import JOBS, SCRIPT, JobFolder, Line, job_folders
from grnpyg.studies.jobs.resources import Resources
from grnpyg.studies.jobs.script import script_of

LARGEST = 1000  # tasks of an array: what SLURM allows by default
PATIENCE = 300.0  # seconds that another process may take to submit


class Jobs:
    """The jobs of a folder of runs. The folder and SLURM's queue are the record: there is no other.

    Args:
        runs: the folder; it may be missing.

    Example:
        >>> jobs = Jobs(Path("runs"))
        >>> with jobs.alone():
        ...     made = jobs.submit("my.module", [[{"shard": 0}], [{"shard": 1}]], Resources())
        >>> [task.state for task in jobs.live()]
        ['queued', 'queued']
    """

    def __init__(self, runs: Path) -> None:
        self.runs = runs

    @property
    def folders(self) -> list[JobFolder]:
        """All jobs, the oldest first."""
        return job_folders(self.runs)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Look at the queue and submit while no other process does.

        Raises:
            BusyError: another process has been at it for minutes.
        """
        until = time.monotonic() + PATIENCE
        with ExitStack() as stack:
            while True:
                try:
                    stack.enter_context(locked(self.runs / JOBS, "another process is submitting jobs"))
                    break
                except BusyError:
                    if time.monotonic() > until:
                        raise
                time.sleep(0.2)
            yield

    def submit(
        self,
        module: str,
        tasks: Sequence[Sequence[Line]],
        resources: Resources,
        facts: Mapping[str, object] = MappingProxyType({}),
    ) -> list[JobFolder]:
        """Submit tasks, each of which will run `python -m module FOLDER INDEX`.

        Args:
            module: reads its lines with `JobFolder(folder).of_task(index)`.
            tasks: the lines of each task.
            resources: of each task.
            facts: more to write into job.json.

        Returns:
            The jobs: more than one where there are more tasks than an array holds.

        Raises:
            SlurmError: sbatch refuses them.
        """
        parts = [tasks[start : start + LARGEST] for start in range(0, len(tasks), LARGEST)]
        return [self._submit(module, part, resources, facts) for part in parts]

    def _submit(
        self, module: str, tasks: Sequence[Sequence[Line]], resources: Resources, facts: Mapping[str, object]
    ) -> JobFolder:
        now = datetime.datetime.now(datetime.UTC)
        job = JobFolder.make(self.runs, tasks)
        script = script_of(job.path, module, len(tasks), resources, Path.cwd())
        write_text(job.path / SCRIPT, script)
        known = {
            "job": None,
            "tasks": len(tasks),
            "submitted": now.isoformat(timespec="seconds"),
            "by": f"{getpass.getuser()}@{platform.node()}",
            "grnpyg": __version__,
            "resources": asdict(resources),
            **facts,
        }
        job.write_facts(known)
        try:
            number = slurm.submit(job.path / SCRIPT)
        except slurm.SlurmError:
            number = self._arrived(job)
            if not number:
                shutil.rmtree(job.path, ignore_errors=True)
                raise
        job.write_facts({**known, "job": number})
        return job

    def _arrived(self, job: JobFolder) -> str:
        """The number of a job that is in the queue although sbatch said that it failed: a lost answer."""
        try:
            found = slurm.live_tasks([job.name])
        except slurm.SlurmError:
            return ""
        return found[0].id.partition("_")[0] if found else ""

    def live(self, among: Sequence[JobFolder] | None = None) -> list[slurm.LiveTask]:
        """The tasks that wait or run.

        Args:
            among: the jobs to look for; by default all of the folder.

        Raises:
            SlurmError: SLURM has no answer.
        """
        names = [job.name for job in (self.folders if among is None else among)]
        return slurm.live_tasks(names) if names else []
