"""Node encoders, one file each."""

from grnpyg.models.encoders.attention import AttentionEncoder
from grnpyg.models.encoders.base import NodeEncoder, encoders
from grnpyg.models.encoders.gat import GATEncoder
from grnpyg.models.encoders.gcn import GCNEncoder
from grnpyg.models.encoders.gin import GINEncoder
from grnpyg.models.encoders.hgt import HGTEncoder
from grnpyg.models.encoders.lightgcn import LightGCNEncoder
from grnpyg.models.encoders.lookup import LookupEncoder
from grnpyg.models.encoders.message_passing import MessagePassingEncoder
from grnpyg.models.encoders.mlp import MLPEncoder
from grnpyg.models.encoders.none import NoEncoder
from grnpyg.models.encoders.rgcn import RGCNEncoder
from grnpyg.models.encoders.sage import SAGEEncoder
from grnpyg.models.encoders.transformer import TransformerEncoder

__all__ = [
    "AttentionEncoder",
    "GATEncoder",
    "GCNEncoder",
    "GINEncoder",
    "HGTEncoder",
    "LightGCNEncoder",
    "LookupEncoder",
    "MLPEncoder",
    "MessagePassingEncoder",
    "NoEncoder",
    "NodeEncoder",
    "RGCNEncoder",
    "SAGEEncoder",
    "TransformerEncoder",
    "encoders",
]
