"""Kill commands, fill their disk, start them twice, and compare what is left with an undisturbed run.

python benchmarks/resilience/faults.py run KIND [WORD]   KIND: kill, full or twice; stores
                                                         results/resilience_KIND.csv case by case, and leaves
                                                         out what is stored; WORD: only commands of this name
"""

from __future__ import annotations

import datetime
import functools
import json
import os
import platform
import random
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from cases import CASES, broken_runs, contents, is_hidden, lay_out, words
from shim import Ended, Kind, Started, build
from toy import add_toy, import_all, server

from grnpyg.core import read_yaml
from grnpyg.resolve import config_hash, make_config

RESULTS = Path(__file__).resolve().parents[1] / "results"
SEED = 0
NUMBERS = {  # how many cases of each command
    "kill": [8, 4, 8, 9, 8, 6, 8, 9],
    "full": [4, 2, 3, 2, 2, 2, 2, 3],
    "twice": [3, 2, 3, 3, 2, 1, 3, 3],
}
AT_WORK = ("another process",)  # what the second of two processes may say


class Bench:
    """A folder for the cases: a start that every case is copied from, and undisturbed results."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.start = folder, folder / "start"
        lay_out(self.start)
        self.hash = config_hash(make_config(read_yaml(self.start / "small.yaml")))
        made = self.begin("train --config small.yaml", self.start).ended()
        assert made.code == 0, made.err
        manifest = json.loads((self.start / "runs" / self.hash / "manifest.json").read_text())
        self.versions: dict[str, str] = manifest["versions"]

    def begin(
        self, command: str, place: Path, kind: Kind = "count", at: int = 0, who: str = "one"
    ) -> Started:
        """Start a command in a folder."""
        from grnpyg_cli.main import main

        variables = {"GRNPYG_CACHE": str(place / "cache")}
        notes = self.folder / "notes" / who
        return Started(main, words(command, self.hash), place, notes, kind, at, variables)

    def copy(self, name: str) -> Path:
        """A fresh copy of the start."""
        place = self.folder / name
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(self.start, place)
        return place

    @functools.cache  # noqa: B019 (one object)
    def undisturbed(self, command: str) -> tuple[dict[str, str], Ended]:
        """What a command leaves that nothing disturbs, and how it ended."""
        place, case = self.copy("undisturbed"), CASES[command]
        ended = self.begin(case.first, place).ended()
        assert ended.code == 0, ended.err
        if case.after:
            assert self.begin(case.after, place).ended().code == 0
        return contents(place), ended

    def case(self, kind: str, command: str, number: int) -> dict[str, Any]:
        """One case; what it says is a row of the results."""
        case, (wanted, whole) = CASES[command], self.undisturbed(command)
        changes = whole.needing_room if kind == "full" else whole.changes
        place, earlier = self.copy("case"), contents(self.start)
        at, row = 0, dict[str, Any]()
        if kind == "twice":
            both = [self.begin(case.first, place, who=who) for who in ("one", "other")]
            ended = [one.ended() for one in both]
            fine = all(one.code == 0 or _at_work(one) for one in ended)
            row["exits"] = " ".join(str(one.code) for one in ended)
            says = [one.verdicts[0] if one.verdicts else "" for one in ended]
            row["says"] = " | ".join(filter(None, says))
        else:
            at = moment(kind, command, number, changes)
            one = self.begin(case.first, place, "kill" if kind == "kill" else "full", at).ended()
            killed = one.code == -9 and kind == "kill"
            failed = kind == "full" and one.code in (1, 2) and len(one.verdicts) == 1
            fine = (killed or failed) and "Traceback" not in one.err
            row["exits"], row["struck"] = str(one.code), _shown(one.struck)
            row["says"] = one.verdicts[0] if one.verdicts else ""
        shutil.copy(self.folder / "notes" / "one" / "err", self.folder / "notes" / "first")
        row["says"] = row["says"].replace(f"{place}/", "")
        kept = _kept(earlier, contents(place), wanted, case.replaces)
        broken = broken_runs(place)
        again = self.begin(case.again or case.first, place).ended()
        if case.after and again.code == 0:
            again = self.begin(case.after, place).ended()
        found = contents(place)
        different = sorted(name for name in wanted if found.get(name) != wanted[name])
        return {
            "command": command,
            "number": number,
            "at": at,
            "changes": changes,
            **row,
            "as_it_should": fine,
            "nothing_lost": kept and not broken,
            "exit_again": again.code,
            "same_bytes": not different,
            "left_over": " ".join(map(_shown, sorted(set(found) - set(wanted)))),
            "seed": SEED,
            "config_hash": self.hash,
            "date": datetime.date.today().isoformat(),
            "processor": processor(),
            "versions": " ".join(f"{name}={value}" for name, value in self.versions.items()),
            "different": " ".join(different),
        }


def _kept(
    earlier: dict[str, str], now: dict[str, str], wanted: dict[str, str], replaces: tuple[str, ...]
) -> bool:
    """Whether every earlier result is there as it was, and every new one is there whole or not at all."""
    whole = all(
        hash_ in (earlier.get(name), wanted.get(name)) for name, hash_ in now.items() if not is_hidden(name)
    )
    return whole and all(
        now.get(name) == hash_ or (name.startswith(replaces) and now.get(name) == wanted[name])
        for name, hash_ in earlier.items()
    )


def moment(kind: str, command: str, number: int, changes: int) -> int:
    """The change at which the fault of a case comes; the cases of a command have different ones."""
    wanted = NUMBERS[kind][list(CASES).index(command)]
    return random.Random(f"{SEED} {kind} {command}").sample(range(1, changes + 1), wanted)[number - 1]


def _at_work(one: Ended) -> bool:
    """Whether a command ended because another one is at work, and said so in one line."""
    return len(one.verdicts) == 1 and any(text in one.verdicts[0] for text in AT_WORK)


def _shown(text: str) -> str:
    """A path without what differs from call to call: random names and process ids."""
    return re.sub(r"\.[0-9a-f.]{8,}$|(?<=/\.tmp)\w{6}$", "", text)


def processor() -> str:
    """Its name."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    named = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


