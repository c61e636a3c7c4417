"""Training losses, one file each."""

from grnpyg.models.losses.base import EpochPairs, Loss, losses
from grnpyg.models.losses.bce import BinaryCrossEntropy
from grnpyg.models.losses.bpr import BPR
from grnpyg.models.losses.degree_debiased import DegreeDebiased
from grnpyg.models.losses.focal import Focal
from grnpyg.models.losses.info_nce import InfoNCE
from grnpyg.models.losses.listwise import Listwise
from grnpyg.models.losses.margin import Margin
from grnpyg.models.losses.squared_error import SquaredError
from grnpyg.models.losses.two_way_info_nce import TwoWayInfoNCE

__all__ = [
    "BPR",
    "BinaryCrossEntropy",
    "DegreeDebiased",
    "EpochPairs",
    "Focal",
    "InfoNCE",
    "Listwise",
    "Loss",
    "Margin",
    "SquaredError",
    "TwoWayInfoNCE",
    "losses",
]
