"""The network: every candidate pair of a run scored, calibrated, ranked and written."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
