from . import catalog, prepared_cells
from .catalog_entries import Entry
from .expression.chunks import row_chunks
from .graph import build_graph, load_graph
from .grn import GRN, DataReport
from .inputs import input_hashes
from .load import load_grn

__all__ = [
    "GRN",
    "DataReport",
    "Entry",
    "build_graph",
    "catalog",
    "input_hashes",
    "load_graph",
    "load_grn",
    "prepared_cells",
    "row_chunks",
]
