"""Rebuild the bundled lists of TFs, one symbol a line, from bundled tables; nothing is downloaded.

    python data/rebuild_tfs.py

Run `rebuild_names.py` and `rebuild_knowledge.py` before. `grnpyg_data/PROVENANCE_NAMES.md` says what they
hold.
"""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

TARGET = Path(__file__).resolve().parent / "grnpyg_data"


def rows(name: str) -> list[dict[str, str]]:
    """Rows of a bundled table."""
    lines = gzip.decompress((TARGET / name).read_bytes()).decode().splitlines()
    return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def lists() -> dict[str, list[str]]:
    """Species -> symbols of its TFs, sorted.

    Those of human are annotated as such in GO or have a motif; those of mouse are their one-to-one
    orthologs, and the other mouse genes that the table of names marks.
    """
    human = {row["symbol"] for row in rows("knowledge/tfs_human.tsv.gz")}
    pairs = rows("knowledge/orthologs_human_mouse.tsv.gz")
    mouse = {row["mouse"] for row in pairs if row["human"] in human}
    mouse |= {row["symbol"] for row in rows("names_mouse.tsv.gz") if row["tf"] == "1"}
    return {"human": sorted(human), "mouse": sorted(mouse)}


def main() -> None:
    """Write the lists, print how long they are."""
    for species, names in lists().items():
        (TARGET / f"tfs_{species}.txt").write_text("\n".join(names) + "\n", encoding="utf-8", newline="\n")
        print(f"tfs_{species}.txt: {len(names):,}")


if __name__ == "__main__":
    main()
