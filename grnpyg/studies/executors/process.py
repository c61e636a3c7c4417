"""One worker process of the local executor, as its parent sees it."""

from __future__ import annotations

import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from grnpyg.studies.trial import Trial, line_of

COMMAND = (sys.executable, "-P", "-m", "grnpyg.studies.worker")
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
# Freed blocks of tens of megabytes, the gradients of the embedding tables, go back to the kernel by default
# and are faulted in again, page by page, at the next step: 10 to 30 % of a step.
KEEP_MEMORY = {
    "MALLOC_TOP_PAD_": "268435456",
    "MALLOC_MMAP_THRESHOLD_": "33554432",
    "MALLOC_TRIM_THRESHOLD_": "2000000000",
}


def environment(threads: int) -> dict[str, str]:
    """The variables of a worker; they are read when torch is imported, so they have to be there before."""
    glibc = platform.libc_ver()[0] == "glibc"
    return {
        **os.environ,
        **dict.fromkeys(THREADS, str(threads)),
        # threads that spin while they wait starve the workers beside them
        "OMP_WAIT_POLICY": "PASSIVE",
        **(KEEP_MEMORY if glibc else {}),
    }


class Worker:
    """A process that trains the trials it is given, one at a time.

    Trials go in through its standard input; its end tells the worker that the parent is gone. Answers come
    back on a separate pipe, because libraries print to standard output.

    Args:
        runs: folder of the run directories.
        threads: of the process.
        device: `auto`, `cpu` or `cuda`.

    Attributes:
        trial: the trial that it is training.
        ready: it has said that it can work.
        started: when the process was started, as `time.perf_counter` counts.
    """

    def __init__(self, runs: Path, threads: int, device: str) -> None:
        self.trial: Trial | None = None
        self.ready, self.started = False, time.perf_counter()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 (open as long as the worker lives)
        answers, answer_end = os.pipe()
        # without a buffer, in which an answer could lie that no wait for the pipe sees
        self._answers = os.fdopen(answers, "rb", buffering=0)
        self._process = subprocess.Popen(
            [*COMMAND, str(answer_end), str(runs), device],
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=self._log,
            pass_fds=(answer_end,),
            env=environment(threads),
            start_new_session=True,  # Ctrl-C is the parent's to handle
        )
        os.close(answer_end)

    def fileno(self) -> int:
        """Readable when there is an answer, or the process has ended."""
        return self._answers.fileno()

    @property
    def alive(self) -> bool:
        """Whether the process has not ended."""
        return self._process.poll() is None

    def send(self, trial: Trial) -> None:
        """Begin with a trial; a process that has ended shows in `answer`."""
        self.trial = trial
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.write(f"{json.dumps(line_of(trial))}\n".encode())
            self._process.stdin.flush()

    def answer(self) -> dict[str, Any] | None:
        """The next answer; None if the process has ended without one."""
        line = self._answers.readline()
        if not line.endswith(b"\n"):
            return None
        content: dict[str, Any] = json.loads(line)
        return content

    def ending(self) -> str:
        """Wait for a process that ends by itself; how it ended, and the last line that it printed."""
        code = self._process.wait()
        how = f"the worker ended with exit code {code}"
        if code < 0:
            name = signal.Signals(-code).name
            how = f"the worker was killed by {name}"
            how += " (out of memory?)" if code == -signal.SIGKILL else ""
        self._log.seek(0)
        lines = [line.strip() for line in self._log.read().decode(errors="replace").splitlines()]
        *_, last = ["", *filter(None, lines)]
        return f"{how}: {last}" if last else how

    @property
    def told_to_end(self) -> bool:
        """Whether SIGTERM ended the process before it could answer. Waits for its end."""
        return self._process.wait() == -signal.SIGTERM

    def ask_to_end(self) -> None:
        """Tell the process to end where its trial can go on later."""
        self._process.terminate()

    def wait(self, seconds: float) -> None:
        """Wait for the end of the process, at most so long."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)

    def stop(self) -> None:
        """End the process, whatever it is doing: everything that it writes is renamed into place."""
        self._process.kill()
        self._process.wait()
        pipes: list[Any] = [self._process.stdin, self._answers, self._log]
        for pipe in pipes:
            with suppress(BrokenPipeError):
                pipe.close()
