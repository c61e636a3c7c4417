"""grnpyg: complete gene regulatory networks with dual and cross encoders, compared at equal size."""

from grnpyg.core.version import __version__

__all__ = ["__version__"]
