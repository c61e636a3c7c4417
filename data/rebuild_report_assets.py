"""Fetch the JavaScript libraries that a report carries, from their npm packages, and check their SHA-256.

    python data/rebuild_report_assets.py

Needs npm. `grnpyg/report/assets/assets.json` says which files of which versions; after a change of a version
there, `--accept` writes the SHA-256 of what was fetched.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import tarfile
import tempfile
from pathlib import Path

TARGET = Path(__file__).resolve().parents[1] / "grnpyg" / "report" / "assets"


def fetched(package: str, members: list[str]) -> list[bytes]:
    """The content of some files of an npm package, `name@version`."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", "--silent", "--ignore-scripts", package]
        done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
        with tarfile.open(Path(folder) / done.stdout.split()[-1]) as archive:
            files = [archive.extractfile(f"package/{member}") for member in members]
            return [file.read() for file in files if file is not None]


def main() -> None:
    """Write every library with its licence, print what was written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accept", action="store_true", help="take the SHA-256 of what is fetched")
    accept = parser.parse_args().accept
    listed = json.loads((TARGET / "assets.json").read_text())
    for entry in listed:
        package = f"{entry['name']}@{entry['version']}"
        content, licence = fetched(package, [entry["from"], entry["licence_from"]])
        digest = hashlib.sha256(content).hexdigest()
        if digest != entry["sha256"] and not accept:
            raise SystemExit(f"{package}: SHA-256 {digest}, expected {entry['sha256']}")
        entry["sha256"] = digest
        (TARGET / entry["file"]).write_bytes(content)
        (TARGET / f"{entry['file']}.LICENSE").write_bytes(licence)
        print(f"{entry['file']}: {package}, {len(content):,} bytes")
    (TARGET / "assets.json").write_text(json.dumps(listed, indent=2) + "\n")


if __name__ == "__main__":
    main()
