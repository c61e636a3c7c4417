"""Figures as functions: each takes a table or a run, draws on matplotlib's Axes, and returns them.

Example:
    >>> import grnpyg as gp
    >>> run = gp.load("runs/1f0c5d2a9b3e")  # doctest: +SKIP
    >>> gp.pl.roc(run).figure.savefig("roc.pdf")  # doctest: +SKIP
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
