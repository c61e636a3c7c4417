"""A config against the registries: checked, completed, and named by what differs from the defaults."""

from grnpyg.resolve.canonical import canonical, config_hash
from grnpyg.resolve.changes import DEFAULTS, difference, merge
from grnpyg.resolve.check import make_config, prune_step, teacher_configs
from grnpyg.resolve.earlier import earlier_hash, known_hashes

__all__ = [
    "DEFAULTS",
    "canonical",
    "config_hash",
    "difference",
    "earlier_hash",
    "known_hashes",
    "make_config",
    "merge",
    "prune_step",
    "teacher_configs",
]
