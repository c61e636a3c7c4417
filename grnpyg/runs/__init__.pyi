from .draws import epoch_pairs
from .manifest import Manifest
from .run import FILES, OPTIMIZER, Run, copy_run, state_dict_for_file, write_run
from .tables import read_epochs, read_metrics, read_predictions

__all__ = [
    "FILES",
    "OPTIMIZER",
    "Manifest",
    "Run",
    "copy_run",
    "epoch_pairs",
    "read_epochs",
    "read_metrics",
    "read_predictions",
    "state_dict_for_file",
    "write_run",
]
