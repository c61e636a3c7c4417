"""Training losses, one file each."""

from grnpyg.models.losses.base import Loss, losses
from grnpyg.models.losses.bce import BinaryCrossEntropy
from grnpyg.models.losses.focal import Focal
from grnpyg.models.losses.info_nce import InfoNCE
from grnpyg.models.losses.margin import Margin
from grnpyg.models.losses.squared_error import SquaredError

__all__ = ["BinaryCrossEntropy", "Focal", "InfoNCE", "Loss", "Margin", "SquaredError", "losses"]
