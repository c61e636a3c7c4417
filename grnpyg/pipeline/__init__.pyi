from .complete import Completed, complete, require_folder, write_plan
from .cost import Cost, require_fits
from .gains import gains
from .plan import NetworkOptions, NetworkPlan, make_plan
from .regulons import LIKELY, regulon_edges

__all__ = [
    "LIKELY",
    "Completed",
    "Cost",
    "NetworkOptions",
    "NetworkPlan",
    "complete",
    "gains",
    "make_plan",
    "regulon_edges",
    "require_fits",
    "require_folder",
    "write_plan",
]
