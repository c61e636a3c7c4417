from .candidates import Candidates
from .predict import SUFFIXES, predict, ranked_pairs, write_table
from .table import COLUMNS
from .wanted import Wanted

__all__ = [
    "COLUMNS",
    "SUFFIXES",
    "Candidates",
    "Wanted",
    "predict",
    "ranked_pairs",
    "write_table",
]
