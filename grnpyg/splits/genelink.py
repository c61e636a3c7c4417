"""GENELink's scheme of dividing a BEELINE network and drawing negatives."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch_geometric.data import HeteroData

from grnpyg.core.config import SPARED
from grnpyg.core.errors import InputError
from grnpyg.core.seeding import numpy_generator
from grnpyg.data.graph import ENCODED_BY, GENE, REGULATES, TF, num_nodes
from grnpyg.splits.alternatives import Alternative, TooFewError, options
from grnpyg.splits.base import Splitter, splits
from grnpyg.splits.leakage import COLD_IN_UNIVERSE, FALSE_NEGATIVE, HELD_OUT_IN_TRAINING
from grnpyg.splits.link_split import LinkSplit
from grnpyg.splits.messages import with_messages
from grnpyg.splits.transductive import TransductiveSplit, ways

SUBSETS = ("train", "validation", "test")
COIN = 0.5  # that the only target of a TF is trained on
TRAIN, VALIDATION = 0.67, 0.1  # of the scheme `hard`

Scheme = Literal["density", "density_apart", "hard"]
Chosen = dict[str, NDArray[np.bool_]]  # subset -> (num_tfs, num_genes)


@splits.register("genelink")
class GenelinkSplit(Splitter):
    """Divide the targets of every TF separately; the negatives belong to the split (Chen and Liu 2022).

    This follows `Code/Train_Test_Split.py` of github zpliulab/GENELink @4eb816a. In every scheme a TF with a
    single target is assigned to training or test at random, so the test has nodes without any training edge
    (`cold-in-universe`). The negatives are the setting `given`, in evaluation and as training sampler. Those
    of training are drawn from what no label names, so that they avoid the edges of the test
    (`negatives-spare-held-out`).

    `density` (its `train_val_test_set`, for STRING, Non-Specific and Lofgof): of a TF's n targets
    floor(2n/3) are for training, the rest for the test, and a fifth of the former, rounded down, for
    validation. As many negatives as positives for each TF in training and in validation, among all genes.
    The test has `floor(P / density) - P` negatives for its P positives: each is a random
    TF of the universe, even one without targets, and then a random gene. The program means to exclude the
    training pairs but compares pairs with triples. So about a sixth of the training edges are in the test
    with label 0 (`false-negative`, `held-out-in-training`).

    `density_apart`: the same, but no test negative is a known edge or in another subset.

    `hard` (its `Hard_Negative_Specific_train_test_val`, for Specific): int(.67 n) targets of a TF for
    training, up to int(.77 n) for validation, the rest for the test; and all unlabelled genes of every TF
    that has a target, divided in the same way. The splits that GENELink, GNNLink and scGREAT share are of
    this kind.

    One thing differs. If a TF has two targets, the one for training is chosen at random here, and by the
    order of the file in `train_val_test_set`. The universe is that of the graph: to include the TFs without
    targets that GENELink lists in `TF.csv`, set `data.listed_tfs`.

    Args:
        scheme: see above.
        density: of the schemes by density; default: known edges over TFs with an edge x genes with an edge,
            as BEELINE counts it. GENELink keeps a table of rounded values.
        acknowledge_leaks: must be set to true.
    """

    def __init__(
        self,
        *,
        scheme: Scheme = "density",
        density: float | None = None,
        acknowledge_leaks: bool = False,
    ) -> None:
        self.leaks: tuple[str, ...] = (COLD_IN_UNIVERSE, SPARED)
        if scheme == "density":
            self.leaks += (FALSE_NEGATIVE, HELD_OUT_IN_TRAINING)
        if not acknowledge_leaks:
            raise InputError(
                f"this split is known to leak ({', '.join(self.leaks)}) and exists to compare with published "
                "numbers",
                where="split genelink",
                fix="set split.acknowledge_leaks to true, or use the split `transductive`",
            )
        if density is not None and (scheme == "hard" or not 0 < density < 1):
            raise InputError(
                f"density {density:g}",
                where="split genelink",
                fix="a number between 0 and 1, for the schemes by density",
            )
        self.scheme, self.density = scheme, density

    def alternatives(self) -> Iterable[Alternative]:
        """A larger density, another scheme, then the transductive split."""
        schemes: tuple[Scheme, ...] = (self.scheme, "density_apart", "hard")
        for scheme in dict.fromkeys(schemes):
            given: dict[str, object] = {} if scheme == self.scheme else {"scheme": scheme}
            if scheme == "hard":
                given |= {} if self.density is None else {"density": "null"}
                yield options(**given), GenelinkSplit(scheme=scheme, acknowledge_leaks=True)
                continue
            for density in (self.density, 0.1, 0.2, 0.3, 0.4, 0.5):
                chosen = given if density == self.density else {**given, "density": density}
                yield options(**chosen), GenelinkSplit(scheme=scheme, density=density, acknowledge_leaks=True)
        yield from ways(TransductiveSplit(), name="transductive")

    def divide(self, data: HeteroData, seed: int) -> LinkSplit:
        """See `Splitter.split`.

        Raises:
            InputError: a subset without a positive or a negative, or a TF without enough unlabelled genes.
        """
        known, own = (_matrix(data, data[edges].edge_index) for edges in (REGULATES, ENCODED_BY))
        rng = numpy_generator(seed, "split")
        positives, negatives = self._draw(known, ~known & ~own, rng)
        for name in SUBSETS:
            if not (positives[name].any() and negatives[name].any()):
                raise TooFewError(
                    f"the {name} subset of the split lacks a class ({known.sum():,} edges in all)",
                    where="split genelink",
                )
        tfs = np.flatnonzero(known.any(axis=1)) if self.scheme == "hard" else np.arange(len(known))
        train = _pairs(positives["train"])
        return LinkSplit(
            with_messages(data, train),
            {name: _pairs(chosen) for name, chosen in positives.items()},
            {TF: torch.from_numpy(tfs), GENE: torch.arange(known.shape[1])},
            0,
            train.new_empty(2, 0),
            {name: _pairs(chosen) for name, chosen in negatives.items()},
            self.leaks,
            regime="given",
        )

    def _draw(
        self, known: NDArray[np.bool_], free: NDArray[np.bool_], rng: np.random.Generator
    ) -> tuple[Chosen, Chosen]:
        """Positives and negatives of every subset, from the known and the unlabelled pairs of each TF."""
        positives, negatives = ({subset: np.zeros_like(known) for subset in SUBSETS} for _ in range(2))
        for tf in np.flatnonzero(known.any(axis=1)):
            targets, others = (rng.permutation(np.flatnonzero(row[tf])) for row in (known, free))
            sizes = _thirds(targets.size) if self.scheme != "hard" else _by_ratio(targets.size)
            if targets.size == 1:
                sizes = (1, 0, 0) if rng.uniform() <= COIN else (0, 0, 1)
            drawn = _by_ratio(others.size) if self.scheme == "hard" else (*sizes[:2], 0)
            if sum(drawn) > others.size:
                raise TooFewError(
                    f"a TF with {targets.size:,} targets has {others.size:,} unlabelled genes, "
                    f"{sum(drawn):,} are needed",
                    where="split genelink",
                )
            for chosen, genes, counts in ((positives, targets, sizes), (negatives, others, drawn)):
                for subset, some in zip(SUBSETS, np.split(genes, np.cumsum(counts))[:3], strict=True):
                    chosen[subset][tf, some] = True
        if self.scheme != "hard":
            taken = [positives["test"], positives["validation"], negatives["validation"]]
            if self.scheme == "density_apart":
                taken += [positives["train"], negatives["train"]]
            candidates = (known | free) & ~np.logical_or.reduce(taken)
            negatives["test"] = self._test_negatives(known, candidates, int(positives["test"].sum()), rng)
        return positives, negatives

    def _test_negatives(
        self,
        known: NDArray[np.bool_],
        candidates: NDArray[np.bool_],
        positives: int,
        rng: np.random.Generator,
    ) -> NDArray[np.bool_]:
        """(num_tfs, num_genes) True for a negative: a random TF, then one of its candidates."""
        density = self.density or known.sum() / (known.any(axis=1).sum() * known.any(axis=0).sum())
        wanted = np.bincount(
            rng.integers(len(known), size=int(positives // density - positives)), minlength=len(known)
        )
        chosen = np.zeros_like(known)
        for tf in np.flatnonzero(wanted):
            genes = np.flatnonzero(candidates[tf])
            if wanted[tf] > genes.size:
                raise TooFewError(
                    f"density {density:.3g} asks for {wanted[tf]:,} test negatives of a TF that has "
                    f"{genes.size:,} candidates",
                    where="split genelink",
                )
            chosen[tf, rng.choice(genes, wanted[tf], replace=False)] = True
        return chosen


def _thirds(num: int) -> tuple[int, int, int]:
    """How many of a TF's targets each subset gets: two thirds to fit, a fifth of them to validate."""
    fit = num * 2 // 3
    return fit - fit // 5, fit // 5, num - fit


def _by_ratio(num: int) -> tuple[int, int, int]:
    """How many of a TF's targets, or of its unlabelled genes, each subset gets."""
    first, second = int(num * TRAIN), int(num * (TRAIN + VALIDATION))
    return first, second - first, num - second


def _matrix(data: HeteroData, pairs: Tensor) -> NDArray[np.bool_]:
    """(num_tfs, num_genes) True for these pairs."""
    matrix = np.zeros(num_nodes(data), bool)
    matrix[*pairs.numpy()] = True
    return matrix


def _pairs(chosen: NDArray[np.bool_]) -> Tensor:
    """(2, num_pairs) ids of the entries that are True, row by row."""
    return torch.from_numpy(np.stack(chosen.nonzero()))
