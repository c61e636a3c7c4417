from .config import ExperimentConfig, PruneConfig
from .config_file import override, read_yaml
from .errors import DataWarning, GrnpygError, InputError, LeakageError, clean, unknown, warned
from .files import check_output, sha256, write_text
from .registry import Registry
from .stopping import Stopped, stoppable
from .tables import TABLE_SUFFIXES, write_table

__all__ = [
    "TABLE_SUFFIXES",
    "DataWarning",
    "ExperimentConfig",
    "GrnpygError",
    "InputError",
    "LeakageError",
    "PruneConfig",
    "Registry",
    "Stopped",
    "check_output",
    "clean",
    "override",
    "read_yaml",
    "sha256",
    "stoppable",
    "unknown",
    "warned",
    "write_table",
    "write_text",
]
