"""Give inputs to processes that read them, and start another one where a process ends too early."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

BATCH = 1000  # inputs of a process
SILENCE = 300  # seconds without a finished input, whatever the machine is doing besides


@dataclass
class Answers:
    """How the readers answered.

    Attributes
    ----------
    counts: (reader, `read` or `refused`) -> number of inputs
    faults: a line for every input that was answered in another way
    """

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def of(self, reader: str) -> int:
        """How many inputs a reader answered as it should."""
        return self.counts[reader, "read"] + self.counts[reader, "refused"]


def answers(folder: Path, count: int, seed: int, reader: str | None = None, first: int = 0) -> Answers:
    """Try `count` inputs from number `first` on; the seed and the number decide an input.

    What was not answered well lies in `folder/kept` afterwards, `NUMBER-FILE`.
    """
    found, start, end = Answers(), first, first + count
    while start < end:
        stop = min(end, start + BATCH)
        code = _run(folder, seed, start, stop, reader)
        started, start = start, _collect(folder / "log", found, start)
        if start < stop:
            if code is None or (start == started and not (folder / "trial").exists()):
                raise RuntimeError(f"the process did not begin: see {folder}/stderr")
            number, name, file, *_ = _last(folder / "log")
            if int(number) != start:
                raise RuntimeError(f"the process ended between inputs ({code}): see {folder}/stderr")
            changed = folder / "trial" / file
            kept = folder / "kept" / f"{number}-{changed.name}"
            kept.parent.mkdir(exist_ok=True)
            if changed.exists():
                kept.write_bytes(changed.read_bytes())
            found.faults.append(f"seed {seed}, input {number}, {name}: the process ended with {code}")
            start += 1
    return found


def _run(folder: Path, seed: int, start: int, stop: int, reader: str | None) -> int | str:
    """The exit code of a process, or `silence`."""
    command = [sys.executable, "-m", "fuzz.worker", str(folder), str(seed), str(start), str(stop)]
    tests = Path(__file__).resolve().parents[1]
    path = os.pathsep.join([str(tests), *filter(None, [os.environ.get("PYTHONPATH")])])
    (folder / "log").write_text("")
    with (folder / "stderr").open("w") as stderr:
        process = subprocess.Popen(
            [*command, *([reader] if reader else [])],
            env=os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
            stdout=stderr,
            stderr=stderr,
        )
        while True:
            size = (folder / "log").stat().st_size
            try:
                return process.wait(SILENCE)
            except subprocess.TimeoutExpired:
                if (folder / "log").stat().st_size == size:
                    process.kill()
                    process.wait()
                    return "silence"


def _collect(log: Path, found: Answers, start: int) -> int:
    """Count what the log says; returns the number of the first input without an answer."""
    for line in log.read_text().splitlines():
        number, name, file, outcome = line.split("\t", 3)
        if outcome in ("read", "refused"):
            found.counts[name, outcome] += 1
        elif outcome != "start":
            found.faults.append(f"input {number}, {name}, {file}: {outcome}")
        if outcome != "start":
            start = int(number) + 1
    return start


def _last(log: Path) -> list[str]:
    lines = log.read_text().splitlines()
    if not lines:
        raise RuntimeError(f"the process did not begin: see {log.parent}/stderr")
    return lines[-1].split("\t", 3)
