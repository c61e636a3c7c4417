"""Read changed files one after another, in a process of its own: a crash ends it, and the log says where.

python -m fuzz.worker FOLDER SEED START END [READER]
"""

from __future__ import annotations

import isolation  # noqa: F401 (before torch)  # isort: skip

import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

LONGEST = 5  # seconds of processor time for one input
MEMORY = 4 << 30  # bytes that all inputs together may add
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CHANGING = ("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.truncate", "os.symlink", "shutil.rmtree")


class Hang(BaseException):
    """An input took too long; no `except Exception` holds it back."""


class Outside(BaseException):
    """Something was written outside the folder of the input."""


def order(readers: dict[str, Any], only: str | None = None) -> list[str]:
    """The readers in turn, each as often as its weight."""
    longest = max(reader.weight for reader in readers.values())
    turns = [name for turn in range(longest) for name, reader in readers.items() if reader.weight > turn]
    return turns if only is None else [only]


def main(folder: Path, seed: int, start: int, end: int, only: str | None = None) -> None:
    """Try the inputs from `start` to before `end`; a line of `folder/log` before and after each."""
    from fuzz import seeds
    from fuzz.readers import READERS

    os.environ["GRNPYG_PREPARED"] = "off"  # an input is read each time, and nothing is written beside it
    home = folder / "seeds"
    if not home.exists():
        home.mkdir()
        os.chdir(home)
        seeds.make(home)
    os.chdir(home)
    trial, turns = folder / "trial", order(READERS, only)
    with (folder / "log").open("a", buffering=1) as log:
        for name in sorted(set(turns)):
            for file in READERS[name].files:
                READERS[name].read(_laid_out(home, trial, file))  # imports all that it needs
        size = resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(resource.RLIMIT_AS, (_virtual() + MEMORY, size))
        for number in range(start, end):
            name = turns[number % len(turns)]
            rng = random.Random(f"{seed} {name} {number}")
            reader = READERS[name]
            path = _laid_out(home, trial, rng.choice(reader.files))
            path.write_bytes(rng.choice(reader.mutations)(path.read_bytes(), rng))
            kept = path.read_bytes()
            log.write(f"{number}\t{name}\t{path.relative_to(trial)}\tstart\n")
            outcome = _outcome(reader.read, path, folder)
            log.write(f"{number}\t{name}\t{path.relative_to(trial)}\t{outcome}\n")
            if outcome not in ("read", "refused"):
                keep(folder, number, path.name, kept)


def keep(folder: Path, number: int, name: str, content: bytes) -> None:
    """Keep an input that was not answered well."""
    target = folder / "kept" / f"{number}-{name}"
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(content)


def _laid_out(home: Path, trial: Path, file: str) -> Path:
    """The file and what lies beside it, in a folder of their own."""
    shutil.rmtree(trial, ignore_errors=True)
    trial.mkdir()
    top = file.partition("/")[0]
    if (home / top).is_dir():
        shutil.copytree(home / top, trial / top)
    for beside in {top, "tiny.yaml"}:
        if (home / beside).is_file():
            shutil.copyfile(home / beside, trial / beside)
    return trial / file


def _outcome(read: Any, path: Path, folder: Path) -> str:
    """`read`, `refused`, or what went wrong, in one line."""
    from grnpyg.core.errors import GrnpygError

    try:
        with _guarded(folder):
            read(path)
    except GrnpygError as error:
        line = str(error)
        return "refused" if line.isprintable() and len(line) < 3000 else f"message: {line[:200]!r}"
    except BaseException as error:
        frames = [f for f in traceback.extract_tb(error.__traceback__) if "/grnpyg/" in f.filename]
        place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
        return ascii(f"{type(error).__name__} at {place}: {str(error)[:200]}")
    return "read"


@contextmanager
def _guarded(folder: Path) -> Iterator[None]:
    """Limit the processor time of an input, and refuse what it writes outside its folder."""
    global _inside
    signal.signal(signal.SIGPROF, _stop)
    signal.setitimer(signal.ITIMER_PROF, LONGEST)
    signal.setitimer(signal.ITIMER_VIRTUAL, 2 * LONGEST)  # inside C code: ends the process
    _inside = tempfile.tempdir = str(folder)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        _inside = tempfile.tempdir = None
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


_inside: str | None = None


def _stop(*_: object) -> None:
    raise Hang(f"over {LONGEST} s")


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if _inside is None:
        return
    writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITING
    if writes or event in CHANGING:
        place = os.path.abspath(os.fsdecode(arguments[0])) if isinstance(arguments[0], (str, bytes)) else ""  # noqa: PTH100
        if place and not place.startswith((_inside, "/dev/null", "/proc/")):
            raise Outside(f"{event} {place}")


def _virtual() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()


if __name__ == "__main__":
    sys.addaudithook(_watch)
    main(Path(sys.argv[1]), *map(int, sys.argv[2:5]), *sys.argv[5:])