def main(kind: str, only: str | None) -> None:
    """Run the cases that are not stored yet."""
    path = RESULTS / f"resilience_{kind}.csv"
    rows = pd.read_csv(path).to_dict("records") if path.exists() else []
    rows = [row for row in rows if good(row)]  # a case that went wrong is tried again
    done = {(row["command"], row["number"]) for row in rows}
    import_all()
    add_toy(os.environ["FAULT_URL"])
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder).resolve())
        for command, count in zip(CASES, NUMBERS[kind], strict=True):
            for number in range(1, count + 1):
                if (command, number) in done or only not in (None, command):
                    continue
                row = bench.case(kind, command, number)
                shown = {key: value for key, value in row.items() if key not in ("versions", "processor")}
                print(json.dumps(shown), file=sys.stderr, flush=True)
                if not good(row):
                    print((bench.folder / "notes" / "first").read_text(), file=sys.stderr, flush=True)
                rows.append(row)
                pd.DataFrame(rows).to_csv(path, index=False)


def good(row: dict[str, Any]) -> bool:
    """Whether a case went as it should."""
    fine = row["as_it_should"] and row["nothing_lost"] and row["same_bytes"] and row["exit_again"] == 0
    return bool(fine) and (row["left_over"] == "" or row["left_over"] != row["left_over"])  # nan


def under_the_library() -> int:
    """Run this script again with the library loaded, beside a server for the data set."""
    with tempfile.TemporaryDirectory() as folder, server() as url:
        preloaded = {"LD_PRELOAD": str(build(Path(folder))), "FAULT_URL": url, "OMP_NUM_THREADS": "1"}
        return subprocess.run([sys.executable, *sys.argv], env={**os.environ, **preloaded}).returncode


if __name__ == "__main__":
    if not (sys.argv[1:2] == ["run"] and len(sys.argv) in (3, 4) and sys.argv[2] in NUMBERS):
        sys.exit(__doc__)
    if "FAULT_URL" not in os.environ:
        sys.exit(under_the_library())
    main(sys.argv[2], sys.argv[3] if len(sys.argv) == 4 else None)
