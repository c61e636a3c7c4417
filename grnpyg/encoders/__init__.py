"""Node encoders, one file each."""

from grnpyg.encoders.attention import AttentionEncoder
from grnpyg.encoders.base import NodeEncoder, encoders
from grnpyg.encoders.gat import GATEncoder
from grnpyg.encoders.gcn import GCNEncoder
from grnpyg.encoders.gin import GINEncoder
from grnpyg.encoders.hgt import HGTEncoder
from grnpyg.encoders.lightgcn import LightGCNEncoder
from grnpyg.encoders.lookup import LookupEncoder
from grnpyg.encoders.message_passing import MessagePassingEncoder
from grnpyg.encoders.mlp import MLPEncoder
from grnpyg.encoders.rgcn import RGCNEncoder
from grnpyg.encoders.sage import SAGEEncoder
from grnpyg.encoders.transformer import TransformerEncoder

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
    "NodeEncoder",
    "RGCNEncoder",
    "SAGEEncoder",
    "TransformerEncoder",
    "encoders",
]
