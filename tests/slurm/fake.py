"""Commands named sbatch, squeue and scancel that keep their queue in a file, for tests without a cluster."""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

COMMANDS = """#!{python} -SE
import json, re, sys
from pathlib import Path
home = Path({home!r})
command, words = Path(sys.argv[0]).name, sys.argv[1:]
with (home / "asked").open("a") as asked:
    print(command, *words, file=asked)
refusal = home / f"refuse-{{command}}"
queue = json.loads((home / "queue.json").read_text())
if command == "sbatch":
    text = Path(words[-1]).read_text()
    options = dict(re.findall(r"^#SBATCH '?--([a-z-]+)=([^'\\n]*)", text, re.M))
    number = str(1 + max([int(task["array"]) for task in queue["tasks"] + queue["over"]], default=0))
    first, last = re.match(r"(\\d+)-(\\d+)", options["array"]).groups()
    if not refusal.exists() or "lost" in refusal.read_text():
        for index in range(int(first), int(last) + 1):
            task = {{"name": options["job-name"], "array": number, "index": index, "state": "PENDING",
                    "node": "n/a", "reason": "Priority", "script": words[-1]}}
            queue["tasks"].append(task)
    print(number)
elif command == "squeue":
    names = [word for word in words if word.startswith("--name=")][0].removeprefix("--name=").split(",")
    for task in queue["tasks"]:
        if task["name"] in names:
            print("{{name}}|{{array}}|{{index}}|{{state}}|{{node}}|{{reason}}".format(**task))
elif command == "scancel":
    for task in list(queue["tasks"]):
        if task["array"] in words or "{{array}}_{{index}}".format(**task) in words:
            queue["tasks"].remove(task)
            queue["over"].append(task)
(home / "queue.json").write_text(json.dumps(queue))
if refusal.exists():
    print(refusal.read_text(), file=sys.stderr)
    sys.exit(1)
"""


class FakeSlurm:
    """A queue that moves only when a test moves it.

    Args:
        home: of the commands and the queue.
    """

    def __init__(self, home: Path) -> None:
        self.home, self.bin = home, home / "bin"
        self.bin.mkdir(parents=True)
        self.write({"tasks": [], "over": []})
        for name in ("sbatch", "squeue", "scancel"):
            file = self.bin / name
            file.write_text(COMMANDS.format(python=sys.executable, home=str(home)))
            file.chmod(0o755)

    def read(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.home / "queue.json").read_text())
        return content

    def write(self, queue: dict[str, Any]) -> None:
        (self.home / "queue.json").write_text(json.dumps(queue))

    @property
    def tasks(self) -> list[dict[str, Any]]:
        """What is in the queue."""
        found: list[dict[str, Any]] = self.read()["tasks"]
        return found

    @property
    def asked(self) -> list[str]:
        """Every command that was run, in words."""
        file = self.home / "asked"
        return file.read_text().splitlines() if file.exists() else []

    def refuse(self, command: str, message: str | None) -> None:
        """From now on the command fails with a message; None: it works again. `lost` submits all the same."""
        file = self.home / f"refuse-{command}"
        file.unlink() if message is None else file.write_text(message)

    def change(self, number: int, **what: Any) -> None:
        """Change a task of the queue."""
        queue = self.read()
        queue["tasks"][number].update(what)
        self.write(queue)

    def start(self, number: int = 0) -> dict[str, Any]:
        """Let a task of the queue run; it is returned."""
        self.change(number, state="RUNNING", node="n1", reason="None")
        return self.tasks[number]

    def finish(self, number: int = 0) -> None:
        """Take a task out of the queue."""
        queue = self.read()
        queue["over"].append(queue["tasks"].pop(number))
        self.write(queue)

    def work(self, number: int = 0) -> None:
        """Let a task run to its end, in this process."""
        from grnpyg.studies.executors.slurm_task import Task

        task = self.start(number)
        folder = Path(task["script"]).parent
        with (folder / "log" / f"{task['index']}.log").open("a") as log, contextlib.redirect_stdout(log):
            Task(folder, task["index"]).run()
        self.finish(number)


@pytest.fixture
def fake(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> FakeSlurm:
    """The commands on PATH; tasks train in this process."""
    from in_this_process import InThisProcess

    made = FakeSlurm(tmp_path_factory.mktemp("fake") / "slurm")
    monkeypatch.setenv("PATH", f"{made.bin}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr("grnpyg.studies.executors.slurm_task.LocalExecutor", InThisProcess)
    return made


@pytest.fixture
def meanwhile(fake: FakeSlurm, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """`meanwhile(one, two)`: what happens at each wait of the executor, in turn; then every task works."""
    from grnpyg.studies.executors import slurm_session

    steps: list[Callable[[], object]] = []

    def sleep(_: float) -> None:
        if steps:
            steps.pop(0)()
        elif fake.tasks:
            fake.work()

    monkeypatch.setattr(slurm_session, "time", SimpleNamespace(sleep=sleep, monotonic=time.monotonic))
    monkeypatch.setattr(slurm_session, "SETTLE", 0.0)
    return lambda *given: steps.extend(given)


def options_of(script: Path) -> dict[str, str]:
    """The options that a script gives sbatch."""
    return dict(re.findall(r"^#SBATCH '?--([a-z-]+)=?([^'\n]*)", script.read_text(), re.MULTILINE))
