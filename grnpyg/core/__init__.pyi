from . import precision
from .config import ExperimentConfig, PruneConfig
from .config_file import override, read_yaml
from .errors import DataWarning, GrnpygError, InputError, LeakageError, clean, unknown, warned
from .files import check_output, require_other, sha256, write_text
from .json_text import json_text
from .launch import EndedElsewhereError, agreed_devices, launched
from .registry import Registry
from .stopping import Stopped, stoppable
from .tables import TABLE_SUFFIXES, write_table

__all__ = [
    "TABLE_SUFFIXES",
    "DataWarning",
    "EndedElsewhereError",
    "ExperimentConfig",
    "GrnpygError",
    "InputError",
    "LeakageError",
    "PruneConfig",
    "Registry",
    "Stopped",
    "agreed_devices",
    "check_output",
    "clean",
    "json_text",
    "launched",
    "override",
    "precision",
    "read_yaml",
    "require_other",
    "sha256",
    "stoppable",
    "unknown",
    "warned",
    "write_table",
    "write_text",
]
