from .predict import predict, ranked_pairs, write_table

__all__ = [
    "predict",
    "ranked_pairs",
    "write_table",
]
