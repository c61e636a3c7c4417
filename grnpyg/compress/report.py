"""What a smaller model costs and keeps, beside the one that it was cut from."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import pandas as pd
from torch import Tensor

from grnpyg.compress.cost import latency_ratio
from grnpyg.compress.plan import pruned_groups
from grnpyg.core.config import PruneConfig
from grnpyg.core.errors import GrnpygError, InputError
from grnpyg.core.seeding import derive
from grnpyg.evaluation.full_ranking import candidate_scores, ranking_candidates
from grnpyg.evaluation.methods import MODEL, Scores, scores_of, scoring_graph
from grnpyg.metrics.gains import ALWAYS
from grnpyg.metrics.method_table import MethodTable
from grnpyg.metrics.ranking import MIN_POSITIVES, RankingSet, ranking_metrics
from grnpyg.metrics.retention import retention
from grnpyg.models.cost import embedding_parameters
from grnpyg.models.importances import importances
from grnpyg.models.importances.profile import Profile
from grnpyg.models.losses import losses
from grnpyg.models.predictor import PairModel
from grnpyg.models.scorer import Scorer, TrainedModel
from grnpyg.models.width_groups import Group
from grnpyg.runs import Run
from grnpyg.runs.draws import epoch_pairs
from grnpyg.runs.tables import METRIC_COLUMNS

COMPRESSION = "compression"  # its name among the settings of a run's table


class Reference:
    """The run that is pruned. What is computed of it serves every pruning that follows.

    Args:
        run: from `Run.load`.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        if run.config.baseline is not None:
            raise InputError(
                f"is the run of the baseline {run.config.model_name}, which has no units to prune",
                where=run.path,
            )
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
            groups = pruned_groups(run.model, *run.specs, step)
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
    def model(self) -> TrainedModel:
        """The run's model."""
        return self._scorer(self.run.model)

    @cached_property
    def scores(self) -> Scores:
        """Setting -> subset -> (num_pairs,) logits of the run's model."""
        return scores_of(self.model, self.run.evaluation)

    @cached_property
    def ranked(self) -> dict[str, RankingSet]:
        """Subset -> the ranking set of the TFs that count in an average over TFs."""
        split = self.run.split
        return {
            subset: _counted(ranking_candidates(split, subset))
            for subset in split.held_out
            if subset != "validation"
        }

    def per_tf_auroc(self, model: Scorer, subset: str) -> float:
        """Mean AUROC over the TFs with enough positives in the subset, all genes ranked; nan without one."""
        candidates = self.ranked[subset]
        if not candidates.tf.size:
            return float("nan")
        return ranking_metrics(candidates, candidate_scores(model, candidates))["per_tf_auroc"]

    def lines(self, model: PairModel) -> pd.DataFrame:
        """Every figure of a smaller model for every held-out subset, as lines of a run's metrics."""
        small = self._scorer(model)
        (setting, subsets), *_ = self.run.evaluation.items()
        cost = self._cost(small)
        lines = []
        for subset, pairs in subsets.items():
            scores = small.score(pairs.edge_label_index), self.scores[setting][subset]
            figures = cost | retention(pairs.edge_label.numpy(), *scores)
            if subset in self.ranked:
                figures["per_tf_auroc"] = self.per_tf_auroc(small, subset)
            lines += [(subset, COMPRESSION, MODEL, name, float(value)) for name, value in figures.items()]
        return pd.DataFrame(lines, columns=METRIC_COLUMNS)

    def _scorer(self, model: PairModel) -> TrainedModel:
        return TrainedModel.of(model, self.graph, self.run.config)

    def _cost(self, small: TrainedModel) -> dict[str, float]:
        own = self._size(small)
        del own["parameters"]  # a column of its own in every table of runs
        before = {f"{name}_before": value for name, value in self._size(self.model).items()}
        latency = latency_ratio(small.model, self.run.model, self.graph, self._pairs)
        return own | before | {"latency_ratio": latency}

    def _size(self, scorer: TrainedModel) -> dict[str, float]:
        return {
            "parameters": scorer.parameters,
            "embedding_parameters": embedding_parameters(scorer.model),
            "macs_per_pair": scorer.macs_per_pair,
            "weight_bytes": weight_bytes(scorer.model),
        }

    @property
    def _pairs(self) -> Tensor:
        return next(iter(next(iter(self.run.evaluation.values())).values())).edge_label_index


def weight_bytes(model: PairModel) -> int:
    """Bytes of the weights, which are the file `model.safetensors` but for its header."""
    return sum(tensor.numel() * tensor.element_size() for tensor in model.state_dict().values())


def compression(run: Run, subset: str = "test") -> dict[str, float]:
    """The stored figures of a pruned run for one subset, with its parameters; empty for an unpruned run."""
    own = run.metrics(subset, [COMPRESSION])
    figures = dict(zip(own["metric"], own["value"], strict=True))
    return {"parameters": float(run.manifest.parameters.total), **figures} if figures else {}


def beside(run: Run, subset: str = "test") -> MethodTable:
    """AUROC and AP of the degree and additive baselines on the pairs that `compression` is measured on."""
    own = run.metrics(subset, run.config.evaluation.negatives[:1], ALWAYS)
    return MethodTable.from_lines(own[own["metric"].isin(["auroc", "ap"])])


def _counted(candidates: RankingSet) -> RankingSet:
    """The rows of the TFs that count in an average over TFs."""
    rows = candidates.positives.sum(axis=1) >= MIN_POSITIVES
    return replace(
        candidates,
        tf=candidates.tf[rows],
        label=candidates.label[rows],
        candidate=candidates.candidate[rows],
    )
