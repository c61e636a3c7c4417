"""Studies: a grid of configs that is trained in parallel, kept by config hash, and read as tables."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
