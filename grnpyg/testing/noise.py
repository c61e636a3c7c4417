"""Labels without any rule: what a method scores on them, it was told, and no honest method scores at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from grnpyg.core.seeding import numpy_generator, torch_generator
from grnpyg.data.graph import TF, build_graph, num_nodes
from grnpyg.evaluation.full_ranking import candidate_scores, ranking_candidates
from grnpyg.metrics.classification import auroc
from grnpyg.metrics.ranking import RankingSet, ranking_metrics
from grnpyg.models.baselines import Baseline, baselines
from grnpyg.models.scorer import Scorer
from grnpyg.negatives import evaluation_sets, negatives, training_pairs
from grnpyg.splits import LabelledPairs, LinkSplit, TransductiveSplit
from grnpyg.splits.split_file import Evaluation, held_out_sets
from grnpyg.testing.rules import ensure

SETTINGS = ("uniform", "same_tf")
TOLERANCE = 0.02  # of an AUROC around .5: about four standard errors with three label sets
ROUNDING = 1e-6
SHUFFLES, DEVIATIONS = 10, 4.0  # of the labels, for the interval of AP over chance


@dataclass(frozen=True)
class Noise:
    """A random label set, split and with its pairs drawn.

    Attributes:
        split: 40 % of the edges are for the test.
        evaluation: setting -> subset -> pairs.
        pairs: training pairs.
    """

    split: LinkSplit
    evaluation: Evaluation
    pairs: LabelledPairs


@dataclass(frozen=True)
class OnNoise:
    """What a method scores on noise, means over label sets.

    Attributes:
        auroc: by setting, and as `per_tf` in the full ranking; .5 without information.
        ap_over_chance: 1 without information.
        ap_interval: where it lies if the labels are shuffled below the scores.
    """

    auroc: dict[str, float]
    ap_over_chance: float
    ap_interval: tuple[float, float]


def noise(
    seed: int,
    *,
    density: float = 0.2,
    tfs: int = 40,
    genes: int = 400,
    ratio: float = 1.0,
    sparing: bool = False,
) -> Noise:
    """Every TF regulates every gene with the same probability, whatever their features are.

    Args:
        seed: of labels, features, split and draws.
        density: that probability.
        tfs: how many; half of them are genes as well.
        genes: how many.
        ratio: training negatives per positive.
        sparing: draw training negatives that spare what is held out, see `training_pairs`.
    """
    rng = numpy_generator(seed, "noise")
    names = [f"G{i}" for i in range(genes)]
    sources = [*names[: tfs // 2], *(f"T{i}" for i in range(tfs // 2, tfs))]
    linked = rng.random((tfs, genes)) < density
    linked[np.arange(tfs // 2), np.arange(tfs // 2)] = False  # a TF with its own gene
    named = [(sources[i], names[j]) for i, j in np.argwhere(linked)]
    edges = pd.DataFrame(named, columns=["source", "target"])
    measured = pd.Index([*sources, *names]).unique()
    graph = build_graph(edges, pd.DataFrame(rng.standard_normal((len(measured), 5)), index=measured))
    for kind in ("pearson", "spearman"):
        graph[TF][kind] = 2 * torch.rand(num_nodes(graph), generator=torch_generator(seed, kind)) - 1
    split = TransductiveSplit(val_ratio=0.1, test_ratio=0.4).split(graph, seed)
    evaluation: Evaluation = {}
    for name in SETTINGS:
        earlier = tuple(evaluation.values())
        evaluation[name] = evaluation_sets(split, negatives.build(name), 1.0, seed, earlier=earlier)
    uniform = negatives.build("uniform")
    held_out = held_out_sets(evaluation)
    pairs = training_pairs(split, uniform, ratio, held_out, seed, 0, sparing=sparing)
    return Noise(split, evaluation, pairs)


def on_noise(fit: Callable[[Noise], Scorer], sets: list[Noise]) -> OnNoise:
    """Fit a method on every label set and average what it scores on their test edges."""
    found: dict[str, list[float]] = {name: [] for name in (*SETTINGS, "per_tf")}
    over_chance, shuffled = [], []
    for at, one in enumerate(sets):
        method = fit(one)
        for name in SETTINGS:
            pairs = one.evaluation[name]["test"]
            found[name].append(auroc(pairs.edge_label.numpy(), method.score(pairs.edge_label_index)))
        candidates = ranking_candidates(one.split, "test")
        scores = candidate_scores(method, candidates)
        metrics = ranking_metrics(candidates, scores)
        found["per_tf"].append(metrics["per_tf_auroc"])
        over_chance.append(metrics["ap_over_chance"])
        shuffled.append(_shuffled(candidates, scores, at))
    spread = float(np.std(np.mean(shuffled, axis=0), ddof=1)) * DEVIATIONS
    return OnNoise(
        {name: float(np.mean(values)) for name, values in found.items()},
        float(np.mean(over_chance)),
        (1 - spread, 1 + spread),
    )


def check_on_noise(spec: str | type[Baseline], sets: list[Noise] | None = None, **options: Any) -> None:
    """Check that a baseline learns nothing from labels without any rule.

    AUROC is .5 +- .02 for each TF's genes and for uniform and same-TF negatives, AP over chance within its
    interval. A baseline that scores here reads held-out edges, or something that was made from them.

    Args:
        spec: name, `module:Class` or class.
        sets: from `noise`; by default three.
        options: of the baseline.

    Raises:
        AssertionError: it scores.
    """

    def fit(one: Noise) -> Baseline:
        baseline = baselines.build(spec, **options)
        baseline.fit(one.split, one.pairs)
        return baseline

    ensure_nothing(on_noise(fit, [noise(seed) for seed in range(3)] if sets is None else sets))


def ensure_nothing(found: OnNoise) -> None:
    """Raise AssertionError unless AUROC and AP are those of chance."""
    for name, value in found.auroc.items():
        ensure(abs(value - 0.5) <= TOLERANCE, f"on random labels its AUROC ({name}) is {value:.3f}")
    low, high = found.ap_interval
    ensure(
        low - ROUNDING <= found.ap_over_chance <= high + ROUNDING,
        f"on random labels its AP over chance is {found.ap_over_chance:.3f}, outside {low:.3f} to {high:.3f}",
    )


def _shuffled(candidates: RankingSet, scores: NDArray[Any], seed: int) -> list[float]:
    """AP over chance with the labels of every TF's candidates shuffled, again and again."""
    rng, values = numpy_generator(seed, "shuffled labels"), []
    for _ in range(SHUFFLES):
        label = candidates.label.copy()
        for row, among in zip(label, candidates.candidate, strict=True):
            row[among] = rng.permutation(row[among])
        other = RankingSet(candidates.tf, candidates.gene, label, candidates.candidate, candidates.name)
        values.append(ranking_metrics(other, scores)["ap_over_chance"])
    return values
