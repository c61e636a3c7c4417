from .predict import SUFFIXES, predict, ranked_pairs, write_table

__all__ = [
    "SUFFIXES",
    "predict",
    "ranked_pairs",
    "write_table",
]
