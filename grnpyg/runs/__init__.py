"""Run directories: the only reader and writer of their files.

Each name is imported when it is first used: manifests and tables of many runs are read without torch.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
