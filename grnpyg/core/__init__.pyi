from .config import ExperimentConfig, PruneConfig
from .config_file import override, read_yaml
from .errors import GrnpygError, InputError, LeakageError, unknown
from .registry import Registry

__all__ = [
    "ExperimentConfig",
    "GrnpygError",
    "InputError",
    "LeakageError",
    "PruneConfig",
    "Registry",
    "override",
    "read_yaml",
    "unknown",
]
