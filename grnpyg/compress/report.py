"""What a smaller model costs and keeps, beside the one that it was cut from."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import spearmanr
from torch import Tensor

from grnpyg.compress.cost import embedding_parameters, latency_ratio, macs_per_pair
from grnpyg.compress.plan import pruned_groups
from grnpyg.core.config import PruneConfig
from grnpyg.core.errors import GrnpygError
from grnpyg.core.seeding import derive
from grnpyg.evaluation.full_ranking import model_table, part_ranking
from grnpyg.evaluation.rows import PartScores, model_scores, scoring_graph
from grnpyg.evaluation.set_metrics import MetricLine
from grnpyg.metrics.classification import auroc, average_precision
from grnpyg.metrics.gains import ALWAYS
from grnpyg.metrics.ranking import MIN_POSITIVES, RankingSet, ranking_metrics
from grnpyg.models.importances import importances
from grnpyg.models.importances.profile import Profile
from grnpyg.models.losses import losses
from grnpyg.models.predictor import LinkPredictor
from grnpyg.models.pruned_widths import model_specs
from grnpyg.models.width_groups import Group
from grnpyg.runs import Run
from grnpyg.runs.draws import epoch_pairs

REGIME = "compression"  # its name among the regimes of a run's table


class Reference:
    """The run that is pruned; what is computed of it is kept for as many prunings as there are.

    Args:
        run: from `Run.load`.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.graph = scoring_graph(run.split, run.config)
        self._units: dict[str, list[tuple[Group, int, Tensor]]] = {}

    def units(self, step: PruneConfig) -> list[tuple[Group, int, Tensor]]:
        """Group, width and the importance of every unit, (width,), of what the step prunes.

        Raises:
            InputError: see `pruned_groups`.
            GrnpygError: the importance gives something else than a finite number per unit.
        """
        key = f"{step.what} {step.importance}"
        if key not in self._units:
            run, importance = self.run, importances.build_from(step.importance)
            groups = pruned_groups(run.model, *model_specs(run.config), step)
            profile = Profile(
                run.model,
                run.split.graph,
                epoch_pairs(run.config, run.split, run.evaluation, epoch=0),
                losses.build_from(run.config.loss),
                groups,
                batch_size=run.config.training.batch_size,
                seed=derive(run.config.seed, "prune", len(run.config.prune) + 1),
            )
            self._units[key] = []
            for group, width in groups:
                score = importance.score(group, width, profile)
                if score.shape != (width,) or not bool(score.isfinite().all()):
                    name = step.importance["name"]
                    raise GrnpygError(f"the importance {name} gives no finite number per unit")
                self._units[key].append((group, width, score))
        return self._units[key]

    @cached_property
    def scores(self) -> PartScores:
        """Regime -> part -> (num_pairs,) logits."""
        return model_scores(self.run.model, self.graph, self.run.evaluation)

    @cached_property
    def ranked(self) -> dict[str, RankingSet]:
        """Part -> the ranking set of the TFs that count in an average over TFs."""
        split = self.run.split
        return {part: _counted(part_ranking(split, part)) for part in split.held_out if part != "validation"}

    def per_tf_auroc(self, model: LinkPredictor, part: str) -> float:
        """Mean AUROC over the TFs with enough positives in the part, all genes ranked; else nan."""
        candidates = self.ranked[part]
        if not candidates.tf.size:
            return float("nan")
        return ranking_metrics(candidates, model_table(model, self.graph, candidates))["per_tf_auroc"]

    def lines(self, model: LinkPredictor) -> list[MetricLine]:
        """Every figure of a smaller model for every held-out part: part, regime, row, metric, value."""
        scores = model_scores(model, self.graph, self.run.evaluation)
        (regime, *_), cost = self.run.evaluation, self._cost(model)
        lines = []
        for part, pairs in self.run.evaluation[regime].items():
            label = pairs.edge_label.numpy()
            figures = cost | kept(label, scores[regime][part], self.scores[regime][part])
            if part in self.ranked:
                figures["per_tf_auroc"] = self.per_tf_auroc(model, part)
            lines += [(part, REGIME, "model", name, float(value)) for name, value in figures.items()]
        return lines

    @cached_property
    def _before(self) -> dict[str, float]:
        return {f"{name}_before": value for name, value in self._size(self.run.model).items()}

    def _cost(self, model: LinkPredictor) -> dict[str, float]:
        own = self._size(model)
        del own["parameters"]  # a column of its own in every table of runs
        latency = latency_ratio(model, self.run.model, self.graph, self._pairs)
        return own | self._before | {"latency_ratio": latency}

    def _size(self, model: LinkPredictor) -> dict[str, float]:
        return {
            "parameters": model.num_parameters()["total"],
            "embedding_parameters": embedding_parameters(model),
            "macs_per_pair": macs_per_pair(model, self.graph, self._pairs),
            "weight_bytes": weight_bytes(model),
        }

    @property
    def _pairs(self) -> Tensor:
        return next(iter(next(iter(self.run.evaluation.values())).values())).edge_label_index


def weight_bytes(model: LinkPredictor) -> int:
    """Bytes of the weights, which are the file `model.safetensors` but for its header."""
    return sum(tensor.numel() * tensor.element_size() for tensor in model.state_dict().values())


def kept(label: NDArray[Any], small: NDArray[Any], large: NDArray[Any]) -> dict[str, float]:
    """AUROC and AP of both scores, the share that the small model keeps, and the Spearman correlation.

    Args:
        label: (n,) 1 for a positive.
        small: (n,) logits of the smaller model.
        large: (n,) logits of the other.
    """
    figures = {
        "auroc": auroc(label, small),
        "auroc_before": auroc(label, large),
        "ap": average_precision(label, small),
        "ap_before": average_precision(label, large),
    }
    constant = np.ptp(small) == 0 or np.ptp(large) == 0
    return figures | {
        "retention_auroc": _over(figures["auroc"], figures["auroc_before"]),
        "retention_ap": _over(figures["ap"], figures["ap_before"]),
        "score_spearman": float("nan") if constant else float(spearmanr(small, large).statistic),
    }


def _over(after: float, before: float) -> float:
    return after / before if before else float("nan")


def compression(run: Run, part: str = "test") -> dict[str, float]:
    """The stored figures of a pruned run for one part, with its parameters; empty for an unpruned run."""
    table = pd.read_parquet(run.path / "metrics.parquet")
    own = table[(table["regime"] == REGIME) & (table["part"] == part)]
    figures = dict(zip(own["metric"], own["value"], strict=True))
    return {"parameters": float(run.manifest["parameters"]["total"]), **figures} if figures else {}


def beside(run: Run, part: str = "test") -> dict[str, dict[str, float]]:
    """Row -> AUROC and AP of the degree and additive rows on the pairs that `compression` is measured on."""
    table = pd.read_parquet(run.path / "metrics.parquet")
    regime = run.config.evaluation.negatives[0]
    own = table[(table["part"] == part) & (table["regime"] == regime) & table["metric"].isin(["auroc", "ap"])]
    return {
        row: dict(zip(lines["metric"], lines["value"], strict=True))
        for row in ALWAYS
        if len(lines := own[own["row"] == row])
    }


def _counted(candidates: RankingSet) -> RankingSet:
    """The rows of the TFs that count in an average over TFs."""
    rows = candidates.positives.sum(axis=1) >= MIN_POSITIVES
    return replace(
        candidates,
        tf=candidates.tf[rows],
        label=candidates.label[rows],
        candidate=candidates.candidate[rows],
    )
