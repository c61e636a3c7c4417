from .fit import fit
from .prepare import Prepared, prepare
from .train import TrainOptions, train

__all__ = [
    "Prepared",
    "TrainOptions",
    "fit",
    "prepare",
    "train",
]
