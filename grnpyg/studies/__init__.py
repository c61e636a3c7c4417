"""Studies: a grid of configs that is trained in parallel, stored by config hash, and read as tables.

The names are in `__init__.pyi`. Each is imported when it is first used: `study status` starts without torch.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
