from .complete import Completed, complete, write_plan
from .cost import Cost, require_fits
from .gains import gains
from .plan import NetworkOptions, NetworkPlan, make_plan

__all__ = [
    "Completed",
    "Cost",
    "NetworkOptions",
    "NetworkPlan",
    "complete",
    "gains",
    "make_plan",
    "require_fits",
    "write_plan",
]
