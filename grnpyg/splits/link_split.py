"""The data structure of a split: the message graph of training positives, and held-out pairs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import torch
from torch import Tensor
from torch_geometric.data import HeteroData

from grnpyg.core.files import sha256_of
from grnpyg.data.graph import ENCODED_BY, GENE, TF, pair_codes


@dataclass(frozen=True)
class LabelledPairs:
    """Candidate pairs with labels.

    Attributes:
        edge_label_index: (2, num_pairs) TF and gene ids.
        edge_label: (num_pairs,) 1.0 for a known edge, 0.0 for an unlabelled pair taken as negative.
        output: (num_pairs,) the number of the output that learns from the pair, where a model has one for
            each kind of training negatives; None: the pairs are for the score itself.
    """

    edge_label_index: Tensor
    edge_label: Tensor
    output: Tensor | None = None

    @classmethod
    def join(cls, positives: Tensor, negatives: Tensor) -> LabelledPairs:
        """Positives (2, P) then negatives (2, N)."""
        label = torch.cat([torch.ones(positives.size(1)), torch.zeros(negatives.size(1))])
        return cls(torch.cat([positives, negatives], dim=1), label)

    @property
    def positives(self) -> Tensor:
        """(2, P) the pairs labelled 1."""
        return self.edge_label_index[:, self.edge_label > 0.5]

    @property
    def negatives(self) -> Tensor:
        """(2, N) the pairs labelled 0."""
        return self.edge_label_index[:, self.edge_label < 0.5]

    def digest(self) -> str:
        """SHA-256 of the pairs and labels: equal digests mean that the same pairs were scored."""
        content = self.edge_label_index.numpy().tobytes() + self.edge_label.numpy().tobytes()
        return sha256_of(content)


@dataclass(frozen=True)
class LinkSplit:
    """A message graph whose `regulates` edges are the training positives, and the held-out edges.

    Attributes:
        graph: the message graph, with all nodes.
        positives: subset -> (2, E) known edges. `train` is always there, `validation` where a model
            can be trained, `test` unless another database is to judge; unseen nodes have separate
            subsets, such as `test_cold_tf`.
        warm: node type -> ids, ascending; each has at least one training edge.
        moved_back: how many held-out edges were moved back to training so that every node has one.
        set_aside: (2, E) known edges with a cold end, in no subset.
        unscored: (2, E) training edges of a fold that it does not score: they carry messages or rest.
        negatives: subset -> (2, N) negatives that belong to the split; empty if they are drawn for it.
        leaks: names of the leak checks that the split is known to fail, for reproducing a protocol with its
            faults.
        universes: subset -> (TF ids, gene ids), ascending, of the subsets whose candidates are not warm TF x
            warm gene: each end is all warm or all without a training edge.
        regime: the evaluation setting that `negatives` are for; `uniform` has one per positive.
    """

    graph: HeteroData
    positives: dict[str, Tensor]
    warm: dict[str, Tensor]
    moved_back: int
    set_aside: Tensor
    negatives: dict[str, Tensor] = field(default_factory=dict)
    leaks: tuple[str, ...] = ()
    universes: dict[str, tuple[Tensor, Tensor]] = field(default_factory=dict)
    regime: str = "uniform"
    unscored: Tensor = field(default_factory=lambda: torch.empty(2, 0, dtype=torch.long))

    @property
    def held_out(self) -> tuple[str, ...]:
        """The subsets other than `train`."""
        return tuple(subset for subset in self.positives if subset != "train")

    def universe(self, subset: str) -> tuple[Tensor, Tensor]:
        """(TF ids, gene ids), ascending: the candidates of a subset are their pairs without self-loops."""
        return self.universes.get(subset, (self.warm[TF], self.warm[GENE]))

    @property
    def known(self) -> Tensor:
        """(2, E) every known edge, in a subset, unscored or set aside."""
        return torch.cat([*self.positives.values(), self.unscored, self.set_aside], dim=1)

    def of_training(self) -> LinkSplit:
        """The split as far as training may know it: without any held-out edge, label or subset."""
        return replace(
            self,
            positives={"train": self.positives["train"]},
            set_aside=self.set_aside[:, :0],
            moved_back=0,
            negatives={name: pairs for name, pairs in self.negatives.items() if name == "train"},
            universes={name: ids for name, ids in self.universes.items() if name == "train"},
        )

    def cold(self, node_type: str) -> Tensor:
        """Ids of the nodes outside the warm universe."""
        return (~self._mask(node_type, self.warm[node_type])).nonzero().squeeze(1)

    def is_candidate(self, pairs: Tensor, subset: str = "train") -> Tensor:
        """(num_pairs,) True where both ends are in the subset's universe and the gene is not the TF's own."""
        tf, gene = (
            self._mask(kind, ids) for kind, ids in zip((TF, GENE), self.universe(subset), strict=True)
        )
        own = torch.isin(
            pair_codes(self.graph, pairs), pair_codes(self.graph, self.graph[ENCODED_BY].edge_index)
        )
        return tf[pairs[0]] & gene[pairs[1]] & ~own

    def _mask(self, node_type: str, ids: Tensor) -> Tensor:
        mask = torch.zeros(int(self.graph[node_type].num_nodes), dtype=torch.bool)
        mask[ids] = True
        return mask
