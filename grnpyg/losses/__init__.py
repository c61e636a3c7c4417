"""Training losses, one file each."""

from grnpyg.losses.base import Loss, losses
from grnpyg.losses.bce import BinaryCrossEntropy
from grnpyg.losses.focal import Focal
from grnpyg.losses.info_nce import InfoNCE
from grnpyg.losses.margin import Margin
from grnpyg.losses.squared_error import SquaredError

__all__ = ["BinaryCrossEntropy", "Focal", "InfoNCE", "Loss", "Margin", "SquaredError", "losses"]
