"""A config against the registries: checked, completed, and named by what differs from the defaults."""

from grnpyg.resolve.canonical import canonical, config_hash
from grnpyg.resolve.check import make_config, prune_step
from grnpyg.resolve.earlier import earlier_hash, known_hashes

__all__ = [
    "canonical",
    "config_hash",
    "earlier_hash",
    "known_hashes",
    "make_config",
    "prune_step",
]
