"""Node encoders, one file each."""

from grnpyg.encoders.base import NodeEncoder, encoders
from grnpyg.encoders.lookup import LookupEncoder
from grnpyg.encoders.mlp import MLPEncoder

__all__ = ["LookupEncoder", "MLPEncoder", "NodeEncoder", "encoders"]
