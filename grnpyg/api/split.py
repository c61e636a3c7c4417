"""`split`: the known edges of a GRN divided, with the evaluation pairs that no model may be trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from torch import Tensor

from grnpyg.api.specs import spec_of
from grnpyg.core.arguments import require_list
from grnpyg.core.config import EvaluationConfig, ExperimentConfig
from grnpyg.core.errors import InputError
from grnpyg.data.grn import GRN
from grnpyg.resolve import make_config
from grnpyg.splits import LinkSplit, Splitter, splits
from grnpyg.splits.split_file import Evaluation
from grnpyg.training.prepare import drawn_evaluation

SETTINGS = EvaluationConfig().negatives


@dataclass(frozen=True)
class Split:
    """A GRN whose known edges are divided into training, validation and test.

    Attributes:
        grn: what was divided.
        config: a config with the data, the split and the evaluation pairs of this object.
        pairs: the edges of every subset and the graph of the training edges.
        stored: the evaluation pairs of a run that was loaded; None: they are drawn.
    """

    grn: GRN
    config: ExperimentConfig
    pairs: LinkSplit
    stored: Evaluation | None = None

    @property
    def seed(self) -> int:
        """The seed of the split and of the evaluation pairs."""
        return self.config.data_seed

    @property
    def positives(self) -> Mapping[str, Tensor]:
        """Subset -> (2, E) ids of its known edges."""
        return self.pairs.positives

    @property
    def leaks(self) -> tuple[str, ...]:
        """Names of the leaks that the split has by design; empty unless they were acknowledged."""
        return self.pairs.leaks

    @cached_property
    def evaluation(self) -> Evaluation:
        """Setting -> subset -> pairs with labels, drawn once and kept out of every training on this split."""
        return drawn_evaluation(self.config, self.pairs) if self.stored is None else self.stored

    def same_pairs(self, other: Split) -> bool:
        """Whether training, held-out edges and evaluation pairs are those of another split."""
        ours, theirs = self.positives, other.positives
        if ours.keys() != theirs.keys() or not all(ours[key].equal(theirs[key]) for key in ours):
            return False
        return self._digests() == other._digests()

    def _digests(self) -> set[tuple[str, str, str]]:
        return {
            (setting, subset, pairs.digest())
            for setting, subsets in self.evaluation.items()
            for subset, pairs in subsets.items()
        }

    def __repr__(self) -> str:
        sizes = ", ".join(f"{subset} {edges.size(1):,}" for subset, edges in self.positives.items())
        return f"Split({self.config.split['name']}, seed {self.seed}: {sizes} edges)"


def split(
    grn: GRN,
    how: str | type[Splitter] | Mapping[str, Any] = "transductive",
    *,
    seed: int = 42,
    negatives: Sequence[str] = SETTINGS,
    ratio: float = 1.0,
    **options: Any,
) -> Split:
    """Divide the known edges of a GRN; what leaks is refused by the name of the leak.

    Args:
        grn: from `build_grn`.
        how: the kind of split: a name of `grnpyg list splits`, a class, or `{"name": ..., option: ...}`.
        seed: the same seed gives the same split and the same evaluation pairs.
        negatives: the settings to evaluate in, each a kind of negatives.
        ratio: evaluation negatives per positive.
        options: of the split, for example `val_ratio=0.1`.

    Raises:
        InputError: an unknown name or option, or a subset that would be empty.
        LeakageError: the split breaks one of its promises.

    Example:
        >>> import grnpyg as gp
        >>> gp.split(gp.build_grn(), val_ratio=0.1, test_ratio=0.1, seed=0)  # doctest: +SKIP
        Split(transductive, seed 0: train 26,775, validation 2,740, test 2,771 edges)
    """
    if not isinstance(grn, GRN):
        raise InputError(f"a {type(grn).__name__} cannot be split", fix="make a GRN with build_grn")
    require_list(negatives, "negatives", where="split")
    config = make_config(
        {
            "data": grn.data.model_dump(),
            "features": grn.features.model_dump(),
            "knowledge": grn.knowledge and grn.knowledge.model_dump(),
            "split": spec_of(splits, how, options),
            "evaluation": {"negatives": list(negatives), "ratio": ratio},
            "seed": seed,
        }
    )
    return Split(grn, config, splits.build_from(config.split).split(grn.graph, seed))
