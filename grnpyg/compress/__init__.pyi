from .curve import curve
from .effective_rank import RankOptions, effective_rank
from .prune import prune
from .report import Reference, beside, compression

__all__ = [
    "RankOptions",
    "Reference",
    "beside",
    "compression",
    "curve",
    "effective_rank",
    "prune",
]
