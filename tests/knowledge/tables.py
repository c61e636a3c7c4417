"""Tiny tables in the shape of the bundled ones, about 8 TFs and 16 genes of human."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from torch_geometric.data import HeteroData

import grnpyg_data
from grnpyg.data.graph import build_graph
from grnpyg.knowledge import atlas, base, motif_sets, tables, tf_family

TFS = ["GATA1", "GATA2", "IRF1", "MYC", "SPI1", "STAT1", "STAT3", "TAL1"]
GENES = [
    *["ALAS2", "CCND1", "CD14", "CD19", "CD4", "CD8A", "CSF1R", "CXCL10"],
    *["GYPA", "HBA1", "HBB", "IFIT1", "IRF1", "ISG15", "MKI67", "MYC"],
]
BLOOD = ["ALAS2", "GATA1", "GYPA", "HBA1", "HBB", "TAL1"]
IMMUNE = ["CD14", "CSF1R", "CXCL10", "IFIT1", "IRF1", "ISG15", "SPI1", "STAT1"]
GROWTH = ["CCND1", "MKI67", "MYC"]
REST = ["CD19", "CD4", "CD8A", "GATA2", "STAT3"]
EVERY = sorted({*TFS, *GENES})
EDGES = [
    *[("GATA1", gene) for gene in ("ALAS2", "GYPA", "HBA1", "HBB", "MYC")],
    *[("STAT1", gene) for gene in ("CXCL10", "IFIT1", "IRF1", "ISG15", "CD14")],
    *[("IRF1", "CXCL10"), ("IRF1", "IFIT1"), ("MYC", "CCND1"), ("MYC", "MKI67"), ("SPI1", "CSF1R")],
    *[("SPI1", "CD14"), ("SPI1", "CD4"), ("TAL1", "GYPA"), ("TAL1", "ALAS2"), ("STAT3", "MYC")],
    *[("STAT3", "CD8A"), ("GATA2", "CD19"), ("GATA2", "HBB")],
]


def network() -> HeteroData:
    """8 TFs and 16 genes, two of which are TFs as well; without expression."""
    return build_graph(pd.DataFrame(EDGES, columns=["source", "target"]), tfs=TFS, genes=GENES)


def in_cells(num_cells: int = 60, seed: int = 0) -> AnnData:
    """Log values in which the groups of genes go together."""
    rng = np.random.default_rng(seed)
    values = rng.random((num_cells, len(EVERY)))
    for group in (BLOOD, IMMUNE, GROWTH):
        common = 4 * rng.random(num_cells)
        for gene in group:
            values[:, EVERY.index(gene)] += common
    return AnnData(values.astype(np.float32), var=pd.DataFrame(index=EVERY))


def write(folder: Path) -> None:
    """All tables, bundled and fetched ones."""
    groups = {"blood": BLOOD, "immune": IMMUNE, "growth": GROWTH}
    terms = {"blood": "GO:1", "immune": "GO:2", "growth": "GO:3"}
    pairs = [(gene, name) for name, group in groups.items() for gene in group]
    _table(folder / "go_human.tsv.gz", "symbol go_id evidence", [(g, terms[n], "IDA") for g, n in pairs])
    above = [("GO:1", "GO:9", "isa"), ("GO:2", "GO:9", "isa"), ("GO:3", "GO:9", "part of")]
    _table(folder / "go_parents.tsv.gz", "term parent relationship_type", above)
    _table(folder / "pfam_human.tsv.gz", "symbol pfam_id", [(gene, f"PF_{name}") for gene, name in pairs])
    places = [(gene, "1" if gene in BLOOD else "2", str(1e5 * i)[:-2], str(1e5 * i + 10)[:-2], "+")
              for i, gene in enumerate(EVERY)]  # fmt: skip
    _table(folder / "positions_human.tsv.gz", "symbol chromosome start end strand", places)
    families = [("GATA1", "GATA"), ("GATA2", "GATA"), ("STAT1", "STAT"), ("STAT3", "STAT"), ("MYC", "bHLH")]
    schemed = [(tf, scheme, name) for tf, name in families for scheme in ("gimme_family", "jaspar_family")]
    _table(
        folder / "tf_families_human.tsv.gz", "symbol scheme family", [*schemed, ("TAL1", *schemed[-1][1:])]
    )
    _table(folder / "cisbp_tf_human.tsv.gz", "TF_Name Family_Name Motif_ID", [(*f, "M1") for f in families])
    values = np.array([[8.0 * (gene in group) + 1 for group in groups.values()] for gene in EVERY])
    samples = [(gene, *map(str, row)) for gene, row in zip(EVERY, values, strict=True)]
    for name in ("expression_gtex_human.tsv.gz", "hpa_rna_human.tsv.gz"):
        _table(folder / name, "symbol marrow spleen gut", samples)
    sets = [("V$GATA1_02", gene) for gene in ("CD19", "HBB", "GYPA")] + [("SP_SPI1_Q6", "CD4")]
    _table(
        folder / "motif_sets_c3_tft_human.tsv.gz", "set symbol", [*sets, *[("AAA_UNKNOWN", g) for g in EVERY]]
    )
    ids = [(f"ENSG{number:011d}", gene) for number, gene in enumerate(EVERY)]
    _table(folder / "identifiers_human.tsv.gz", "identifier symbol", ids)
    mouse = [(gene, gene.capitalize()) for gene in EVERY if gene not in ("CD8A", "CXCL10")]
    _table(folder / "orthologs_human_mouse.tsv.gz", "human mouse", mouse)


def stand_in(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """The tables of a folder in place of the bundled and fetched ones."""
    real = grnpyg_data.path

    def path(name: str) -> Path:
        return folder / name.removeprefix("knowledge/") if name.startswith("knowledge/") else real(name)

    def fetched(name: str) -> Path:
        names = {"hpa-rna": "hpa_rna", "cisbp-tf": "cisbp_tf", "motif-sets-c3": "motif_sets_c3_tft"}
        return tables.bundled(f"{names[name]}_human.tsv.gz")

    monkeypatch.setattr(grnpyg_data, "path", path)
    for module in (atlas, base, motif_sets, tf_family, tables):
        monkeypatch.setattr(module, "fetched", fetched)
    forget()


def forget() -> None:
    """Tables that a process keeps are read anew."""
    tables.orthologs.cache_clear()
    tables.identifiers.cache_clear()


def _table(path: Path, head: str, rows: list[tuple[str, ...]]) -> None:
    text = "\n".join("\t".join(row) for row in [tuple(head.split()), *rows])
    path.write_bytes(gzip.compress(f"{text}\n".encode(), mtime=0))
