"""The predictor: a node encoder and a head, with an optional structure term."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import UninitializedParameter
from torch_geometric.data import HeteroData

from grnpyg.core.errors import InputError
from grnpyg.core.precision import Precision
from grnpyg.core.registry import Registry
from grnpyg.core.seeding import forked
from grnpyg.data.graph import GENE, TF, num_nodes
from grnpyg.models.encoders import NodeEncoder, encoders
from grnpyg.models.heads import Head, PairShape, heads
from grnpyg.models.structure import StructureTerm, combined

WEIGHTS = 1 << 32  # numbers of one layer, 16 GiB


class PairModel(nn.Module):
    """Logits of TF -> gene pairs: `head(encoder(graph))`, plus the structure term if there is one."""

    def __init__(self, encoder: NodeEncoder, head: Head, structure: StructureTerm | None = None) -> None:
        super().__init__()
        self.encoder, self.head, self.structure = encoder, head, structure

    @property
    def reads_messages(self) -> bool:
        """Whether a logit depends on message edges."""
        return self.structure is not None or self.encoder.uses_messages

    @property
    def outputs(self) -> tuple[str, ...]:
        """The kinds of negatives that the model has an output for; empty: it has a single output."""
        return () if self.structure is None else self.structure.outputs

    def forward(self, data: HeteroData, edge_label_index: Tensor, output: Tensor | None = None) -> Tensor:
        """Scores of pairs, which are logits: (2, num_pairs) -> (num_pairs,).

        Args:
            data: the graph.
            edge_label_index: (2, num_pairs).
            output: (num_pairs,) the number of the output asked for; None: the score of them all.
        """
        z_tf, z_gene = self.encoder.encode_pairs(data, edge_label_index)
        logits = self.logits(self.head(z_tf, z_gene, edge_label_index), data, edge_label_index)
        if output is None:
            return combined(logits, self.outputs)
        return logits.gather(1, output.unsqueeze(1)).squeeze(1)

    def logits(self, of_head: Tensor, data: HeteroData, edge_label_index: Tensor) -> Tensor:
        """(num_pairs, num_outputs) of pairs whose logits by the head are (num_pairs,)."""
        logits = of_head.unsqueeze(-1)
        return logits if self.structure is None else logits + self.structure(data, edge_label_index)

    @torch.no_grad()
    def encode(self, data: HeteroData) -> dict[str, Tensor]:
        """The vectors of all nodes for the scoring methods, without gradients and dropout."""
        with evaluating(self):
            z: dict[str, Tensor] = self.encoder(data)
        return z

    @torch.no_grad()
    def score(
        self,
        data: HeteroData,
        edge_label_index: Tensor,
        *,
        z: dict[str, Tensor] | None = None,
        block: int = 1 << 15,
    ) -> Tensor:
        """Scores without gradients, dropout off, in blocks of pairs; on the CPU, (num_pairs,).

        Args:
            data: the graph.
            edge_label_index: (2, num_pairs).
            z: from `encode`, if the graph is encoded already.
            block: pairs scored at a time.
        """
        return self.scores(data, edge_label_index, z=z, block=block)[:, 0]

    @torch.no_grad()
    def scores(
        self,
        data: HeteroData,
        edge_label_index: Tensor,
        *,
        z: dict[str, Tensor] | None = None,
        of_head: Callable[[Tensor], Tensor] | None = None,
        block: int = 1 << 15,
    ) -> Tensor:
        """`score` and the logit of every output, (num_pairs, 1 + outputs); `of_head` is from `many_pairs`."""
        z = self.encode(data) if z is None else z
        of_head = Head.many_pairs(self.head, z[TF], z[GENE]) if of_head is None else of_head
        with evaluating(self):
            blocks = [
                self.logits(of_head(pairs), data, pairs)
                for pairs in edge_label_index.to(z[TF].device).split(block, dim=1)
            ]
            return self._every_output(torch.cat(blocks))

    def score_each(
        self, data: HeteroData, edge_label_indices: Sequence[Tensor], *, block: int = 1 << 15
    ) -> list[Tensor]:
        """`score` of several sets of pairs; the graph is encoded once."""
        z = self.encode(data)
        return [self.score(data, pairs, z=z, block=block) for pairs in edge_label_indices]

    @torch.no_grad()
    def all_pairs(self, z: dict[str, Tensor], precision: Precision = "fp32") -> Callable[[Tensor], Tensor]:
        """What the head can do once for all pairs, see `Head.all_pairs`; for `score_blocks`.

        Args:
            z: from `encode`.
            precision: `bf16`: see `Head.all_pairs_bf16`.
        """
        with evaluating(self):
            make = self.head.all_pairs_bf16 if precision == "bf16" else self.head.all_pairs
            return make(z[TF], z[GENE])

    @torch.no_grad()
    def many_pairs(self, z: dict[str, Tensor], precision: Precision = "fp32") -> Callable[[Tensor], Tensor]:
        """The same for `scores` of many pairs, see `Head.many_pairs`."""
        with evaluating(self):
            make = self.head.many_pairs_bf16 if precision == "bf16" else self.head.many_pairs
            return make(z[TF], z[GENE])

    @torch.no_grad()
    def retrieval_vectors(self, z: dict[str, Tensor]) -> tuple[Tensor, Tensor] | None:
        """What the head has, see `Head.retrieval_vectors`; their products are without the structure term."""
        with evaluating(self):
            return self.head.retrieval_vectors(z[TF], z[GENE])

    @torch.no_grad()
    def score_blocks(
        self,
        data: HeteroData,
        tfs: Tensor | None = None,
        *,
        z: dict[str, Tensor] | None = None,
        of_head: Callable[[Tensor], Tensor] | None = None,
        tfs_per_block: int,
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Score some TFs (n,), or all, with every gene, a few TFs at a time.

        Args:
            data: the graph.
            tfs: (n,) ids; None: all.
            z: from `encode`, if the graph is encoded already.
            of_head: from `all_pairs`, for many calls on the same graph.
            tfs_per_block: TFs scored at a time.

        Yields:
            (m,) TF ids and (m, num_genes, 1 + outputs) scores, on the CPU, see `scores`.
        """
        z = self.encode(data) if z is None else z
        of_head = self.all_pairs(z) if of_head is None else of_head
        with evaluating(self):
            wanted = torch.arange(z[TF].size(0)) if tfs is None else tfs
            for some in wanted.to(z[TF].device).split(tfs_per_block):
                logits = of_head(some).unsqueeze(-1)
                if self.structure is not None:
                    logits = logits + self.structure.score_all(data, some)
                yield some.cpu(), self._every_output(logits)

    def _every_output(self, logits: Tensor) -> Tensor:
        """(..., num_outputs) -> (..., 1 + outputs): the score, then every output; float32 on the CPU."""
        logits = logits.float()
        score = combined(logits, self.outputs).unsqueeze(-1)
        return (torch.cat([score, logits], dim=-1) if self.outputs else score).cpu()

    def num_parameters(self) -> dict[str, int]:
        """Trainable parameters: `total`, `encoder`, `head`, and `structure` if there is such a term."""
        counts = {
            name: sum(p.numel() for p in part.parameters() if p.requires_grad)
            for name, part in self.named_children()
        }
        return {"total": sum(counts.values()), **counts}


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Evaluation mode inside the block; afterwards the mode of every module is restored."""
    training = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, mode in training:
            module.training = mode


def build_model(
    data: HeteroData,
    encoder: dict[str, Any],
    head: dict[str, Any],
    seed: int,
    structure: dict[str, Any] | None = None,
) -> PairModel:
    """Build a predictor from two component specs, initialised from the seed, ready to train.

    Args:
        data: the graph.
        encoder: `{"name": ..., **options}`.
        head: `{"name": ..., **options}`.
        seed: the run's seed; encoder and head draw separately, so that two heads are compared on the same
            initial encoder.
        structure: options of `StructureTerm`; None: no such term.

    Raises:
        InputError: unknown name or option.
    """
    model = assemble(data, encoder, head, seed)
    if structure is not None:
        with forked(seed, "init", "structure"):
            model.structure = StructureTerm(data, **structure)
    return initialised(model, data, seed)


def initialised(model: PairModel, data: HeteroData, seed: int) -> PairModel:
    """The model, after a first pass that initialises its lazy modules, if it has any."""
    if is_lazy(model):
        with forked(seed, "init", "lazy"), torch.no_grad(), evaluating(model):
            model(data, torch.zeros(2, 1, dtype=torch.long))
    return model


def pair_shape(encoder: NodeEncoder, data: HeteroData) -> PairShape:
    """The sizes of a head over this encoder."""
    num_tfs, num_genes = num_nodes(data)
    channels = encoder.out_channels
    return PairShape(channels[TF], channels[GENE], encoder.latent_channels, num_tfs, num_genes)


def require_possible_widths(data: HeteroData, registry: Registry[Any], spec: dict[str, Any]) -> None:
    """Refuse a width at which one vector per node is more than `WEIGHTS` numbers, before memory is taken.

    Raises:
        InputError: such a width.
    """
    nodes = sum(num_nodes(data))
    for name in getattr(registry.get(spec["name"]), "widths", ()):
        width = spec.get(name)
        if isinstance(width, int) and width * nodes > WEIGHTS:
            raise InputError(
                f"{name} {width:,} times {nodes:,} nodes is more than fits in memory",
                where=f"{registry.kind} {spec['name']}",
                fix=f"use at most {max(1, WEIGHTS // nodes):,}",
            )


def assemble(data: HeteroData, encoder: dict[str, Any], head: dict[str, Any], seed: int) -> PairModel:
    """`build_model` without the first pass that initialises lazy modules."""
    require_possible_widths(data, encoders, encoder)
    require_possible_widths(data, heads, head)
    with forked(seed, "init", "encoder"):
        enc = encoders.build_from(encoder, data)
    with forked(seed, "init", "head"):
        return PairModel(enc, heads.build_from(head, pair_shape(enc, data)))


def is_lazy(model: nn.Module) -> bool:
    """Whether some parameters exist only after a first pass."""
    return any(isinstance(parameter, UninitializedParameter) for parameter in model.parameters())
