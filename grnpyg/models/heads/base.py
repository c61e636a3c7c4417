"""Base class of heads: `z` of a TF and of a gene -> one logit."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from grnpyg.core.registry import Registry
from grnpyg.models.groups import VECTORS
from grnpyg.models.width_groups import Group, ReadOfZ


@dataclass(frozen=True)
class PairShape:
    """The sizes that a head is built for.

    Attributes:
        tf_channels: width of a TF's z.
        gene_channels: width of a gene's z.
        latent_channels: leading columns of both z that are learned and comparable.
        num_tfs: TFs of the graph.
        num_genes: genes of the graph.
    """

    tf_channels: int
    gene_channels: int
    latent_channels: int
    num_tfs: int
    num_genes: int


class Head(nn.Module, ABC):
    """Base of all heads.

    A subclass takes a `PairShape` and its own options as keyword-only parameters and writes `forward`.

    For `grnpyg prune` it also defines `groups` and `reads_of_z`: which slices of its parameters belong to one
    unit. A width called `hidden_channels` counts hidden units.

    Attributes:
        widths: the options that set the size of the head, for parameter matching, the finest first.
        representation: the modules whose concatenated outputs represent a pair; effective rank is measured
            there.
    """

    widths: ClassVar[tuple[str, ...]] = ()
    representation: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, **options: Any) -> None:
        """A subclass that writes `score_all` or `forward` alone is scored by it, whatever its parent has."""
        super().__init_subclass__(**options)
        if "score_all" in vars(cls) and "all_pairs" not in vars(cls):
            cls.all_pairs = Head.all_pairs  # type: ignore[method-assign]
        if {"forward", "score_all"} & vars(cls).keys() and "all_pairs_bf16" not in vars(cls):
            cls.all_pairs_bf16 = Head.all_pairs_bf16  # type: ignore[method-assign]
        if "forward" in vars(cls) and "many_pairs" not in vars(cls):
            cls.many_pairs = Head.many_pairs  # type: ignore[method-assign]
        if {"forward", "many_pairs"} & vars(cls).keys() and "many_pairs_bf16" not in vars(cls):
            cls.many_pairs_bf16 = Head.many_pairs_bf16  # type: ignore[method-assign]
        if {"forward", "score_all"} & vars(cls).keys() and "retrieval_vectors" not in vars(cls):
            cls.retrieval_vectors = Head.retrieval_vectors  # type: ignore[method-assign]

    @abstractmethod
    def forward(self, z_tf: Tensor, z_gene: Tensor, edge_label_index: Tensor) -> Tensor:
        """Logits of aligned pairs.

        Args:
            z_tf: (num_pairs, tf_channels) z of each pair's TF.
            z_gene: (num_pairs, gene_channels) z of each pair's gene.
            edge_label_index: (2, num_pairs) the ids of the two ends.

        Returns:
            (num_pairs,) raw logits.
        """

    def groups(self) -> tuple[Group, ...]:
        """The width groups of all `widths`; if there are none, the head cannot be pruned."""
        return ()

    def reads_of_z(self) -> tuple[ReadOfZ, ...] | None:
        """Every slice of a parameter that reads columns of z; None: z cannot be pruned under this head."""
        return None

    def terms(self, z_tf: Tensor, z_gene: Tensor, edge_label_index: Tensor) -> dict[str, Tensor]:
        """What the logits of `forward` are the sum of: one term for a head that cannot be taken apart.

        Args:
            z_tf: (num_pairs, tf_channels), see `forward`.
            z_gene: (num_pairs, gene_channels).
            edge_label_index: (2, num_pairs).

        Returns:
            Group of `grnpyg.models.groups` -> (num_pairs,).
        """
        return {VECTORS: self(z_tf, z_gene, edge_label_index)}

    def score_all(self, z_tf: Tensor, z_gene: Tensor, tf_index: Tensor, *, block: int = 1 << 15) -> Tensor:
        """Logits of some TFs with every gene; equals `forward` on those pairs.

        Args:
            z_tf: (num_tfs, tf_channels) z of all TFs.
            z_gene: (num_genes, gene_channels) z of all genes.
            tf_index: (n,) ids of these TFs.
            block: pairs held in memory at a time.

        Returns:
            (n, num_genes).
        """
        num_genes = z_gene.size(0)
        genes = torch.arange(num_genes, device=z_gene.device)
        rows = []
        for tfs in tf_index.split(max(1, block // num_genes)):
            pairs = torch.stack([tfs.repeat_interleave(num_genes), genes.repeat(tfs.numel())])
            logits = [self(z_tf[p[0]], z_gene[p[1]], p) for p in pairs.split(block, dim=1)]
            rows.append(torch.cat(logits).view(tfs.numel(), num_genes))
        return torch.cat(rows)

    def all_pairs(self, z_tf: Tensor, z_gene: Tensor) -> Callable[[Tensor], Tensor]:
        """`score_all` for many calls on the same vectors: what a head can do once for all, it does here.

        Args:
            z_tf: (num_tfs, tf_channels) z of all TFs.
            z_gene: (num_genes, gene_channels) z of all genes.

        Returns:
            (n,) ids of some TFs -> (n, num_genes) logits, as long as the weights stay as they are.
        """
        return lambda tf_index: self.score_all(z_tf, z_gene, tf_index)

    def all_pairs_bf16(self, z_tf: Tensor, z_gene: Tensor) -> Callable[[Tensor], Tensor]:
        """`all_pairs` with matrix products in bf16, where a head has something to gain by it; float32 else.

        The logits are float32 and differ from those of `all_pairs` by the rounding of bf16, which keeps 8
        bits of a number.
        """
        return self.all_pairs(z_tf, z_gene)

    @classmethod
    def gains_by_bf16(cls) -> bool:
        """Whether `all_pairs_bf16` is another computation than `all_pairs`."""
        return cls.all_pairs_bf16 is not Head.all_pairs_bf16

    def many_pairs(self, z_tf: Tensor, z_gene: Tensor) -> Callable[[Tensor], Tensor]:
        """`forward` for many more pairs than there are nodes, see `all_pairs`.

        Returns:
            (2, num_pairs) ids -> (num_pairs,) logits.
        """
        return lambda pairs: self(z_tf[pairs[0]], z_gene[pairs[1]], pairs)

    def many_pairs_bf16(self, z_tf: Tensor, z_gene: Tensor) -> Callable[[Tensor], Tensor]:
        """`many_pairs` with matrix products in bf16, see `all_pairs_bf16`."""
        return self.many_pairs(z_tf, z_gene)

    def retrieval_vectors(self, z_tf: Tensor, z_gene: Tensor) -> tuple[Tensor, Tensor] | None:
        """One vector for each node whose inner products are the logits; None: this head has none.

        A head gives them where its logit is an inner product, so that the best genes of a TF are found by
        a matrix product or in an index of vectors. A temperature divides the vectors of the TFs. Biases are
        two more columns: the bias of the TF beside 1, and 1 beside the bias of the gene.

        Args:
            z_tf: (num_tfs, tf_channels) z of all TFs.
            z_gene: (num_genes, gene_channels) z of all genes.

        Returns:
            (num_tfs, d) and (num_genes, d) in float32; `vectors[0] @ vectors[1].t()` equals `score_all` but
            for rounding.
        """
        return None


heads: Registry[Head] = Registry("head", Head)
