"""Distillation: the scores of trained models as a further thing to learn."""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F  # noqa: N812 (PyTorch's own convention)
from torch import Tensor

from grnpyg.core.config import ExperimentConfig, TeacherConfig
from grnpyg.core.errors import InputError
from grnpyg.data.graph import GENE, TF, num_nodes, pair_codes
from grnpyg.evaluation.methods import model_of
from grnpyg.models.losses import EpochPairs, Loss, losses
from grnpyg.models.scorer import TFS_PER_BLOCK, Scorer
from grnpyg.resolve import known_hashes, teacher_configs
from grnpyg.runs import Manifest, Run
from grnpyg.runs.place import find_run
from grnpyg.splits import LinkSplit


def taught_loss(config: ExperimentConfig, runs: Path, split: LinkSplit) -> Taught | None:
    """What an experiment with a teacher minimises; None without one.

    Args:
        config: of the pupil.
        runs: the folder that holds the runs of its teachers.
        split: of the pupil.

    Raises:
        InputError: a teacher is not there, was trained on another split, or gives no logits.
    """
    teacher = config.training.teacher
    if teacher is None:
        return None
    tfs, genes = map(torch.arange, num_nodes(split.graph))
    configs = teacher_configs(config)
    scores = torch.zeros(tfs.numel(), genes.numel())
    for scorer in [_scorer(one, runs, split) for one in configs]:
        for some in tfs.split(TFS_PER_BLOCK):
            scores[some] += torch.from_numpy(scorer.score_all(some, genes)) / len(configs)
    return Taught(losses.build_from(config.loss), scores, teacher)


def teacher_weights(config: ExperimentConfig, runs: Path) -> dict[str, str]:
    """Config hash -> SHA-256 of the weights of every teacher whose run is there: they decide what is learned.

    Args:
        config: of the pupil.
        runs: the folder that holds the runs of its teachers.
    """
    found = {}
    for teacher in teacher_configs(config):
        path = find_run(runs, known_hashes(teacher))
        if path.exists():
            found[path.name] = Manifest.load(path).files["model.safetensors"]
    return found


def _scorer(teacher: ExperimentConfig, runs: Path, split: LinkSplit) -> Scorer:
    """What a teacher scores with."""
    path = find_run(runs, known_hashes(teacher))
    if not path.exists():
        raise InputError(
            "the run of the teacher is not there",
            where=path,
            fix="train it first, with the same --runs, or let `grnpyg train` and `study run` do it",
        )
    run = Run.load(path)
    if not _same_split(run.split, split):
        raise InputError(
            "the teacher was trained on another split: it may know edges that are held out here",
            where=path,
            fix="add --overwrite to train the teacher again, or choose another one",
        )
    scorer = model_of(run)
    if not scorer.gives_logits:
        name = run.manifest.handed_out or run.config.model_name
        what = f"the teacher hands out {name}, whose scores are no logits"
        raise InputError(what, where=path, fix="choose another teacher")
    return scorer


def _same_split(one: LinkSplit, other: LinkSplit) -> bool:
    """Whether both have the same nodes, and the same edges in every subset."""
    nodes = [[list(split.graph[kind].name) for kind in (TF, GENE)] for split in (one, other)]
    if one.positives.keys() != other.positives.keys() or nodes[0] != nodes[1]:
        return False
    codes = [
        [pair_codes(split.graph, split.positives[subset]).sort().values for subset in one.positives]
        for split in (one, other)
    ]
    return all(torch.equal(first, second) for first, second in zip(*codes, strict=True))


class Taught:
    """A loss beside which the scores of a teacher are learned; in place of a `Loss`.

    Args:
        loss: of the labels.
        scores: (num_tfs, num_genes) of the teachers, their mean.
        teacher: how they are learned, and how much they count.
    """

    def __init__(self, loss: Loss, scores: Tensor, teacher: TeacherConfig) -> None:
        self.loss, self.scores, self.teacher = loss, scores, teacher
        self.in_batch = loss.in_batch

    def begin(self, epoch: EpochPairs) -> None:
        """See `Loss.begin`."""
        self.loss.begin(epoch)

    def __call__(self, logits: Tensor, label: Tensor, pairs: Tensor) -> Tensor:
        """See `Loss`."""
        self.scores = self.scores.to(logits.device)  # once
        wanted = self.scores[pairs[0], pairs[1]]
        taught = (
            margin_mse(logits, wanted, label) if self.teacher.loss == "margin_mse" else kl(logits, wanted)
        )
        weight = self.teacher.weight
        if weight == 1:
            return taught
        return weight * taught + (1 - weight) * self.loss(logits, label, pairs)


Objective = Loss | Taught


def margin_mse(logits: Tensor, wanted: Tensor, label: Tensor) -> Tensor:
    """mean over positives p and negatives n of ((s_p - s_n) - (t_p - t_n))^2, (n,) each -> ().

    With d = s - t it is the variance of d over the positives, that over the negatives, and the squared
    difference of the two means.
    """
    off = logits - wanted
    positive, negative = off[label > 0.5], off[label < 0.5]
    if not positive.numel() or not negative.numel():
        return 0 * logits.sum()
    means = positive.mean() - negative.mean()
    return positive.var(correction=0) + negative.var(correction=0) + means**2


def kl(logits: Tensor, wanted: Tensor) -> Tensor:
    """mean divergence of sigmoid(s) from sigmoid(t), (n,), (n,) -> ()."""
    target = wanted.sigmoid()
    entropy = F.binary_cross_entropy_with_logits(wanted, target)
    return F.binary_cross_entropy_with_logits(logits, target) - entropy
