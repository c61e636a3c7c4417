"""Files and objects that a network is written to, one file each."""

from grnpyg.networks.export.anndata import add_network, from_anndata, to_anndata
from grnpyg.networks.export.arboreto import Arboreto
from grnpyg.networks.export.base import Format, formats
from grnpyg.networks.export.checked import cut
from grnpyg.networks.export.csv import Csv
from grnpyg.networks.export.decoupler import Decoupler, to_decoupler
from grnpyg.networks.export.gene_sets import Gmt, PySCENIC, regulons
from grnpyg.networks.export.graphml import GraphMl
from grnpyg.networks.export.h5ad import H5ad, read_cells, write_h5ad
from grnpyg.networks.export.h5mu import H5mu
from grnpyg.networks.export.networkx import to_networkx
from grnpyg.networks.export.parquet import Parquet
from grnpyg.networks.export.sif import Sif
from grnpyg.networks.export.tsv import Tsv
from grnpyg.networks.export.weights import signs, strengths, weights
from grnpyg.networks.export.write import by_suffix, format_of, write_network

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
