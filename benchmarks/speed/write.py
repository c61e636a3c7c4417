"""Fill README.md beside this file from the stored measurements.

    python benchmarks/speed/write.py      from benchmarks/results

Each measuring script of the folder says what stands between its markers (`sections`).
"""

from __future__ import annotations

from pathlib import Path

import cells
import cross
import genome
import heads
import loading
import processes
import recipes
import reports
import retrieval
import scoring
import seeds
import shards
import speed

from grnpyg.studies import fill_sections

SCRIPTS = (
    speed,
    scoring,
    cross,
    recipes,
    loading,
    processes,
    seeds,
    cells,
    genome,
    shards,
    reports,
    retrieval,
    heads,
)


def sections() -> dict[str, str]:
    """Marker -> text."""
    return {name: text for script in SCRIPTS for name, text in script.sections().items()}


def main() -> None:
    """Write every table between its markers."""
    path = Path(__file__).resolve().parent / "README.md"
    path.write_text(fill_sections(path.read_text(), sections()))


if __name__ == "__main__":
    main()
