"""Base class of node encoders: graph -> one vector `z` per TF and per gene."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from torch import Tensor, nn
from torch_geometric.data import HeteroData

from grnpyg.core.registry import Registry
from grnpyg.data.graph import GENE, TF
from grnpyg.models.width_groups import Group


class NodeEncoder(nn.Module, ABC):
    """Base of all node encoders.

    A subclass takes the graph and its own options as keyword-only parameters, passes the widths of `z` to
    `super().__init__` and writes `forward`:

        class MyEncoder(NodeEncoder):
            def __init__(self, data, *, hidden_channels: int = 64):
                super().__init__(out_channels=hidden_channels)

    Args:
        out_channels: width of `z`, one number or one per node type.
        latent_channels: how many leading columns of `z` are learned and comparable between node types; only
            these enter a product of the two ends. The columns after them are features passed through.
            Default: all.

    For `grnpyg prune` it also defines `groups`: which slices of its parameters belong to one unit of each
    width. A width called `hidden_channels` counts hidden units; any other width counts columns of z.

    Attributes:
        uses_messages: whether `forward` reads edges. If so, a training batch is encoded on a graph without
            the edges being scored. Set it to False only for an encoder that reads no edge.
        widths: the options that set the size of the model, for parameter matching.
    """

    uses_messages: ClassVar[bool] = True
    widths: ClassVar[tuple[str, ...]] = ()

    def __init__(self, out_channels: int | dict[str, int], latent_channels: int | None = None) -> None:
        super().__init__()
        self.out_channels = (
            dict(out_channels) if isinstance(out_channels, dict) else {TF: out_channels, GENE: out_channels}
        )
        self.latent_channels = min(self.out_channels.values()) if latent_channels is None else latent_channels

    @abstractmethod
    def forward(self, data: HeteroData) -> dict[str, Tensor]:
        """Encode every node.

        Returns:
            Node type -> z, shape (num_nodes, out_channels[node type]).
        """

    @classmethod
    def neighbours_needed(cls, options: dict[str, Any]) -> int:
        """How many co-expressed genes of each gene the graph must hold as edges `coexpressed`; 0: none.

        Args:
            options: all of the encoder's options.
        """
        return 0

    def groups(self) -> tuple[Group, ...]:
        """The width groups of all `widths`; if there are none, the encoder cannot be pruned.

        A group of learned columns of z (those below `latent_channels`) holds them for both node types.
        """
        return ()

    def encode_pairs(self, data: HeteroData, edge_label_index: Tensor) -> tuple[Tensor, Tensor]:
        """`z` of both ends of some pairs.

        An encoder whose `z` of a node does not depend on other nodes overrides this to encode only the
        nodes asked for; the result must equal this plain path.

        Args:
            data: the graph.
            edge_label_index: (2, num_pairs).

        Returns:
            (num_pairs, tf channels) and (num_pairs, gene channels).
        """
        z = self(data)
        tf, gene = edge_label_index
        # unlike z[...], index_select has a deterministic gradient on the CPU
        return z[TF].index_select(0, tf), z[GENE].index_select(0, gene)


encoders: Registry[NodeEncoder] = Registry("encoder", NodeEncoder)
