"""Files and objects that a network is written to, one file each."""

from grnpyg.network.export.anndata import add_network, from_anndata, to_anndata
from grnpyg.network.export.arboreto import Arboreto
from grnpyg.network.export.base import Format, formats
from grnpyg.network.export.checked import cut
from grnpyg.network.export.csv import Csv
from grnpyg.network.export.decoupler import Decoupler, to_decoupler
from grnpyg.network.export.gene_sets import Gmt, PySCENIC, regulons
from grnpyg.network.export.graphml import GraphMl
from grnpyg.network.export.h5ad import H5ad, read_cells, write_h5ad
from grnpyg.network.export.h5mu import H5mu
from grnpyg.network.export.networkx import to_networkx
from grnpyg.network.export.parquet import Parquet
from grnpyg.network.export.sif import Sif
from grnpyg.network.export.tsv import Tsv
from grnpyg.network.export.weights import signs, strengths, weights
from grnpyg.network.export.write import by_suffix, format_of, write_network

__all__ = [
    "Arboreto",
    "Csv",
    "Decoupler",
    "Format",
    "Gmt",
    "GraphMl",
    "H5ad",
    "H5mu",
    "Parquet",
    "PySCENIC",
    "Sif",
    "Tsv",
    "add_network",
    "by_suffix",
    "cut",
    "format_of",
    "formats",
    "from_anndata",
    "read_cells",
    "regulons",
    "signs",
    "strengths",
    "to_anndata",
    "to_decoupler",
    "to_networkx",
    "weights",
    "write_h5ad",
    "write_network",
]
