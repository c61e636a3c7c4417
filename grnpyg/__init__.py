"""grnpyg: complete gene regulatory networks with dual and cross encoders, compared at equal size."""

__version__ = "0.1.0"
