"""A SLURM cluster of one node on the loopback address, started and ended by a test. Needs no other user.

python tests/slurm/cluster.py COMMAND ...   runs a command that finds such a cluster, and ends it afterwards
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

SBIN = f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin{os.pathsep}/usr/local/sbin"
NEEDED = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "scontrol")
NODE = "localhost"
GIVE_UP = 900.0  # seconds that a busy machine may take for anything


def missing() -> list[str]:
    """The programs of slurm-wlm and munge that are not installed."""
    return [name for name in NEEDED if shutil.which(name, path=SBIN) is None]


def wait_for(condition: Callable[[], object], what: str, seconds: float = GIVE_UP) -> None:
    """Wait until something is true."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"given up: {what}"
        time.sleep(0.1)


@dataclass
class Cluster:
    """munged, slurmctld and slurmd as processes of this one.

    Attributes:
        folder: of their files and logs.
        processes: program -> process.
    """

    folder: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def variables(self) -> dict[str, str]:
        """What the commands of SLURM need to find this cluster."""
        return {"SLURM_CONF": str(self.folder / "slurm.conf"), "PATH": SBIN}

    def start(self) -> None:
        """Write the settings and start everything; returns when the node is idle."""
        for name in ("state", "spool"):
            (self.folder / name).mkdir()
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o600)
        (self.folder / "slurm.conf").write_text(self.settings())
        files = {"key-file": "munge.key", "socket": "munge.socket", "pid-file": "munge.pid"}
        files |= {"log-file": "munge.log", "seed-file": "munge.seed"}
        named = [f"--{option}={self.folder / name}" for option, name in files.items()]
        self.run("munged", "--foreground", "--force", *named)
        wait_for((self.folder / "munge.socket").exists, "munged has no socket")
        self.run("slurmctld", "-D")
        self.start_node()

    def settings(self) -> str:
        """The content of slurm.conf."""
        user, here = (
            os.environ.get("USER") or subprocess.check_output(["id", "-un"], text=True).strip(),
            self.folder,
        )
        values = {
            "ClusterName": "test",
            "SlurmctldHost": f"{NODE}(127.0.0.1)",
            "SlurmctldPort": free_port(),
            "SlurmdPort": free_port(),
            "SlurmUser": user,
            "SlurmdUser": user,
            "AuthType": "auth/munge",
            "AuthInfo": f"socket={here / 'munge.socket'}",
            "CommunicationParameters": "NoInAddrAny,NoCtldInAddrAny",
            "StateSaveLocation": here / "state",
            "SlurmdSpoolDir": here / "spool",
            "SlurmctldPidFile": here / "slurmctld.pid",
            "SlurmdPidFile": here / "slurmd.pid",
            "SlurmctldLogFile": here / "slurmctld.log",
            "SlurmdLogFile": here / "slurmd.log",
            "SlurmdParameters": "config_overrides",  # whatever the machine has
            "ProctrackType": "proctrack/linuxproc",
            "TaskPlugin": "task/none",
            "JobAcctGatherType": "jobacct_gather/none",
            "MpiDefault": "none",
            "SelectType": "select/cons_tres",
            "SelectTypeParameters": "CR_Core",
            "SchedulerParameters": "sched_interval=1,batch_sched_delay=0",
            "ReturnToService": 2,
            "KillWait": 300,  # a busy machine needs minutes for what takes a second
            "UnkillableStepTimeout": 600,
            "BatchStartTimeout": 300,
        }
        lines = [f"{name}={value}" for name, value in values.items()]
        lines.append(f"NodeName={NODE} NodeAddr=127.0.0.1 CPUs=2 RealMemory=4000 State=UNKNOWN")
        lines.append(f"PartitionName=main Nodes={NODE} Default=YES MaxTime=INFINITE State=UP")
        return "\n".join([*lines, ""])

    def start_node(self) -> None:
        """Start slurmd and wait until the node takes jobs, or has some."""
        self.run("slurmd", "-D", "-N", NODE)
        wait_for(
            lambda: self.ask("sinfo", "-h", "-o", "%t") in ("idle", "mix", "alloc"), "the node is not up"
        )

    def restart_node(self) -> None:
        """End slurmd, which leaves its jobs alone, and start it again."""
        self.end("slurmd")
        self.start_node()

    def run(self, program: str, *options: str) -> None:
        """Start a program that stays."""
        log = (self.folder / f"{program}.out").open("ab")
        self.processes[program] = subprocess.Popen(
            [program, *options], stdout=log, stderr=log, env={**os.environ, **self.variables}
        )

    def ask(self, *command: str) -> str:
        """What a command of SLURM prints; empty if it fails, as while the controller starts."""
        done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **self.variables})
        return done.stdout.strip()

    def end(self, program: str) -> None:
        """End one of the programs."""
        process = self.processes.pop(program)
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def stop(self) -> None:
        """Cancel all jobs and end everything that was started."""
        with suppress(AssertionError):
            self.ask("scancel", "--full", "--signal=KILL", f"--user={os.getuid()}")
            self.ask("scancel", f"--user={os.getuid()}")
            wait_for(lambda: not self.ask("squeue", "-h"), "jobs do not end", 120)
        for program in reversed(list(self.processes)):
            self.end(program)


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A cluster that lives as long as the block; its folder has a short name, because a socket lies in it."""
    made = Cluster(Path(tempfile.mkdtemp(prefix="slurm")))
    try:
        made.start()
        yield made
    finally:
        made.stop()
        shutil.rmtree(made.folder)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        number: int = one.getsockname()[1]
    return number


def main(command: list[str]) -> int:
    """Run a command beside a cluster; its exit code."""
    with cluster() as made:
        return subprocess.run(command, env={**os.environ, **made.variables}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) if sys.argv[1:] else __doc__)
