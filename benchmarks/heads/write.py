"""Fill README.md beside this file from the stored measurements.

    python benchmarks/heads/write.py      from benchmarks/results

Each measuring script of the folder says what stands between its markers (`sections`).
"""

from __future__ import annotations

from pathlib import Path

import cost
import distilled
import explain
import interactions
import losses
import pruned
import retrieve

from grnpyg.studies import fill_sections

SCRIPTS = (cost, distilled, explain, interactions, losses, pruned, retrieve)


def sections() -> dict[str, str]:
    """Marker -> text."""
    return {name: text for script in SCRIPTS for name, text in script.sections().items()}


def main() -> None:
    """Write every table between its markers, and the figure."""
    path = Path(__file__).resolve().parent / "README.md"
    cost.draw(path.with_name("cost.svg"))
    path.write_text(fill_sections(path.read_text(), sections()))


if __name__ == "__main__":
    main()
