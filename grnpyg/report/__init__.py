"""Reports as one HTML file, and figures: of a network, of a run and of a study."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
