"""Data: build a graph, with a report, from expression and known edges in files or in memory."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
