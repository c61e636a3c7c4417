"""Run directories: the only reader and writer of their files.

Manifest and tables are read without torch; whatever needs torch is imported when it is asked for.
"""

from typing import TYPE_CHECKING, Any

from grnpyg.runs.manifest import Manifest, sha256
from grnpyg.runs.tables import read_epochs, read_metrics, read_predictions

if TYPE_CHECKING:
    from grnpyg.runs.run import FILES, OPTIMIZER, Run, state_dict_for_file, write_run

__all__ = [
    "FILES",
    "OPTIMIZER",
    "Manifest",
    "Run",
    "read_epochs",
    "read_metrics",
    "read_predictions",
    "sha256",
    "state_dict_for_file",
    "write_run",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from grnpyg.runs import run  # torch takes seconds, and tables of many runs do not need it

    return getattr(run, name)
