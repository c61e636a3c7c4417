from .batches import Batch, Batches
from .fit import fit
from .prepare import Prepared, prepare
from .ranks import joined
from .together import fit_together, train_together, why_alone
from .train import TrainOptions, follow, train

__all__ = [
    "Batch",
    "Batches",
    "Prepared",
    "TrainOptions",
    "fit",
    "fit_together",
    "follow",
    "joined",
    "prepare",
    "train",
    "train_together",
    "why_alone",
]
