from .fit import fit
from .prepare import Prepared, prepare
from .ranks import joined
from .train import TrainOptions, follow, train

__all__ = [
    "Prepared",
    "TrainOptions",
    "fit",
    "follow",
    "joined",
    "prepare",
    "train",
]
