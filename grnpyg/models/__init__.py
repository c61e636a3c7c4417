"""Models and baselines: everything that scores a TF -> gene pair, and the parts that they are made of."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
