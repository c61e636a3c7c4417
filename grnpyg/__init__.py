"""Complete gene regulatory networks: dual and cross encoders compared at equal size, beside node degree.

The names are in `__init__.pyi`; each is imported when it is first used, so that `import grnpyg` is fast.

Example:
    >>> import grnpyg as gp
    >>> grn = gp.build_grn(None, {"STAT1": ["IRF1", "CXCL10"], "GATA1": ["HBB"]})
"""

import lazy_loader

from grnpyg.core.version import __version__

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
__all__ = [*__all__, "__version__"]
