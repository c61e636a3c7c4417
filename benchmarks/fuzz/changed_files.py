"""Try every reader on changed files, and store how many it read and refused.

python benchmarks/fuzz/changed_files.py run [INPUTS] [SEED]   10,000 by default; stores results/fuzz.csv
python benchmarks/fuzz/changed_files.py again SEED INPUT      one input once more
python benchmarks/fuzz/changed_files.py write                 writes the result into README.md

What was not answered well lies in ./fuzz-kept afterwards.
"""

from __future__ import annotations

import platform
import shutil
import sys
import tempfile
from datetime import date
from pathlib import Path

import pandas as pd

import grnpyg
from grnpyg.studies import fill_sections, markdown_table

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "results" / "fuzz.csv"
TESTS = HERE.parents[1] / "tests"
KEPT = Path("fuzz-kept")  # what was not answered well


def main(count: int, seed: int, first: int = 0) -> int:
    """Try the inputs; stores a row for every reader if they are the whole, and returns how many faults."""
    sys.path.insert(0, str(TESTS))
    from fuzz.batches import answers

    with tempfile.TemporaryDirectory() as folder:
        found = answers(Path(folder), count, seed, first=first)
        if (Path(folder) / "kept").exists():
            shutil.copytree(Path(folder) / "kept", KEPT, dirs_exist_ok=True)
    for fault in found.faults:
        print(fault, file=sys.stderr)
    if first == 0:
        names = sorted({name for name, _ in found.counts})
        rows = pd.DataFrame(
            {
                "reader": names,
                "inputs": [found.of(name) for name in names],
                "read": [found.counts[name, "read"] for name in names],
                "refused": [found.counts[name, "refused"] for name in names],
            }
        )
        ends = [fault for fault in found.faults if "the process ended" in fault]
        hangs = [fault for fault in found.faults if "Hang at" in fault]
        about = {
            "date": date.today().isoformat(),
            "seed": seed,
            "tracebacks": len(found.faults) - len(ends) - len(hangs),
            "hangs": len(hangs),
            "crashes": len(ends),
            "grnpyg": grnpyg.__version__,
            "python": platform.python_version(),
            "processor": _processor(),
        }
        rows.assign(**about).to_csv(RESULTS, index=False)
    print(f"{count:,} inputs, {len(found.faults)} answered badly", file=sys.stderr)
    return len(found.faults)


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []  # Linux only
    names = [line.split(":")[1].strip() for line in lines if "model name" in line]
    return names[0] if names else platform.machine()


def sections() -> dict[str, str]:
    """What stands between the markers of README.md."""
    rows = pd.read_csv(RESULTS)
    one = rows.iloc[0]
    lines = [[str(row[key]) for key in ("reader", "inputs", "read", "refused")] for _, row in rows.iterrows()]
    text = (
        f"{one['date']}, seed {one['seed']}: {rows['inputs'].sum():,} inputs answered; {one['tracebacks']} "
        f"tracebacks, {one['hangs']} hangs over 5 s of processor time, {one['crashes']} crashes."
    )
    return {"fuzz": f"{text}\n\n{markdown_table(['reader', 'inputs', 'read', 'refused'], lines)}"}


def write() -> None:
    """Put the stored result between the markers of README.md."""
    path = HERE / "README.md"
    path.write_text(fill_sections(path.read_text(), sections()))


if __name__ == "__main__":
    command, *numbers = sys.argv[1:] or [""]
    if command == "run":
        count, seed = [*map(int, numbers), *(10_000, 14)[len(numbers) :]]
        sys.exit(1 if main(count, seed) else 0)
    elif command == "again" and len(numbers) == 2:
        sys.exit(1 if main(1, int(numbers[0]), int(numbers[1])) else 0)
    elif command == "write":
        write()
    else:
        sys.exit(__doc__)
