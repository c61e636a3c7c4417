"""Models and baselines that score TF -> gene pairs, and their components."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
